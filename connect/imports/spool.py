"""The events of a table between reading and sending: on disk, in the order of their time, each known by its name."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, Self

from andon.connect.imports.events import Made, content_digest, digest, named

_CACHE_KIB: Final = 65_536
_SCHEMA: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
CREATE TABLE events (line INTEGER, at REAL, family TEXT, key TEXT, value BLOB, name BLOB, content BLOB);
CREATE TABLE seen (identity BLOB PRIMARY KEY, count INTEGER, content BLOB, line INTEGER) WITHOUT ROWID;
CREATE TABLE taken (name BLOB PRIMARY KEY, content BLOB) WITHOUT ROWID;
"""
_JOINED: Final = "FROM events LEFT JOIN taken ON taken.name = events.name"


#: What an event is beside those before it: new, the same as one, or another under its number.
Known = Literal["new", "same", "other"]


@dataclass(frozen=True, slots=True)
class Spooled:
    """An event as it is sent; `name` and `content` are empty for master data."""

    line: int
    at: float
    family: str
    key: str
    value: bytes
    name: bytes
    content: bytes


class Spool:
    """Keeps events in a temporary database that goes with it; a context manager."""

    def __init__(self) -> None:
        # A database without a name is a temporary file that spills what does not fit into its cache.
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.executescript(f"PRAGMA cache_size = -{_CACHE_KIB};{_SCHEMA}BEGIN;")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def add(self, line: int, event: Made) -> tuple[Known, int]:
        """Keep an event; return what it is beside those before it, and the line of the first of its identity.

        An event that is known by its content alone is new, however often it comes; one that is known by a number is the same, or
        another under that number, and is not kept.
        """
        known, first, value, name = self.named(line, event)
        if known == "new":
            self._base.execute(
                "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
                (line, event.at, event.family, event.key, value, name or None, event.content),
            )
        return known, first

    def named(self, line: int, event: Made) -> tuple[Known, int, bytes, bytes]:
        """Return what an event is beside those before it, the line of the first of its identity, its bytes and its name."""
        if not event.identity:
            return (*self._once(line, event), event.value, b"")
        before = self._base.execute(
            "SELECT count, content, line FROM seen WHERE identity = ?", (event.identity,)
        ).fetchone()
        count, content, first = before or (0, event.content, line)
        if before is not None and event.content:
            return ("same" if content == event.content else "other"), first, event.value, b""
        self._base.execute(
            "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)",
            (event.identity, count + 1, event.content, first),
        )
        return "new", first, *named(event.value, event.identity, count + 1)

    def _once(self, line: int, event: Made) -> tuple[Known, int]:
        """Return what master data are beside those of their key before them, and the line of the first."""
        key, content = digest("key", event.family, event.key), content_digest(event.value.hex())
        before = self._base.execute(
            "SELECT content, line FROM seen WHERE identity = ?", (key,)
        ).fetchone()
        if before is not None:
            return ("same" if before[0] == content else "other"), before[1]
        self._base.execute("INSERT INTO seen VALUES (?, 1, ?, ?)", (key, content, line))
        return "new", line

    def drop(self, line: int) -> bool:
        """Forget the events of a line; return whether there was one."""
        return self._base.execute("DELETE FROM events WHERE line = ?", (line,)).rowcount > 0

    def note_taken(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Note the names and contents of events that were sent some other time."""
        self._base.executemany("INSERT OR REPLACE INTO taken VALUES (?, ?)", entries)

    def taken(self) -> int:
        """Return how many events were sent before."""
        return self._count("taken.name IS NOT NULL")

    def changed(self) -> list[int]:
        """Return the lines of events that were sent before with another content."""
        rows = self._base.execute(
            f"SELECT line {_JOINED} WHERE taken.content <> events.content ORDER BY line"
        )
        return [line for (line,) in rows]

    def to_send(self) -> int:
        """Return how many events have not been sent."""
        return self._count("taken.name IS NULL")

    def families(self) -> list[str]:
        """Return the families of the events that have not been sent."""
        rows = self._base.execute(f"SELECT DISTINCT family {_JOINED} WHERE taken.name IS NULL")
        return sorted(family for (family,) in rows)

    def _count(self, where: str) -> int:
        found: int = self._base.execute(f"SELECT COUNT(*) {_JOINED} WHERE {where}").fetchone()[0]
        return found

    def __len__(self) -> int:
        found: int = self._base.execute("SELECT COUNT(*) FROM events").fetchone()[0]
        return found

    def __iter__(self) -> Iterator[Spooled]:
        """Yield what has not been sent, in the order of time."""
        rows = self._base.execute(
            f"SELECT line, at, family, key, value, events.name, events.content {_JOINED} "
            "WHERE taken.name IS NULL ORDER BY at, events.rowid"
        )
        for line, at, family, key, value, name, content in rows:
            yield Spooled(line, at, family, key, value, name or b"", content)
