"""A table that is understood as one of its kind: what makes events of its rows."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from andon.connect.imports.events import Made, Skip
from andon.connect.imports.kinds import KINDS, Kind
from andon.connect.imports.mapping import Mapping
from andon.connect.imports.names import folded, names_of
from andon.connect.imports.recognise import Recognised, recognise
from andon.connect.imports.values import Values
from andon.connect.imports.words import SUMS
from andon.connect.tables.columns import Columns
from andon.connect.tables.dates import moment_of
from andon.connect.tables.errors import BadRow, FormatError, MissingColumn
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import DAY_FIRST
from andon.connect.tables.table import Line, Table, is_json, text_of

#: What stands in cells, and not in a head: numbers and dates.
_VALUE: Final = re.compile(r"\d[\d.,:/ -]*")


@dataclass(frozen=True)
class Reading:
    """A table, its columns and what the user says of them; `kept` is what its rows have in common, `unused` what nobody reads."""

    kind: Kind
    mapping: Mapping
    table: Table
    columns: Columns
    values: Values
    kept: Any
    unused: list[str]

    def row(self, line: Line) -> list[Made]:
        """Return the events of a row.

        Raises:
            BadRow: it cannot be.
            Skip: it is right, but nothing to send.
        """
        if line.fault is not None:
            raise BadRow(*line.fault)
        if self._is_head(line):
            raise Skip("the head once more")
        self.values.turn_to(line)
        try:
            return self.kind.build(self.values, self.mapping, self.kept)
        except BadRow as error:
            total = next(
                (one for one in line.cells if isinstance(one, str) and folded(one) in SUMS), None
            )
            if total is None or error.reason == "total":
                raise
            raise BadRow("total", f"{total.strip()!r}: it is the sum of other rows") from error

    def _is_head(self, line: Line) -> bool:
        """Return whether a row is the head of the table again, as where files were put together."""
        head = self.table.head
        return (
            text_of(line.cells[0]).strip() == head[0]
            and [text_of(cell).strip() for cell in line.cells] == head
        )


def prepare(file: InputFile, mapping: Mapping, now: datetime | None) -> Reading:
    """Return what reads a table of `mapping.kind`.

    Args:
        file: the table.
        mapping: what the user says.
        now: when master data without a time of their own were changed, and what no sale is ahead of; None believes all.

    Raises:
        FormatError: it cannot be read without a word from the user.
    """
    kind = KINDS[mapping.kind]
    if is_json(file):
        raise FormatError(
            "these are JSON lines, not a table: `andon replay` or `andon send --file` takes them"
        )
    table = Table(file, mapping.table)
    found = recognise(kind.name, table.head, kind.fields, mapping.columns)
    mapping = _with_time(kind, mapping, found)
    _check_needed(kind, table, found, mapping)
    columns = Columns(table, found.places, {name: kind.holds(name) for name in kind.fields})
    values = Values(
        columns,
        mapping,
        kind.inherited,
        zone_by_row=kind.times_have_zones,
        document=kind.document,
        now=now,
    )
    kept = kind.begin(_master_at(mapping, values, now))
    return Reading(kind, mapping, table, columns, values, kept, found.unused)


def _with_time(kind: Kind, mapping: Mapping, found: Recognised) -> Mapping:
    """Put what `--at` says where the rows of this kind would say it."""
    if mapping.at is None or kind.at is None:
        return mapping
    if kind.at in found.places:
        raise FormatError(
            f"--at: the table says when, in a column of its own; --column {kind.at}= overlooks it"
        )
    return msgspec.structs.replace(mapping, set={**mapping.set, kind.at: mapping.at})


def _master_at(mapping: Mapping, values: Values, now: datetime | None) -> datetime:
    if mapping.at is None:
        return now or datetime.fromtimestamp(0, UTC)
    try:
        return values.at(moment_of(mapping.at, mapping.table.date_format, "--at"))
    except BadRow as error:
        raise FormatError(str(error)) from error


def _without_names(head: list[str]) -> str:
    """Return what to say of a first line that looks like a row and not like names; nothing if it does not."""
    if len(head) == 1:
        return ". It is a single column: if more is meant, say what stands between cells, such as --delimiter ';'"
    values = [one for one in head if _VALUE.fullmatch(one)]
    if not values:
        return ""
    value = values[0]
    if len(values) > 1 and not _VALUE.fullmatch(head[0]) and all(map(_is_day, values)):
        return f". It has a column for each day ({value!r}): a table here has a row for each, with the day in a column of its own"
    return f". {value!r} is no name of a column: the first line has to name them"


def _is_day(text: str) -> bool:
    try:
        moment_of(text, DAY_FIRST, "")
    except BadRow:
        return False
    return True


def _check_needed(kind: Kind, table: Table, found: Recognised, mapping: Mapping) -> None:
    if not table.head:
        raise FormatError("it is empty: no line has anything in it")
    there = found.places.keys() | mapping.set.keys()
    wrong = [name for name in mapping.set if name not in kind.fields]
    if wrong:
        raise FormatError(
            f"--set {wrong[0]}: {kind.name} have no such field, but {', '.join(kind.fields)}"
        )
    for name in kind.needed:
        if name not in there:
            known = ", ".join(names_of(kind.name, name)[1:5])
            raise MissingColumn(
                f"no column is known as {name} (such as {known}); the table has {', '.join(filter(None, table.head)) or 'none'}. "
                f"Say which it is, --column {name}=NAME, or what it is in all rows, --set {name}=VALUE{_without_names(table.head)}"
            )
    if kind.at is not None and kind.at not in there:
        raise FormatError(
            f"no column says when ({', '.join(names_of(kind.name, kind.at)[1:4])}): say it, such as --at 2026-11-28T06:00, or "
            f"name the column, --column {kind.at}=NAME"
        )
    if (
        "location" in kind.fields
        and "location" not in there | set(kind.needed)
        and not mapping.locations
        and not {"moved_from", "moved_to"} <= there
    ):
        raise FormatError(
            f"no column is known as location; the table has {', '.join(filter(None, table.head))}. Say where it all is, "
            "--location NAME, or which column it is, --column location=NAME"
        )
    if len(mapping.locations) > 1 and kind.name != "items":
        raise FormatError(
            f"--location: {kind.name} are of one location each; name one, or a column"
        )
