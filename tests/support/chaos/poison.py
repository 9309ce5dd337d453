"""Puts a record that no version wrote into a changelog, as new as the newest there: an older one would be a zombie's."""

import random
from collections import Counter

from kafka import KafkaProducer
from support.workers import read

from andon.agents.tables import TABLES
from andon.streams.producer import partition_of
from andon.streams.settings import Settings
from andon.streams.state import Codec
from andon.streams.topics import topic_name


def poison(settings: Settings, key: str, chance: random.Random) -> None:
    """Write some bytes under this key, with the newest epoch of its partition."""
    place = partition_of(key.encode(), settings.partitions)
    newest: Counter[int] = Counter()
    codec = Codec({spec.name: spec for spec in TABLES})
    for record in read(settings, "state"):
        epoch = codec.epoch(record.value, record.headers)
        if epoch is not None:
            newest[record.partition] = max(newest[record.partition], epoch)
    value = newest[place].to_bytes(4, "big") + b"\xc1" + chance.randbytes(20)
    with KafkaProducer(bootstrap_servers=settings.servers) as producer:
        producer.send(topic_name(settings, "state"), value, key.encode(), partition=place).get(30)
