"""Numbers as people write them: decimal commas, thousands, currencies, minus signs behind."""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from andon.connect.tables.errors import BadRow, FormatError

_CURRENCY: Final = r"(?:[€$£¥₹₽zł]+|[A-Z]{2,3}\$?|Fr\.|kr\.?)"
_AROUND: Final = re.compile(rf"^{_CURRENCY}\s*(?=[-+(\d.,])|(?<=[\d).,-])\s*{_CURRENCY}$")
#: Spaces (also those that are thin, or do not break) and apostrophes between thousands.
_GAPS: Final = re.compile(r"(?<=\d)[ \u00a0\u2002-\u200a\u202f'\u2019](?=\d{3}(?:\D|$))")
#: Marks of the direction of writing and of no width, which come along when numbers are copied.
_UNSEEN: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
#: A number and the words behind it.
_UNIT: Final = re.compile(r"^(?P<number>.*[\d)])\s*(?P<unit>[^\W\d_]+\.?(?:\s[^\W\d_]+\.?)?)$")
_PLAIN: Final = re.compile(
    r"^(?:\d+|\d{1,3}(?:[.,]\d{3})+)?(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?$", re.ASCII
)
_OTHER: Final = {",": ".", ".": ","}


def _bare(text: str) -> tuple[str, bool]:
    """Return a number without what stands around it, and whether it is negative."""
    text = _amount(text)
    if text.startswith("(") and text.endswith(")"):
        return _amount(text[1:-1]), True
    if text.endswith("-") and len(text) > 1:
        return _amount(text[:-1]), True
    for sign in ("-", "\u2212"):
        if text.startswith(sign):
            return _amount(text[1:]), True
    return _amount(text.removeprefix("+")), False


def _amount(text: str) -> str:
    """Return a number without its currency and the gaps between its thousands."""
    if not text.isascii():
        text = _UNSEEN.sub("", text)
    return _GAPS.sub("", _AROUND.sub("", text.strip()).strip())


def with_unit(text: str) -> tuple[str, str]:
    """Return a number, and the unit that stands behind it; none is an empty text."""
    if text[-1:].isdigit():
        return text, ""
    found = _UNIT.match(text.strip())
    return (text, "") if found is None else (found["number"], found["unit"])


@lru_cache(maxsize=65_536)
def mark_in(text: str) -> str | None:
    """Return which decimal mark a number shows: `,` or `.`; `?` if either may be meant; None if it shows none."""
    bare, _ = _bare(text)
    commas, points = bare.count(","), bare.count(".")
    if commas and points:
        last = max(",.", key=bare.rfind)
        return last if bare.count(last) == 1 else None
    if not commas and not points:
        return None
    mark = "," if commas else "."
    if commas + points > 1:
        return _OTHER[mark]
    whole, _, rest = bare.partition(mark)
    if len(rest) == 3 and rest.isdigit() and 1 <= len(whole) <= 3 and not whole.startswith("0"):
        return "?"
    return mark


class Marks:
    """What the numbers of a column have shown of its decimal mark, each with the first line and number that did."""

    def __init__(self) -> None:
        self.first: dict[str, tuple[int, str]] = {}

    def see(self, line: int, cell: Any) -> None:
        """Look at a cell."""
        if isinstance(cell, str) and cell:
            mark = mark_in(with_unit(cell)[0])
            if mark is not None and mark not in self.first:
                self.first[mark] = (line, cell)

    def decided(self, column: str, others: "Marks | None" = None) -> str | None:
        """Return the decimal mark of the column; None if no number needs one.

        Args:
            column: its name, for the message.
            others: what the other columns have shown, which counts where this one is ambiguous.

        Raises:
            FormatError: it cannot be told, or both are there; the text has a line and says what to do.
        """
        shown = [mark for mark in ",." if mark in self.first]
        if len(shown) == 2:
            (one, first), (other, second) = (self.first[mark] for mark in shown)
            raise FormatError(
                f"column {column!r} has decimal commas and decimal points ({first!r} in line {one}, {second!r} in "
                f"line {other}): say which it is, --decimal , or --decimal ."
            )
        if shown:
            return shown[0]
        if "?" not in self.first:
            return None
        told = [mark for mark in ",." if others is not None and mark in others.first]
        if len(told) == 1:
            return told[0]
        line, text = self.first["?"]
        raise FormatError(
            f"column {column!r}: {text!r} in line {line} may have thousands or three decimals: say which, --decimal , "
            "or --decimal ."
        )


def number_of(cell: Any, decimal: str | None, column: str) -> Decimal:
    """Return the number in a cell.

    Args:
        cell: text, or a number of Excel's.
        decimal: the column's decimal mark; None if none is known.
        column: for the message.

    Raises:
        BadRow: it is none.
    """
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
        raise BadRow("number", f"{column}: {cell!r} is no number")
    if not isinstance(cell, str):
        # So many digits are what a sheet keeps and shows: 2.9999999999999996 is its 3.
        return Decimal(f"{cell:.15g}") if isinstance(cell, float) else Decimal(cell)
    if decimal is None and mark_in(cell) == "?":
        raise BadRow(
            "number",
            f"{column}: {cell!r} may have thousands or three decimals: say --decimal , or .",
        )
    number = _parsed(cell, decimal or mark_in(cell) or ".")
    if number is None:
        raise BadRow("number", f"{column}: {cell!r} is no number")
    return number


def measure_of(cell: Any, decimal: str | None, column: str) -> tuple[Decimal, str]:
    """Return the number in a cell, and the unit behind it (an empty text if there is none).

    Args:
        cell: text, or a number of Excel's.
        decimal: the column's decimal mark; None if none is known.
        column: for the message.

    Raises:
        BadRow: it is none, or an amount of money.
    """
    if not isinstance(cell, str):
        return number_of(cell, decimal, column), ""
    return _measured(cell, decimal, column)


@lru_cache(maxsize=65_536)
def _measured(cell: str, decimal: str | None, column: str) -> tuple[Decimal, str]:
    """Return the number in a text, and the unit behind it: quantities are few, and come again and again."""
    text, unit = with_unit(cell)
    if _AROUND.search(text.strip()) is not None:
        raise BadRow("number", f"{column}: {cell!r} is an amount of money, or of something else")
    try:
        return number_of(text, decimal, column), unit
    except BadRow as error:
        raise BadRow(error.reason, str(error).replace(repr(text), repr(cell), 1)) from error


@lru_cache(maxsize=65_536)
def _parsed(text: str, mark: str) -> Decimal | None:
    """Return the number that a text is; None if it is none."""
    bare, negative = _bare(text)
    if not bare or not _PLAIN.match(bare):
        return None
    whole, _, rest = bare.partition(mark)
    thousands = _OTHER[mark]
    groups = whole.split(thousands)
    short = len(groups) > 1 and not 1 <= len(groups[0]) <= 3
    if thousands in rest or short or any(len(one) != 3 for one in groups[1:]):
        return None
    try:
        number = Decimal("".join(groups) + (f".{rest}" if rest else ""))
    except InvalidOperation:
        return None
    return -number if negative else number
