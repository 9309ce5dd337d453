"""Reading a table whole: what was understood, what becomes of every row, and the events, which nobody has sent yet."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec

from andon.connect.imports.events import Skip
from andon.connect.imports.grain import grain_of
from andon.connect.imports.kinds import Kind
from andon.connect.imports.mapping import Mapping
from andon.connect.imports.reading import prepare
from andon.connect.imports.sales import Days
from andon.connect.imports.spool import Spool
from andon.connect.imports.values import Values
from andon.connect.tables.columns import Columns
from andon.connect.tables.errors import BadRow
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import TableOptions
from andon.connect.tables.table import Table

_SHOWN_EVENTS: Final = 10
_SHOWN_LINES: Final = 5
_SHOW_EVERY: Final = 2000
_PARTS: Final = (
    "if they are parts of a whole, such as shelves or batches, name the column that tells them apart (--column area=NAME), or add "
    "them up in the file"
)


@dataclass
class Group:
    """Rows that one thing is wrong with, or that are left out for one reason."""

    count: int = 0
    lines: list[int] = field(default_factory=list)
    example: str = ""

    def add(self, line: int, text: str = "") -> None:
        """Count a row."""
        self.count += 1
        if len(self.lines) < _SHOWN_LINES:
            self.lines.append(line)
        self.example = self.example or text


@dataclass
class Survey:
    """What was understood of a table, and the account of its rows: `rows` = `read` + skipped + refused."""

    understood: dict[str, Any]
    columns: dict[str, str]
    unused: list[str]
    mapping: Mapping
    rows: int = 0
    read: int = 0
    events: int = 0
    skipped: dict[str, Group] = field(default_factory=dict)
    refused: dict[str, Group] = field(default_factory=dict)
    preview: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: Why nothing of it can be sent before the user has said something.
    stopped: str | None = None

    def skip(self, line: int, reason: str) -> None:
        """Count a row that is left out."""
        self.skipped.setdefault(reason, Group()).add(line)

    def refuse(self, line: int, reason: str, text: str) -> None:
        """Count a row that cannot be."""
        head = text.partition(":")[0]
        is_column = head in self.columns.values() or head in self.columns or head == "location"
        name = f"{reason} {head}" if is_column else reason
        self.refused.setdefault(name, Group()).add(line, text)

    def unread(self, line: int, reason: str, text: str) -> None:
        """Refuse a row after it was read."""
        self.read -= 1
        self.refuse(line, reason, text)

    @property
    def balanced(self) -> bool:
        """Whether every row is accounted for."""
        left = sum(one.count for one in (*self.skipped.values(), *self.refused.values()))
        return self.rows == self.read + left

    def as_dict(self, file: str, before: int, sent: int | None) -> dict[str, Any]:
        """Return everything for scripts.

        Args:
            file: its name.
            before: how many of the events were imported before.
            sent: how many were sent; None if nobody said yes.
        """
        return {
            "kind": self.mapping.kind,
            "file": file,
            "understood": self.understood,
            "columns": self.columns,
            "unused": self.unused,
            "preview": self.preview,
            "notes": self.notes,
            "stopped": self.stopped,
            "rows": self.rows,
            "read": self.read,
            "skipped": {name: asdict(group) for name, group in self.skipped.items()},
            "refused": {name: asdict(group) for name, group in self.refused.items()},
            "balanced": self.balanced,
            "events": self.events,
            "imported_before": before,
            "sent": sent,
        }


def survey(
    file: InputFile,
    mapping: Mapping,
    spool: Spool,
    *,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> Survey:
    """Read a table of `mapping.kind`, and fill the spool with its events.

    Raises:
        FormatError: it cannot be read without a word from the user.
    """
    reading = prepare(file, mapping, now)
    kind, table, columns, values, kept = (
        *(reading.kind, reading.table, reading.columns, reading.values, reading.kept),
    )
    made = Survey(
        understood={**table.understood, **columns.understood},
        columns={name: table.head[place] for name, place in columns.places.items()},
        unused=reading.unused,
        mapping=_resolved(mapping, table, columns),
    )
    for line in table:
        made.rows += 1
        try:
            events = reading.row(line)
        except Skip as reason:
            made.skip(line.number, str(reason))
        except BadRow as error:
            made.refuse(line.number, error.reason, str(error))
        else:
            _keep(made, spool, kind, line.number, events)
        if made.rows % _SHOW_EVERY == 0:
            progress(made.rows)
    if not made.rows:
        made.notes.append("it has a head, and no rows")
    for event in kind.finish(kept):
        _show(made, event.value)
        spool.add(0, event)
    made.events = len(spool)
    _remark(made, kind, values, kept, table)
    return made


def _keep(made: Survey, spool: Spool, kind: Kind, line: int, events: list[Any]) -> None:
    for event in events:
        known, first = spool.add(line, event)
        if known == "new":
            _show(made, event.value)
        elif kind.repeats == "refuse" or (kind.once is not None and known == "other"):
            text = (
                f"the same as line {first}: which one counts cannot be told; {kind.once or _PARTS}"
            )
            spool.drop(line)
            made.refuse(line, "twice", text)
            if spool.drop(first):
                made.read -= 1
                made.refuse(first, "twice", text)
            return
        elif known == "same":
            made.skip(line, "stands there twice")
            return
        else:
            made.refuse(
                line,
                "twice",
                f"its receipt and line stood in line {first}, and said something else",
            )
            return
    made.read += 1


def _show(made: Survey, value: bytes) -> None:
    if len(made.preview) < _SHOWN_EVENTS:
        fields = msgspec.json.decode(value)
        fields.pop("event_id", None)
        made.preview.append(fields)


def _resolved(mapping: Mapping, table: Table, columns: Columns) -> Mapping:
    """Return the mapping with what was found out of the table, so that the next one is read alike."""
    understood = {**table.understood, **columns.understood}
    decimal, order = understood.get("decimal", ""), understood.get("dates", "")
    said = mapping.table
    resolved = TableOptions(
        delimiter=said.delimiter
        or {"tab": "\t"}.get(understood.get("delimiter", ""), understood.get("delimiter")),
        decimal=said.decimal or (decimal if len(decimal) == 1 else None),
        date_format=said.date_format or (order if " " not in order else None) or None,
        encoding=said.encoding,
        sheet=said.sheet,
        head_line=said.head_line,
    )
    names = {name: table.head[place] for name, place in columns.places.items()}
    return msgspec.structs.replace(
        mapping, at=None, table=resolved, columns={**mapping.columns, **names}
    )


def _remark(made: Survey, kind: Kind, values: Values, kept: Any, table: Table) -> None:
    if values.numeric_codes and table.is_excel:
        made.notes.append(
            "codes are numbers in this sheet: zeros that Excel shows in front of them are not in the file"
        )
    if kind.name in ("sales", "stock", "orders") and values.naive:
        hint = ": --time-zone names another" if values.zone.key == "UTC" else ""
        made.notes.append(f"times without an offset are taken as {values.zone.key}{hint}")
    if kind.name == "stock" and values.timeless:
        made.notes.append("counts without a time of day are taken at the end of their day")
    if isinstance(kept, Days) and made.mapping.grain != "day":
        grain = grain_of(kept.days)
        if grain is not None:
            made.stopped = (
                f"its rows seem to be one for each {grain}, not for each day ({len(kept.days)} dates): sales of a {grain} on one day "
                "would teach a demand that never was. Export sales by day or by receipt; if they are of one day each, say --grain day"
            )
