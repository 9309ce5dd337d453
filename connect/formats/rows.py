"""What becomes of a row of a file."""

from collections.abc import Iterator
from dataclasses import dataclass

from andon.connect.tables.errors import BadRow, FormatError
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import TableOptions
from andon.connect.tables.table import Table, text_of
from andon.schemas.common import Record

__all__ = ["Bad", "BadRow", "FormatError", "Published", "Row", "Skipped", "csv_rows"]


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
    source: InputFile, columns: tuple[tuple[str, ...], ...], name: str, options: TableOptions
) -> Iterator[tuple[int, list[str], tuple[str, ...] | None]]:
    """Yield line number, cells as found, and the wanted columns' cells (None if the row cannot be read by columns).

    Args:
        source: the file.
        columns: the wanted columns, each with the names it goes by.
        name: of the format, for the message.
        options: what is said of the file.

    Raises:
        FormatError: the head lacks a column, or the file is no table.
    """
    table = Table(source, options)
    places = []
    for names in columns:
        place = next((table.head.index(name) for name in names if name in table.head), None)
        if place is None:
            msg = f"this is no {name} file: its first line has no column {names[0]!r}"
            raise FormatError(msg)
        places.append(place)
    for line in table:
        cells = [text_of(cell) for cell in line.cells] if table.is_excel else line.cells
        wanted = tuple([cells[place] for place in places]) if line.fault is None else None
        yield line.number, cells, wanted
