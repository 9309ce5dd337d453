"""The columns of a table that are wanted, each read in the way that its own cells show."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Final, Literal

from andon.connect.tables.date_orders import order_of
from andon.connect.tables.dates import NO_DATES, Moment, moment_of
from andon.connect.tables.encodings import is_damaged
from andon.connect.tables.errors import BadRow
from andon.connect.tables.numbers import Marks, measure_of, number_of
from andon.connect.tables.table import Line, Table, text_of

Kind = Literal["text", "number", "date"]
#: So many rows at most are looked at for decimal marks; dates are looked at until one decides.
_ROWS: Final = 50_000
_MOST_ROWS: Final = 2**62


#: What databases and programs write where there is nothing.
NOTHING: Final = frozenset(
    [
        "NULL",
        "null",
        "(null)",
        "(NULL)",
        "<null>",
        "[NULL]",
        "\\N",
        "NaN",
        "nan",
        "NaT",
        "None",
        "N/A",
        "n/a",
    ]
)


class Columns:
    """Reads cells of the wanted columns: what is missing or empty is None."""

    def __init__(self, table: Table, places: Mapping[str, int], kinds: Mapping[str, Kind]) -> None:
        """Find out how numbers and dates are written.

        Args:
            table: the table.
            places: where each wanted field stands, counted from 0.
            kinds: what each field holds; text if it is not said.

        Raises:
            FormatError: it cannot be told; the text says which option to give.
        """
        self.places = dict(places)
        self._heads = {name: table.head[place] for name, place in places.items()}
        said = table.options
        numbers = [name for name in places if kinds.get(name) == "number"]
        dates = [name for name in places if kinds.get(name) == "date"]
        self.decimals: dict[str, str | None] = dict.fromkeys(numbers, said.decimal)
        self.forms: dict[str, str | None] = dict.fromkeys(dates, said.date_format)
        if said.decimal is None and numbers and not table.is_excel:
            self._decide_decimals(table, numbers)
        if said.date_format is None:
            for name in dates:
                cells = table.column(places[name], _MOST_ROWS)
                self.forms[name] = order_of(cells, self._heads[name])

    def _decide_decimals(self, table: Table, numbers: list[str]) -> None:
        seen = {name: Marks() for name in numbers}
        together = Marks()
        for line in islice(table, _ROWS):
            if line.fault is None:
                for name in numbers:
                    cell = line.cells[self.places[name]]
                    seen[name].see(line.number, cell)
                    together.see(line.number, cell)
        for name in numbers:
            self.decimals[name] = seen[name].decided(self._heads[name], together)

    @property
    def understood(self) -> dict[str, str]:
        """What the cells have shown: the decimal mark and the order of dates, where any needs one."""
        marks = sorted({mark for mark in self.decimals.values() if mark is not None})
        orders = sorted({form for form in self.forms.values() if form is not None})
        shown = {"decimal": " ".join(marks), "dates": " ".join(orders)}
        return {name: text for name, text in shown.items() if text}

    def text(self, line: Line, field: str) -> str | None:
        """Return a text, its blanks at both ends left out; None if there is none.

        Raises:
            BadRow: it was damaged before it came here.
        """
        cell = self.cell(line, field)
        if cell is None:
            return None
        text = text_of(cell).strip()
        if is_damaged(text):
            raise BadRow("encoding", f"{self._heads[field]}: {text!r} holds signs that were lost")
        return text or None

    def number(self, line: Line, field: str) -> Decimal | None:
        """Return a number; None if there is none.

        Raises:
            BadRow: the cell holds none.
        """
        cell = self.cell(line, field)
        return None if cell is None else number_of(cell, self.decimals[field], self._heads[field])

    def measured(self, line: Line, field: str) -> tuple[Decimal, str] | None:
        """Return a number and the unit that stands behind it in its cell, if one does; None if there is none.

        Raises:
            BadRow: the cell holds none, or an amount of money.
        """
        cell = self.cell(line, field)
        if cell is None:
            return None
        return measure_of(cell, self.decimals[field], self._heads[field])

    def moment(self, line: Line, field: str) -> Moment | None:
        """Return when a cell says; None if it is empty.

        Raises:
            BadRow: it holds no date.
        """
        cell = self.cell(line, field)
        if cell is None or (isinstance(cell, str) and cell.strip() in NO_DATES):
            return None
        return moment_of(cell, self.forms[field], self._heads[field])

    def cell(self, line: Line, field: str) -> Any:
        """Return what stands there; None if nothing does."""
        place = self.places.get(field)
        if place is None:
            return None
        cell = line.cells[place]
        if isinstance(cell, str):
            bare = cell.strip()
            return cell if bare and bare not in NOTHING else None
        return cell

    def head(self, field: str) -> str:
        """Return what the file calls a field, or the field's own name if the file has it not."""
        return self._heads.get(field, field)


def plain_number(number: Decimal) -> str:
    """Return a number as JSON and msgspec read it."""
    return format(number, "f")


def plain_date(moment: Moment) -> str:
    """Return a moment as ISO writes it, the day alone where no time stood."""
    at: datetime | date = moment.at if moment.has_time else moment.at.date()
    return at.isoformat()
