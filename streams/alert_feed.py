"""Alerts as they are read from their topics: decoded, each change once, and which are still open."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from andon.schemas.alerts import Alert

FAMILIES = ("replenishment", "disruptions")
SHADOW = ("replenishment.shadow",)


def decoded(records: Iterable[Any]) -> Iterator[Alert]:
    """Yield the alerts that records hold; what is none, or a deletion, is left out."""
    decoder = msgspec.json.Decoder(Alert)
    for record in records:
        if record.value:
            try:
                yield decoder.decode(record.value)
            except msgspec.MsgspecError:
                # Written by a newer Andon or by someone else: nothing a reader of alerts could act on.
                continue


def word_of(alert: Alert) -> tuple[int, int]:
    """Return what tells which of two changes of an alert is the newer: a zombie's word never is."""
    return alert.epoch, alert.revision


class LastWords:
    """The last word on each alert, as far as an alert topic was read."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, int]] = {}

    def is_news(self, alert: Alert) -> bool:
        """Take in a change; False if it repeats what was said, or is older than that."""
        word = word_of(alert)
        if word <= self._last.get(alert.alert_id, (-1, -1)):
            return False
        self._last[alert.alert_id] = word
        return True


def unrepeated(said: Iterable[Alert], known: LastWords | None = None) -> Iterator[Alert]:
    """Yield each change of an alert once, and none that is older than one before it.

    A restart may repeat the last changes, and a worker that lost its partition may say what its successor contradicts
    (decision 0013). The changes of an alert come in the order of its topic; `known` are the words before them.
    """
    known = known or LastWords()
    return (alert for alert in said if known.is_news(alert))


def still_open(said: Iterable[Alert]) -> list[Alert]:
    """Return the last word on each alert that is not resolved, oldest first."""
    last: dict[str, Alert] = {}
    for alert in said:
        known = last.get(alert.alert_id)
        if known is None or word_of(alert) >= word_of(known):
            last[alert.alert_id] = alert
    return [alert for alert in last.values() if alert.status != "resolved"]
