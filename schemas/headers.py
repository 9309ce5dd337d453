"""CloudEvents headers of outgoing records: Kafka protocol binding 1.0.2, binary content mode, partitioning extension."""

from typing import Final

from andon.schemas.common import utc

SPEC_VERSION: Final = ("ce_specversion", b"1.0")
#: The epoch of the writer, on every record that a worker publishes.
EPOCH: Final = "andon-epoch"
CONTENT_TYPE: Final = ("content-type", b"application/json")


def cloudevents_headers(
    event_id: str, type: str, source: str, at: float, key: str
) -> list[tuple[str, bytes]]:
    """Return the headers that make a record with a JSON value a CloudEvent.

    Args:
        event_id: names the event; with `source` it is unique, and a repeat carries the same one.
        type: what happened, such as `andon.replenishment.opened`.
        source: who says so, a URI reference such as `/andon/worker`.
        at: when it happened, seconds since 1970.
        key: the record's key.

    Raises:
        ValueError: an argument is empty, which CloudEvents forbids, or `at` is no instant of the years 1 to 9999.
    """
    if not (event_id and type and source and key):
        empty = next(
            name
            for name, value in (
                ("event_id", event_id),
                ("type", type),
                ("source", source),
                ("key", key),
            )
            if not value
        )
        msg = f"{empty}: may not be empty"
        raise ValueError(msg)
    return [
        SPEC_VERSION,
        ("ce_id", event_id.encode()),
        ("ce_type", type.encode()),
        ("ce_source", source.encode()),
        ("ce_time", utc(at).isoformat().replace("+00:00", "Z").encode()),
        ("ce_partitionkey", key.encode()),
        CONTENT_TYPE,
    ]
