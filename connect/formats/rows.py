"""What becomes of a row of a file."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from andon.schemas.common import Record


class FormatError(ValueError):
    """The file is not what it was said to be."""


class BadRow(ValueError):
    """A row that cannot be; `reason` is one of a few words that can be counted."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Published:
    """A row that became records, each with its family and its event time (seconds since 1970)."""

    line: int
    outcome: str
    records: tuple[tuple[str, float, Record], ...]
    units: int = 0


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is right, but nothing to publish."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that cannot be, which belongs to the dead letters; `family` is where it would have gone."""

    line: int
    reason: str
    text: str
    raw: str
    family: str


Row = Published | Skipped | Bad


def csv_rows(
    file: TextIO, columns: tuple[tuple[str, ...], ...], name: str
) -> Iterator[tuple[int, list[str], tuple[str, ...] | None]]:
    """Yield line number, cells as found, and the wanted columns' cells (None if the row has not as many as the head).

    Args:
        file: opened with `newline=""`.
        columns: the wanted columns, each with the names it goes by.
        name: of the format, for the message.

    Raises:
        FormatError: the head lacks a column.
    """
    reader = csv.reader(file)
    head = [cell.strip().lstrip("\ufeff") for cell in next(reader, [])]
    places = []
    for names in columns:
        place = next((head.index(name) for name in names if name in head), None)
        if place is None:
            msg = f"this is no {name} file: its first line has no column {names[0]!r}"
            raise FormatError(msg)
        places.append(place)
    width = len(head)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, [str(error)], None
            continue
        if not cells:
            continue
        wanted = tuple([cells[place] for place in places]) if len(cells) == width else None
        yield reader.line_num, cells, wanted
