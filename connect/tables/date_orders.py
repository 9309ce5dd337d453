"""In which order the dates of a column are: told by those that can be only one day, and asked for where none can."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from andon.connect.tables.dates import order_in, two_digits_in
from andon.connect.tables.errors import FormatError
from andon.connect.tables.options import DAY_FIRST, MONTH_FIRST

_LAST_MONTH: Final = 12
#: A date of two digits each, and where it stood.
_Cell = tuple[int, str]


def order_of(cells: Iterable[tuple[int, Any]], column: str) -> str | None:
    """Return in which order the dates of a column are; None if no date of it needs to be told.

    Args:
        cells: lines and what they hold.
        column: its name, for the message.

    Raises:
        FormatError: none decides, or they contradict what they seem to say; the text has one that shows it.
    """
    seen = _Seen()
    for line, cell in cells:
        seen.look(line, cell)
        if seen.is_certain:
            break
    seen.check(column)
    if seen.order is not None or seen.unsure is None:
        return seen.order
    line, text = seen.unsure
    raise FormatError(
        f"column {column!r}: every date could be day-first or month-first, such as {text!r} in line {line}: say which, "
        f"--date-format {DAY_FIRST} or --date-format {MONTH_FIRST}"
    )


class _Seen:
    """What the dates of a column have shown so far."""

    def __init__(self) -> None:
        self.order: str | None = None
        self.unsure: _Cell | None = None
        self._decided: _Cell | None = None
        #: The first date that is none of text, and whether all such could be swapped.
        self._typed: tuple[int, date] | None = None
        self._all_low = True
        self._short: _Cell | None = None
        self._firsts: set[str] = set()
        self._lasts: set[str] = set()

    @property
    def is_certain(self) -> bool:
        """Whether no further cell can matter: a text of four digits has decided, and there are none of other kinds."""
        return self.order is not None and self._typed is None and self._short is None

    def look(self, line: int, cell: Any) -> None:
        """Look at a cell."""
        if isinstance(cell, date):
            self._typed = self._typed or (line, cell)
            self._all_low = self._all_low and cell.day <= _LAST_MONTH
        if not isinstance(cell, str):
            return
        parts = two_digits_in(cell)
        if parts is not None:
            self._short = self._short or (line, cell)
            self._firsts.add(parts[0])
            self._lasts.add(parts[1])
        order = order_in(cell)
        if order == "?":
            self.unsure = self.unsure or (line, cell)
        elif order is not None and self.order is None:
            self.order, self._decided = order, (line, cell)

    def check(self, column: str) -> None:
        """Refuse what contradicts itself.

        Raises:
            FormatError: years seem to stand in front, or a program has swapped days and months.
        """
        if self._short is not None and len(self._lasts) > len(self._firsts):
            line, text = self._short
            raise FormatError(
                f"column {column!r}: {text!r} in line {line} seems to begin with the year, for its last part changes more often "
                "than its first: say --date-format YY-MM-DD, or how else it is written"
            )
        text_shows = self._decided or self.unsure
        if self._typed is not None and text_shows is not None and self._all_low:
            (line, day), (other, text) = self._typed, text_shows
            raise FormatError(
                f"column {column!r} has dates (the first in line {line}, {day:%Y-%m-%d}), none of them after the 12th of a month, and "
                f"texts such as {text!r} in line {other}: a spreadsheet has probably swapped the days and months of those that it took "
                f"for dates. Export it again as CSV; if all are right, say --date-format {self.order or DAY_FIRST}"
            )
