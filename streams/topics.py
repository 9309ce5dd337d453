"""The one registry of topics: names, directions, cleanup, and which must have equal partitions."""

from dataclasses import dataclass
from typing import Literal

from andon.streams.settings import Settings

VERSION = 1
_DAY_MS = 86_400_000


@dataclass(frozen=True)
class TopicSpec:
    """A topic: its family, what keys it, which way it goes, and how long it keeps what.

    A dead letter is the whole original with headers on top, so its topic has `room_bytes` more than the others.
    """

    family: str
    keyed_by: str
    direction: Literal["in", "out", "internal"]
    compact: bool = False
    retention_days: int | None = 7
    co_partitioned: bool = False
    room_bytes: int = 0

    def config(self, settings: Settings) -> dict[str, str]:
        """Return the topic's configuration for the broker."""
        config = {
            "cleanup.policy": "compact" if self.compact else "delete",
            "min.insync.replicas": str(settings.min_insync_replicas),
            "max.message.bytes": str(max(settings.max_message_bytes, 1_048_576) + self.room_bytes),
        }
        if self.compact:
            config["min.cleanable.dirty.ratio"] = "0.3"
            config["segment.ms"] = str(3_600_000)
        elif self.retention_days is not None:
            config["retention.ms"] = str(self.retention_days * _DAY_MS)
        return config


TOPICS = (
    TopicSpec("pos", "location/sku", "in", co_partitioned=True),
    TopicSpec("stock", "location/sku", "in", co_partitioned=True),
    TopicSpec("shipments", "shipment_id", "in", co_partitioned=True),
    TopicSpec("delays", "anything", "in", co_partitioned=True),
    TopicSpec("items", "location/sku", "in", compact=True, co_partitioned=True),
    TopicSpec("suppliers", "supplier", "in", compact=True, co_partitioned=True),
    TopicSpec("locations", "location", "in", compact=True, co_partitioned=True),
    TopicSpec("boms", "location/sku", "in", compact=True, co_partitioned=True),
    TopicSpec("production", "location/line", "in", co_partitioned=True),
    TopicSpec("loops", "location/sku", "in", compact=True, co_partitioned=True),
    TopicSpec("cards", "location/sku", "in", co_partitioned=True),
    TopicSpec("acks", "alert_id", "in", co_partitioned=True),
    TopicSpec("orders.events", "order_id", "in", co_partitioned=True),
    TopicSpec("claims", "order_id", "internal", co_partitioned=True),
    TopicSpec("lines", "location/sku", "internal", co_partitioned=True),
    TopicSpec("needs", "warehouse/sku/location", "internal", compact=True, co_partitioned=True),
    TopicSpec("coverages", "location/line", "internal", co_partitioned=True),
    TopicSpec("advices", "shipment_id", "internal", co_partitioned=True),
    TopicSpec("deliveries", "type/name", "internal", co_partitioned=True),
    TopicSpec("impacts", "delay_id", "internal", co_partitioned=True),
    TopicSpec("fits", "location/sku", "internal"),
    TopicSpec("shapes", "location/sku", "internal", compact=True, co_partitioned=True),
    TopicSpec("state", "table:key", "internal", compact=True, co_partitioned=True),
    TopicSpec("replenishment", "location/sku", "out"),
    TopicSpec("replenishment.shadow", "location/sku", "out"),
    TopicSpec(
        "disruptions", "location/sku, location/line, shipment_id, delay_id or type/name", "out"
    ),
    TopicSpec("board", "alert_id", "out", compact=True),
    TopicSpec("orders", "order_id", "out", compact=True),
    TopicSpec("forecasts", "location/sku", "out", compact=True),
    TopicSpec("scorecards", "type/name", "out", compact=True),
    TopicSpec("surplus", "location/sku", "out", compact=True),
    TopicSpec("structures", "location/sku", "out", compact=True),
    TopicSpec("allocations", "location/sku", "out"),
    TopicSpec("pools", "location/category@partition", "out", compact=True),
    TopicSpec("imports", "first event", "internal", compact=True),
    TopicSpec("files", "connector/kind/file", "internal", compact=True),
    TopicSpec("deadletters", "as found", "out", retention_days=14, room_bytes=65_536),
)
FAMILIES = tuple(spec.family for spec in TOPICS)


def topic_name(settings: Settings, family: str) -> str:
    """Return a family's topic, `<prefix>.<family>.v1`.

    Raises:
        ValueError: there is no such family.
    """
    if family not in FAMILIES:
        msg = f"family: expected one of {', '.join(FAMILIES)}, got {family!r}"
        raise ValueError(msg)
    return f"{settings.prefix}.{family}.v{VERSION}"


def missing(settings: Settings, topic: str) -> str:
    """Return what to say of a topic that is not there: a broker hides what a user may not describe."""
    hidden = "" if settings.security_protocol == "PLAINTEXT" else ", or not shown to this user"
    return f"topic {topic} is missing{hidden}: run `andon topics create`"
