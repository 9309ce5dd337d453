"""Settings: environment variables `ANDON_*`, an optional `andon.toml`, and what the command line overrides."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

CONFIG_VARIABLE = "ANDON_CONFIG"


class SettingsError(ValueError):
    """A setting is wrong; the text has one line for each and says where it can be set."""


class Settings(BaseSettings):
    """All settings of a worker and of the command line; environment wins over the file, the command line over both."""

    model_config = SettingsConfigDict(env_prefix="ANDON_", frozen=True, extra="forbid")

    broker: str = Field("127.0.0.1:9092", description="Kafka servers, host:port, comma separated")
    prefix: str = Field("andon", pattern=r"^[a-zA-Z0-9._-]+$", description="first part of topics")
    application_id: str | None = Field(None, description="consumer group; default <prefix>-worker")
    partitions: int = Field(4, ge=1, le=10_000, description="of every co-partitioned topic")
    replication_factor: int = Field(1, ge=1, le=100)
    min_insync_replicas: int = Field(1, ge=1, le=100)

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ssl_ca_file: Path | None = None
    ssl_cert_file: Path | None = None
    ssl_key_file: Path | None = None
    ssl_key_password: SecretStr | None = None
    ssl_check_hostname: bool = True

    checkpoint_interval_seconds: float = Field(0.5, gt=0, le=60)
    checkpoint_max_dirty_keys: int = Field(50_000, ge=1)
    max_poll_records: int = Field(5000, ge=1)
    stream_buffer_batches: int = Field(8, ge=1, le=1024)
    session_timeout_seconds: float = Field(10, ge=1, le=30)
    heartbeat_interval_seconds: float = Field(3, gt=0, le=10)

    metrics_host: str = Field("127.0.0.1", description="where /metrics is served; loopback only")
    metrics_port: int = Field(9108, ge=0, le=65535, description="0 takes any free port")
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    log_format: Literal["console", "json"] = "console"

    allowed_lateness_hours: float = Field(24, ge=0, le=24 * 90)
    earliest_event_time: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    max_event_ahead_hours: float = Field(24, ge=0)
    max_message_bytes: int = Field(1_048_576, ge=1024)
    duplicate_window: int = Field(32, ge=1, le=4096, description="events remembered per item")
    data_dir: Path = Field(Path(".andon"), description="the embedded broker's data")

    @property
    def app_id(self) -> str:
        """The consumer group of the workers."""
        return self.application_id or f"{self.prefix}-worker"

    @property
    def servers(self) -> list[str]:
        """The Kafka servers, each `host:port`."""
        return [server.strip() for server in self.broker.split(",")]

    @field_validator("broker")
    @classmethod
    def _servers_have_ports(cls, broker: str) -> str:
        for server in broker.split(","):
            host, _, port = server.strip().rpartition(":")
            if not host or not port.isdigit() or not 0 < int(port) < 65536 or "@" in host:
                msg = f"expected host:port[,host:port...], got {broker!r}"
                raise ValueError(msg)
        return broker

    @model_validator(mode="after")
    def _sasl_is_whole(self) -> Self:
        sasl = self.security_protocol.startswith("SASL")
        given = [self.sasl_mechanism, self.sasl_username, self.sasl_password]
        if sasl and not all(given):
            msg = (
                f"security_protocol {self.security_protocol} needs sasl_mechanism, sasl_username "
                "and sasl_password (ANDON_SASL_MECHANISM, ...)"
            )
            raise ValueError(msg)
        if not sasl and any(given):
            msg = "sasl_* is set, but security_protocol is not SASL_SSL or SASL_PLAINTEXT"
            raise ValueError(msg)
        if self.heartbeat_interval_seconds * 2 > self.session_timeout_seconds:
            msg = "heartbeat_interval_seconds must be at most half of session_timeout_seconds"
            raise ValueError(msg)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the arguments, then the environment, then the file."""
        del dotenv_settings, file_secret_settings
        path = Path(os.environ.get(CONFIG_VARIABLE, "andon.toml"))
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, path))


def load_settings(**overrides: Any) -> Settings:
    """Return the settings; overrides that are None count as not given.

    Raises:
        SettingsError: a value is wrong, or the file named by ANDON_CONFIG does not exist.
    """
    path = os.environ.get(CONFIG_VARIABLE)
    if path and not Path(path).is_file():
        msg = f"{CONFIG_VARIABLE}: there is no file {path}"
        raise SettingsError(msg)
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, fault['loc'])) or 'settings'}: {fault['msg']}"
            + (f" (ANDON_{str(fault['loc'][0]).upper()})" if fault["loc"] else "")
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise SettingsError("\n".join(lines)) from None
