"""`andon doctor`: what it says of this machine and of a real broker, and its exit code."""

import json
import socket

import pytest
from support.command import andon

from andon.cli import doctor as command
from andon.cli import main
from andon.streams.admin import TopicAdmin
from andon.streams.embedded import free_port
from andon.streams.findings import Finding


def seen(*arguments):
    code, out, err = andon("doctor", "--json", *arguments)
    assert err == ""
    found = json.loads(out)
    return code, {
        check: [one for one in found if one["check"] == check]
        for check in {one["check"] for one in found}
    }


def test_without_a_broker_this_machine_is_checked_and_the_fault_says_what_to_do(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    broker = f"127.0.0.1:{free_port()}"
    code, found = seen("--broker", broker)
    assert code == 1
    [fault] = found["broker"]
    assert fault["level"] == "fault"
    assert fault["text"].startswith(f"no Kafka broker answers at {broker}: start one")
    assert {"versions", "codecs", "disk", "ports"} <= set(found)
    assert found["versions"][-1]["level"] == found["codecs"][-1]["level"] == "ok"


def test_a_port_that_another_program_has_is_said_with_what_to_do(monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("ANDON_METRICS_PORT", str(port))
        _, found = seen("--broker", f"127.0.0.1:{free_port()}")
    [one] = [one for one in found["ports"] if str(port) in one["text"]]
    assert (one["level"], "ANDON_METRICS_PORT" in one["remedy"]) == ("warning", True)


def test_each_finding_is_told_as_it_is_found(monkeypatch, capsys):
    told = []

    def there(*_):
        told.append(capsys.readouterr().out)
        yield Finding("broker", "ok", "it answers")

    monkeypatch.setattr(command, "_there", there)
    main.code_of(["doctor"])
    assert "versions" in told[0]
    assert "it answers" not in told[0]
    assert "it answers" in capsys.readouterr().out


@pytest.mark.integration
def test_missing_topics_are_faults_and_topics_as_they_must_be_are_none(settings):
    where = ("--broker", settings.broker, "--prefix", settings.prefix)
    code, found = seen(*where)
    assert code == 1
    assert all("run `andon topics create`" in one["text"] for one in found["topics"])
    with TopicAdmin(settings) as admin:
        admin.create()
    code, found = seen(*where, "--probe")
    assert code == 0, found
    assert [one["level"] for one in found["topics"]] == ["ok"]
    [clock] = found["clock"]
    assert clock["level"] == "ok"
    assert "the broker's clock is" in clock["text"]
    assert "no worker of group" in found["group"][0]["text"]
    with TopicAdmin(settings) as admin:
        assert f"{settings.prefix}.doctor.v1" not in admin.existing()


@pytest.mark.integration
def test_people_get_a_line_for_each_finding_and_one_for_what_to_do(topics):
    code, out, _ = andon("doctor", "--broker", topics.broker, "--prefix", topics.prefix)
    assert code == 0
    assert "ok     topics" in out
    assert "start one: andon worker" in out
    assert "0 faults, " in out
