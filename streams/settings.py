"""Settings: environment variables `ANDON_*`, mounted secrets, an optional `andon.toml`, and what the command line overrides."""

import os
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    AwareDatetime,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from andon.streams.errors import UserError

CONFIG_VARIABLE = "ANDON_CONFIG"
DEFAULT_CONFIG = "andon.toml"
#: A folder of files named like the variables, in small letters (`andon_sasl_password`), as Docker and Kubernetes mount secrets.
SECRETS_VARIABLE = "ANDON_SECRETS_DIR"


class SettingsError(UserError, ValueError):
    """A setting is wrong; the text has one line for each and says where it can be set."""


class Settings(BaseSettings):
    """All settings of a worker and of the command line; environment wins over the file, the command line over both."""

    model_config = SettingsConfigDict(
        env_prefix="ANDON_",
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,  # the input of an error may be a password
    )

    broker: str = Field("127.0.0.1:9092", description="Kafka servers, host:port, comma separated")
    prefix: str = Field(
        "andon",
        pattern=r"^[a-zA-Z0-9._-]+$",
        max_length=200,
        description="first part of the topics' names",
    )
    application_id: str | None = Field(None, description="consumer group; default <prefix>-worker")
    partitions: int = Field(4, ge=1, le=10_000, description="of every topic made")
    replication_factor: int = Field(1, ge=1, le=100, description="copies of every topic made")
    min_insync_replicas: int = Field(
        1, ge=1, le=100, description="copies that must have a record before it counts as written"
    )

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="how to talk to Kafka"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = Field(
        None, description="how to log in"
    )
    sasl_username: str | None = Field(None, description="who logs in")
    sasl_password: SecretStr | None = Field(None, description="never printed or logged")
    ssl_ca_file: Path | None = Field(
        None, description="PEM of the authorities to trust; default those of the system"
    )
    ssl_cert_file: Path | None = Field(None, description="PEM of our own certificate")
    ssl_key_file: Path | None = Field(None, description="PEM of its key, if not in ssl_cert_file")
    ssl_key_password: SecretStr | None = Field(None, description="never printed or logged")
    ssl_check_hostname: bool = Field(True, description="the broker's certificate names its host")

    checkpoint_interval_seconds: float = Field(
        0.5, gt=0, le=60, description="at most this long until state is durable"
    )
    checkpoint_max_dirty_keys: int = Field(
        50_000, ge=1, description="a checkpoint comes sooner when so many keys changed"
    )
    max_live_books: int = Field(
        200_000, ge=1, description="books kept decoded; beyond, those not used lately take a fifth"
    )
    forecaster_metrics_port: int = Field(
        9118, ge=0, le=65535, description="where a forecaster serves its metrics; 0 serves none"
    )
    forecaster_processes: int = Field(1, ge=1, le=64, description="processes that fit shapes")
    forecaster_cpu_share: float = Field(
        1.0, gt=0, le=1, description="share of its time that such a process may compute"
    )
    max_poll_records: int = Field(5000, ge=1, description="records of one fetch")
    stream_buffer_batches: int = Field(
        8, ge=1, le=1024, description="record batches waiting before fetching pauses"
    )
    shutdown_timeout_seconds: float = Field(
        25.0,
        gt=0,
        le=600,
        description="a worker that cannot end well in this time, because no broker answers, ends as it is",
    )
    session_timeout_seconds: float = Field(
        10, ge=1, le=30, description="silence after which the group gives a worker's work away"
    )
    heartbeat_interval_seconds: float = Field(
        1,
        gt=0,
        le=10,
        description="how soon a worker hears that others come and go; at most half of session_timeout_seconds",
    )

    metrics_host: str = Field(
        "127.0.0.1", description="where /metrics listens; loopback unless told otherwise"
    )
    metrics_names: str = Field(
        "", description="further host names, with commas, that a worker's pages may be asked by"
    )
    metrics_port: int = Field(9108, ge=0, le=65535, description="0 takes any free port")
    metrics_locations: int = Field(
        100, ge=1, le=100_000, description="so many have series of their own; the rest are `other`"
    )
    just_in_case_days: float = Field(
        28, ge=0, le=365, description="cover of the policy that released cash is compared with"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="what is logged"
    )
    log_format: Literal["console", "json"] = Field("console", description="for people or machines")

    transfer_days: float = Field(
        1.0, gt=0, le=60, description="how long goods take from one location to another"
    )
    transfer_cost_rate: float = Field(
        0.05, ge=0, le=10, description="cost of such a transfer, as a share of the goods' value"
    )
    allowed_lateness_hours: float = Field(
        24, ge=0, le=24 * 90, description="how long a day's demand waits for late sales"
    )
    earliest_event_time: AwareDatetime = Field(
        datetime(2000, 1, 1, tzinfo=UTC), description="older events are dead letters"
    )
    max_event_ahead_hours: float = Field(
        24, ge=0, description="events further in the future are dead letters"
    )
    max_message_bytes: int = Field(1_048_576, ge=1024, description="larger ones are dead letters")
    duplicate_window: int = Field(
        32, ge=1, le=4096, description="events remembered per item, however old"
    )
    duplicate_days: float = Field(
        2.0, ge=0, le=31, description="how long the events of an item are remembered besides"
    )
    duplicate_most: int = Field(
        16_384, ge=0, le=1_000_000, description="events remembered per item besides, 21 bytes each"
    )
    clear_path: bool = Field(
        False, description="apply sales without the fast copies: the same results, far slower"
    )
    compiled_path: bool = Field(
        True,
        description="apply plain sales by the compiled loop, where it was built (make compiled)",
    )
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
            if not host or not port.isdigit() or not 0 < int(port) < 65536 or set("@/") & set(host):
                msg = f"expected host:port[,host:port...], got {broker!r}"
                raise ValueError(msg)
        return broker

    @field_validator("ssl_ca_file", "ssl_cert_file", "ssl_key_file")
    @classmethod
    def _file_is_there(cls, path: Path | None) -> Path | None:
        if path is not None and not path.is_file():
            msg = f"there is no file {path}"
            raise ValueError(msg)
        return path

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        protocol = self.security_protocol
        sasl = ("sasl_mechanism", "sasl_username", "sasl_password")
        given = [name for name in sasl if getattr(self, name) is not None]
        missing = [name for name in sasl if name not in given]
        if protocol.startswith("SASL") and missing:
            msg = f"security_protocol {protocol} needs {_named(missing)}"
            raise ValueError(msg)
        if given and not protocol.startswith("SASL"):
            msg = f"{_named(given)} needs security_protocol SASL_SSL or SASL_PLAINTEXT, not {protocol}"
            raise ValueError(msg)
        tls = ("ssl_ca_file", "ssl_cert_file", "ssl_key_file", "ssl_key_password")
        given = [name for name in tls if getattr(self, name) is not None]
        if given and not protocol.endswith("SSL"):
            msg = f"{_named(given)} needs security_protocol SSL or SASL_SSL, not {protocol}"
            raise ValueError(msg)
        if self.ssl_key_file is not None and self.ssl_cert_file is None:
            msg = f"ssl_key_file needs {_named(['ssl_cert_file'])}"
            raise ValueError(msg)
        if self.heartbeat_interval_seconds * 2 > self.session_timeout_seconds:
            msg = "heartbeat_interval_seconds must be at most half of session_timeout_seconds"
            raise ValueError(msg)
        if self.min_insync_replicas > self.replication_factor:
            msg = "min_insync_replicas must be at most replication_factor"
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
        """Read the arguments, then the environment, then mounted secrets, then the file."""
        del dotenv_settings, file_secret_settings
        path = Path(os.environ.get(CONFIG_VARIABLE, DEFAULT_CONFIG))
        secrets = os.environ.get(SECRETS_VARIABLE)
        mounted = (SecretsSettingsSource(settings_cls, secrets),) if secrets else ()
        return (init_settings, env_settings, *mounted, TomlConfigSettingsSource(settings_cls, path))


