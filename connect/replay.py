"""Publishing a file of real events: each row at its pace, in its order, and into the account."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from andon.connect.account import Account
from andon.connect.formats.rows import Bad, Published, Row
from andon.schemas.common import encode
from andon.schemas.families import FAMILIES
from andon.streams import deadletters
from andon.streams.bulk import BulkPublisher
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

#: Says which line of which file a dead letter was.
LINE_HEADER = "andon-line"
FILE_HEADER = "andon-file"
_FLUSH_SECONDS = 0.1
_SHOW_EVERY = 2000
FAMILIES_PUBLISHED = (
    *(name for name, family in FAMILIES.items() if family.direction == "in"),
    "deadletters",
)


class Replay:
    """Publishes rows at a pace, and keeps the account."""

    def __init__(
        self, settings: Settings, publisher: BulkPublisher, name: str, speed: float
    ) -> None:
        self.account = Account()
        self._settings = settings
        self._publisher = publisher
        self._name = name
        self._speed = speed
        self._started = time.monotonic()
        self._first: float | None = None
        self._flushed = self._started

    async def row(self, row: Row) -> None:
        """Publish what a row holds."""
        self.account.enter(row)
        if isinstance(row, Published):
            for family, at, record in row.records:
                await self.record(family, at, record)
        elif isinstance(row, Bad):
            await self._dead_letter(row)

    async def record(self, family: str, at: float, record: Any) -> None:
        """Publish one record when it is its turn."""
        if self._speed:
            await self._wait(at)
        key_of = FAMILIES[family].key_of
        key = key_of(record).encode() if key_of is not None else b""
        await self._publisher.add(family, key, encode(record))

    async def _wait(self, at: float) -> None:
        if self._first is None:
            self._first = at
        due = self._started + (at - self._first) / self._speed
        now = time.monotonic()
        if now - self._flushed > _FLUSH_SECONDS or due > now:
            await self._publisher.flush()
            self._flushed = time.monotonic()
        if due > now:
            await asyncio.sleep(due - now)

    async def _dead_letter(self, row: Bad) -> None:
        headers = [
            (deadletters.EXCEPTION, b"BadRow"),
            (deadletters.MESSAGE, row.text.encode()),
            (deadletters.TOPIC, topic_name(self._settings, row.family).encode()),
            (deadletters.REASON, b"not_json" if row.reason == "not_json" else b"invalid"),
            (FILE_HEADER, self._name.encode()),
            (LINE_HEADER, str(row.line).encode()),
        ]
        key = f"{self._name}:{row.line}".encode()
        value = row.raw.encode("utf-8", "replace")[: deadletters.KEPT_BYTES]
        await self._publisher.add("deadletters", key, value, headers)


async def publish_rows(replay: Replay, rows: Iterator[Row], *, by_time: bool) -> AsyncIterator[int]:
    """Publish rows in their order or, where they have none, in the order of time; yield the rows so far."""
    later: list[tuple[str, float, Any]] = []
    for row in rows:
        if by_time and isinstance(row, Published):
            replay.account.enter(row)
            later.extend(row.records)
        else:
            await replay.row(row)
        if replay.account.rows % _SHOW_EVERY == 0:
            yield replay.account.rows
    later.sort(key=lambda timed: timed[1])
    for family, at, record in later:
        await replay.record(family, at, record)
