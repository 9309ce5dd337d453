"""A view takes what it can read, and no record of its topic ends a worker."""

import pytest

from andon.agents.supply import Scorecards, Surpluses
from andon.streams.view import TopicView


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"S/A", b"words"),
        (b"S/A", b'{"quantity":1}'),
        (
            b"S/A",
            b'{"location":"S","sku":"A","updated_at":"2026-01-01T00:00:00Z","quantity":1e300}',
        ),
        (b"no slash", b"{}"),
        (b"\xff/A", b"{}"),
    ],
)
@pytest.mark.parametrize("view", [Surpluses, Scorecards])
def test_a_record_that_cannot_be_read_is_passed_over_and_told(key, value, view, caplog):
    refused = []
    topic = TopicView("andon.surplus.v1", {}, view().learn, lambda: refused.append(1))
    topic.take(key, value)
    assert len(refused) == 1
    assert "andon.surplus.v1" in caplog.text


def test_a_record_without_a_key_says_nothing():
    TopicView("andon.surplus.v1", {}, Surpluses().learn).take(None, b"words")
