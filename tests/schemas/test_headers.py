"""Headers of outgoing records follow the Kafka binding of CloudEvents."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.schemas.headers import cloudevents_headers

AT = datetime(2026, 3, 2, 8, 14, 7, tzinfo=UTC).timestamp()
ARGUMENTS = {
    "event_id": "replenish:store-3/TEA-01:1:1",
    "type": "andon.replenishment.opened",
    "source": "/andon/worker",
    "at": AT,
    "key": "store-3/TEA-01",
}


def test_every_attribute_is_a_header() -> None:
    """Binary content mode: `ce_` and the attribute's name, values in UTF-8."""
    assert dict(cloudevents_headers(**ARGUMENTS)) == {
        "ce_specversion": b"1.0",
        "ce_id": b"replenish:store-3/TEA-01:1:1",
        "ce_type": b"andon.replenishment.opened",
        "ce_source": b"/andon/worker",
        "ce_time": b"2026-03-02T08:14:07Z",
        "ce_partitionkey": b"store-3/TEA-01",
        "content-type": b"application/json",
    }


def test_no_header_comes_twice() -> None:
    """Kafka would allow it, CloudEvents would not know which to believe."""
    names = [name for name, _ in cloudevents_headers(**ARGUMENTS)]
    assert len(names) == len(set(names))


def test_headers_are_utf_8() -> None:
    """Identifiers may hold any text."""
    headers = dict(cloudevents_headers(**ARGUMENTS | {"key": "Käserei/Brie-№1"}))
    assert headers["ce_partitionkey"].decode() == "Käserei/Brie-№1"


@pytest.mark.parametrize("name", ["event_id", "type", "source", "key"])
def test_an_empty_argument_is_named(name: str) -> None:
    """CloudEvents forbids empty attributes."""
    with pytest.raises(ValueError, match=f"^{name}: "):
        cloudevents_headers(**ARGUMENTS | {name: ""})


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_the_time_reads_back(at: datetime) -> None:
    """RFC 3339 in UTC, to the microsecond that a float can hold."""
    headers = dict(cloudevents_headers(**ARGUMENTS | {"at": at.timestamp()}))
    text = headers["ce_time"].decode()
    assert text.endswith("Z")
    assert abs(datetime.fromisoformat(text).timestamp() - at.timestamp()) < 2e-6
