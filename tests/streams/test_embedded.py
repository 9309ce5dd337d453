import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from andon.streams import embedded
from andon.streams.admin import BrokerUnavailable, answers
from andon.streams.embedded import BrokerProcess, EmbeddedBroker, EmbeddedBrokerMissing, free_port


@pytest.fixture
def started(tmp_path):
    with EmbeddedBroker(tmp_path / "broker") as running:
        yield running


def _gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def _until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _write(running, count):
    producer = KafkaProducer(bootstrap_servers=running.bootstrap)
    for number in range(count):
        producer.send("t", b"%d" % number).get(10)
    producer.close()


def _end(running):
    consumer = KafkaConsumer(bootstrap_servers=running.bootstrap)
    part = TopicPartition("t", 0)
    consumer.assign([part])
    try:
        return consumer.end_offsets([part])[part]
    finally:
        consumer.close()


@pytest.mark.integration
def test_it_answers_as_soon_as_start_returns_and_no_more_after_stop(tmp_path, capfd):
    running = EmbeddedBroker(tmp_path / "broker")
    assert running.pid is None
    running.start()
    pid = running.pid
    assert answers(running.bootstrap)
    running.start()
    assert running.pid == pid, "starting it twice starts it once"
    running.stop()
    assert _gone(pid)
    assert not answers(running.bootstrap)
    running.stop()
    assert "GLIBC" not in "".join(capfd.readouterr())


@pytest.mark.integration
def test_a_restart_keeps_the_port_and_every_record(started):
    port = started.port
    _write(started, 50)
    started.restart()
    assert started.port == port
    assert _end(started) == 50


@pytest.mark.integration
def test_it_can_be_started_again_after_a_kill(started):
    pid = started.pid
    started.kill()
    assert _gone(pid)
    started.start()
    _write(started, 3)
    assert _end(started) == 3


@pytest.mark.integration
def test_a_ctrl_c_in_the_terminal_is_not_for_it(started):
    assert os.getpgid(started.pid) == started.pid != os.getpgid(0)


@pytest.mark.integration
@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_it_dies_with_its_parent(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from andon.streams.embedded import EmbeddedBroker;"
        "b = EmbeddedBroker(Path(sys.argv[1])); b.start(); print(b.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with parent:
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    _until(lambda: _gone(pid))


def test_a_port_that_is_taken_is_said_so(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BrokerUnavailable, match=f"port {port} is taken"):
            EmbeddedBroker(tmp_path, port).start()


class _Script(BrokerProcess):
    kind = "scripted"
    start_seconds = 0.5
    code = ""

    def command(self):
        return [sys.executable, "-c", self.code]


def test_one_that_dies_says_its_last_words_without_the_linkers(tmp_path):
    script = _Script(tmp_path)
    script.code = (
        "import sys; print('weak version `GLIBC_2.39 not found', file=sys.stderr);"
        "print('disk full', file=sys.stderr); sys.exit(3)"
    )
    script.start_seconds = 20
    with pytest.raises(BrokerUnavailable) as caught:
        script.start()
    text = str(caught.value)
    assert text.endswith("(exit code 3): disk full")
    assert script.pid is None


def test_one_that_never_answers_is_given_up_and_killed(tmp_path):
    script = _Script(tmp_path)
    script.code = "import time; time.sleep(60)"
    with pytest.raises(BrokerUnavailable, match="no answer in time"):
        script.start()
    assert script.pid is None


def test_a_broker_that_is_not_installed_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded.util, "find_spec", lambda _: None)
    monkeypatch.setattr(embedded.shutil, "which", lambda _: None)
    with pytest.raises(EmbeddedBrokerMissing, match=r"pip install 'andon\[embedded\]'"):
        EmbeddedBroker(tmp_path).start()


def test_free_ports_are_free():
    with socket.create_server(("127.0.0.1", free_port())):
        pass
