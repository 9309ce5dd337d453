"""The last dead letters, as people read them: when, where from, why, and how the record begins."""

from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from andon.streams.deadletters import MESSAGE, OFFSET, PARTITION, PUT_BACK, REASON, TOPIC

FAMILY: Final = "deadletters"
#: So many are kept, and so many of each partition are read at the start.
MOST: Final = 500
_MOST_TEXT: Final = 300


class Letter(NamedTuple):
    """A record that could not be processed."""

    at: datetime
    topic: str
    partition: str
    offset: str
    reason: str
    message: str
    key: str
    value: str


class Letters:
    """The last dead letters, but for those that were put back."""

    def __init__(self) -> None:
        self._letters: deque[Letter] = deque(maxlen=MOST)
        self._put_back: deque[str] = deque(maxlen=10 * MOST)

    def take(self, record: Any) -> None:
        """Take in a record of the dead letters' topic."""
        headers = dict(record.headers or ())
        if PUT_BACK in headers:
            self._put_back.append(_text(headers[PUT_BACK]))
            return
        self._letters.append(
            Letter(
                at=datetime.fromtimestamp(max(record.timestamp or 0, 0) / 1000, UTC),
                topic=_text(headers.get(TOPIC)),
                partition=_text(headers.get(PARTITION)),
                offset=_text(headers.get(OFFSET)),
                reason=_text(headers.get(REASON)),
                message=_text(headers.get(MESSAGE)),
                key=_text(record.key),
                value=_text(record.value),
            )
        )

    @property
    def newest_first(self) -> Iterable[Letter]:
        """Those that are still to be mended."""
        put_back = set(self._put_back)
        found = (
            one
            for one in self._letters
            if f"{one.topic}:{one.partition}:{one.offset}" not in put_back
        )
        return sorted(found, key=lambda one: one.at, reverse=True)


def _text(value: bytes | None) -> str:
    """Return how a value begins, as text; what is none is written as such."""
    if not value:
        return ""
    text = value[: 4 * _MOST_TEXT].decode("utf-8", "replace")
    return f"{text[:_MOST_TEXT]}…" if len(text) > _MOST_TEXT else text