def _named(fields: list[str]) -> str:
    return ", ".join(f"{field} (ANDON_{field.upper()})" for field in fields)


def load_settings(**overrides: Any) -> Settings:
    """Return the settings; overrides that are None count as not given.

    Raises:
        SettingsError: a value is wrong, or the file named by ANDON_CONFIG does not exist, or a file is not TOML.
    """
    path = os.environ.get(CONFIG_VARIABLE)
    if path and not Path(path).is_file():
        msg = f"{CONFIG_VARIABLE}: there is no file {path}"
        raise SettingsError(msg)
    secrets = os.environ.get(SECRETS_VARIABLE)
    if secrets and not Path(secrets).is_dir():
        msg = f"{SECRETS_VARIABLE}: there is no folder {secrets}"
        raise SettingsError(msg)
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except tomllib.TOMLDecodeError as error:
        msg = f"{path or DEFAULT_CONFIG}: not TOML: {error}"
        raise SettingsError(msg) from error
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        raise SettingsError(
            "\n".join(_line(fault["loc"], fault["msg"]) for fault in faults)
        ) from None


def _line(where: tuple[int | str, ...], fault: str) -> str:
    fault = fault.removeprefix("Value error, ")
    if not where:
        return fault
    name = str(where[0])
    if name not in Settings.model_fields:
        return f"{name}: there is no such setting"
    return f"{name}: {fault} (ANDON_{name.upper()})"
