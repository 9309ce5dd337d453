import subprocess
import sys

import pytest
from kafka import KafkaAdminClient
from support.brokers import ExternalBroker, broker_for_tests, group_members, remove_members

_MEMBER = """
import sys
from kafka import KafkaConsumer
consumer = KafkaConsumer(sys.argv[3], bootstrap_servers=sys.argv[1], group_id=sys.argv[2])
while not consumer.assignment():
    consumer.poll(200)
print("ready", flush=True)
while True:
    consumer.poll(200)
"""


def test_the_environment_chooses_the_broker(monkeypatch, tmp_path):
    monkeypatch.delenv("KAFKA_BOOTSTRAP", raising=False)
    for kind in ("embedded", "apache"):
        monkeypatch.setenv("ANDON_TEST_BROKER", kind)
        assert broker_for_tests(tmp_path).kind == kind
    monkeypatch.setenv("ANDON_TEST_BROKER", "pigeon")
    with pytest.raises(ValueError, match="ANDON_TEST_BROKER"):
        broker_for_tests(tmp_path)
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "kafka:9092")
    assert isinstance(broker_for_tests(tmp_path), ExternalBroker)


@pytest.mark.integration
def test_a_successor_gets_the_work_of_a_killed_member_that_was_removed(settings):
    with KafkaAdminClient(bootstrap_servers=settings.broker) as admin:
        admin.create_topics({settings.prefix: {"num_partitions": 2, "replication_factor": 1}})
        admin.wait_for_topics([settings.prefix])
    group = settings.app_id
    command = [sys.executable, "-c", _MEMBER, settings.broker, group, settings.prefix]
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as member:
            assert member.stdout.readline() == b"ready\n"
            members = group_members(settings.broker, group)
            member.kill()
        assert len(members) == 1
        remove_members(settings.broker, group, members)
