import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from andon.streams.settings import Settings, SettingsError, load_settings

SASL = {"sasl_mechanism": "PLAIN", "sasl_username": "buyer", "sasl_password": "s3cret"}


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ["CONFIG", *(field.upper() for field in Settings.model_fields)]:
        monkeypatch.delenv(f"ANDON_{name}", raising=False)


def test_the_defaults_are_a_broker_of_ones_own_machine():
    settings = load_settings()
    assert settings.servers == ["127.0.0.1:9092"]
    assert settings.app_id == "andon-worker"
    assert settings.metrics_host == "127.0.0.1"
    assert settings.earliest_event_time == datetime(2000, 1, 1, tzinfo=UTC)


def test_every_setting_says_what_it_is():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_arguments_win_over_the_environment_and_the_environment_over_the_file(monkeypatch):
    Path("andon.toml").write_text('prefix = "file"\npartitions = 7\nlog_level = "error"\n')
    monkeypatch.setenv("ANDON_PREFIX", "environment")
    monkeypatch.setenv("ANDON_PARTITIONS", "8")
    settings = load_settings(prefix="argument", broker=None)
    assert (settings.prefix, settings.partitions, settings.log_level) == ("argument", 8, "error")


def test_the_file_may_be_elsewhere(monkeypatch, tmp_path):
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text('application_id = "mine"\n')
    monkeypatch.setenv("ANDON_CONFIG", str(elsewhere))
    assert load_settings().app_id == "mine"


def test_an_empty_variable_counts_as_not_set(monkeypatch):
    monkeypatch.setenv("ANDON_SASL_USERNAME", "")
    assert load_settings().sasl_username is None


def test_settings_do_not_change():
    with pytest.raises(ValidationError):
        load_settings().prefix = "other"


WRONG = [
    ({"broker": "localhost"}, "broker: expected host:port"),
    ({"broker": "a:1,b"}, "broker: expected host:port"),
    ({"broker": "a:0"}, "broker: expected host:port"),
    ({"broker": "a:99999"}, "broker: expected host:port"),
    ({"broker": "kafka://a:1"}, "broker: expected host:port"),
    ({"broker": "me:pass@a:1"}, "broker: expected host:port"),
    ({"prefix": "my topics"}, "prefix:"),
    ({"partitions": 0}, "partitions:"),
    ({"partitions": "four"}, "partitions:"),
    ({"metrics_port": 70000}, "metrics_port:"),
    ({"checkpoint_interval_seconds": 0}, "checkpoint_interval_seconds:"),
    ({"checkpoint_interval_seconds": "nan"}, "checkpoint_interval_seconds:"),
    ({"log_level": "loud"}, "log_level:"),
    ({"earliest_event_time": "2000-01-01T00:00:00"}, "earliest_event_time:"),
    ({"heartbeat_interval_seconds": 9}, "heartbeat_interval_seconds must be at most half"),
    ({"min_insync_replicas": 2}, "min_insync_replicas must be at most replication_factor"),
    ({"security_protocol": "TLS"}, "security_protocol:"),
    ({"security_protocol": "SASL_SSL"}, "needs sasl_mechanism (ANDON_SASL_MECHANISM)"),
    (
        {"security_protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "sasl_password": "s3cret"},
        "security_protocol SASL_SSL needs sasl_username (ANDON_SASL_USERNAME)",
    ),
    (SASL, "needs security_protocol SASL_SSL or SASL_PLAINTEXT, not PLAINTEXT"),
    ({"ssl_ca_file": "/no/such.pem"}, "ssl_ca_file: there is no file /no/such.pem"),
    ({"ssl_ca_file": __file__}, "needs security_protocol SSL or SASL_SSL, not PLAINTEXT"),
    ({"security_protocol": "SSL", "ssl_key_file": __file__}, "ssl_key_file needs ssl_cert_file"),
    ({"partitons": 4}, "partitons: there is no such setting"),
]


@pytest.mark.parametrize(("overrides", "text"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_value_is_named(overrides, text):
    with pytest.raises(SettingsError) as caught:
        load_settings(**overrides)
    assert text in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert "s3cret" not in str(caught.value)


def test_each_wrong_value_has_a_line_that_says_where_to_set_it(monkeypatch):
    monkeypatch.setenv("ANDON_PARTITIONS", "many")
    with pytest.raises(SettingsError) as caught:
        load_settings(metrics_port=-1)
    first, second = sorted(str(caught.value).splitlines())
    assert first.startswith("metrics_port: ")
    assert first.endswith("(ANDON_METRICS_PORT)")
    assert second.startswith("partitions: ")
    assert second.endswith("(ANDON_PARTITIONS)")


def test_a_file_that_is_missing_or_not_toml_is_a_settings_error(monkeypatch):
    Path("andon.toml").write_text("prefix = = 1\n")
    with pytest.raises(SettingsError, match=r"andon\.toml: not TOML"):
        load_settings()
    monkeypatch.setenv("ANDON_CONFIG", "nowhere.toml")
    with pytest.raises(SettingsError, match=r"ANDON_CONFIG: there is no file nowhere\.toml"):
        load_settings()


def test_secrets_never_show(caplog):
    settings = load_settings(security_protocol="SASL_SSL", ssl_key_password="s3cret", **SASL)
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("%s %r", settings, settings)
    shown = [repr(settings), str(settings), settings.model_dump_json(), caplog.text]
    shown += [json.dumps(settings.model_dump(mode="json")), str(settings.model_dump())]
    assert not any("s3cret" in text for text in shown)
    with pytest.raises(ValidationError) as caught:
        Settings(**SASL)
    assert "s3cret" not in str(caught.value)


def test_a_secret_is_read_from_a_mounted_file_and_the_environment_wins(monkeypatch, tmp_path):
    (tmp_path / "andon_sasl_password").write_text("from a file\n")
    monkeypatch.setenv("ANDON_SECRETS_DIR", str(tmp_path))
    given = {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_username": "andon",
    }
    assert load_settings(**given).sasl_password.get_secret_value() == "from a file"
    monkeypatch.setenv("ANDON_SASL_PASSWORD", "from outside")
    assert load_settings(**given).sasl_password.get_secret_value() == "from outside"


def test_a_folder_of_secrets_that_is_not_there_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("ANDON_SECRETS_DIR", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="ANDON_SECRETS_DIR: there is no folder"):
        load_settings()
