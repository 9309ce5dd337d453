import inspect
import ssl
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from andon.streams.security import (
    aiokafka_config,
    faust_broker_urls,
    faust_credentials,
    kafka_python_config,
)
from andon.streams.settings import load_settings

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


def _settings(protocol, mechanism="SCRAM-SHA-512", **more):
    sasl = {"sasl_mechanism": mechanism, "sasl_username": "buyer", "sasl_password": "s3cret"}
    if not protocol.startswith("SASL"):
        sasl = {}
    return load_settings(broker="a:1,b:2", security_protocol=protocol, **sasl, **more)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("client", [KafkaAdminClient, KafkaConsumer, KafkaProducer])
def test_kafka_python_knows_every_argument(client, protocol):
    config = kafka_python_config(_settings(protocol))
    assert set(config) <= set(client.DEFAULT_CONFIG)
    assert config["bootstrap_servers"] == ["a:1", "b:2"]
    assert config["security_protocol"] == protocol


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("client", [AIOKafkaConsumer, AIOKafkaProducer, AIOKafkaAdminClient])
def test_aiokafka_knows_every_argument(client, protocol):
    assert set(aiokafka_config(_settings(protocol))) <= set(inspect.signature(client).parameters)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_faust_tells_aiokafka_the_same_as_we_do(protocol, mechanism):
    settings = _settings(protocol, mechanism)
    credentials, context = faust_credentials(settings)
    told = credentials_to_aiokafka_auth(credentials, context)
    ours = aiokafka_config(settings)
    assert (told.pop("ssl_context", None) is None) == (ours.pop("ssl_context", None) is None)
    del ours["bootstrap_servers"]
    assert told == ours


def test_no_secret_is_in_a_url_or_in_what_faust_prints():
    settings = _settings("SASL_SSL")
    credentials, _ = faust_credentials(settings)
    urls = faust_broker_urls(settings)
    assert [str(url) for url in urls] == ["kafka://a:1", "kafka://b:2"]
    assert "s3cret" not in f"{urls}{credentials!r}{credentials}"


@pytest.mark.parametrize("check", [True, False])
def test_certificates_are_always_verified_and_host_names_unless_told_otherwise(check):
    context = kafka_python_config(_settings("SSL", ssl_check_hostname=check))["ssl_context"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname is check


@pytest.mark.parametrize(("password", "told"), [(None, ""), ("s3cret", "s3cret")])
def test_a_locked_key_without_password_fails_rather_than_asks_at_the_terminal(
    monkeypatch, password, told
):
    calls = []
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", lambda _, *args: calls.append(args))
    file = Path(__file__)
    kafka_python_config(_settings("SSL", ssl_cert_file=file, ssl_key_password=password))
    assert calls == [(file, None, told)]
