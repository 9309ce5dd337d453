"""Where a table's head is: below the lines of title and of parameters that programs write above it, with no rule drawn through it."""

import re
from collections.abc import Sequence
from typing import Any, Final

#: A head may stand below so many lines.
MOST_ABOVE: Final = 25
#: So many rows show how wide the table is.
LOOKED_AT: Final = 60
_ENOUGH: Final = 0.75
#: A line that is drawn, as lists of SAP and consoles of databases have them.
_RULE: Final = re.compile(r"[-=_+\s]*[-=_+]{3}[-=_+\s]*")
#: What stands in cells, and not in a head: numbers and dates.
_VALUE: Final = re.compile(r"\d[\d.,:/ -]*")


def head_at(rows: Sequence[Sequence[Any]]) -> int:
    """Return which row is the head, counted from 0: the first that is about as full as the fullest of the first rows.

    A line of title fills one cell, and one of parameters (`Plant: 1000`) two, unless the table has no more.
    """
    filled = [sum(map(_is_filled, row)) for row in rows[:LOOKED_AT]]
    most = max(filled, default=0)
    for place, count in enumerate(filled[:MOST_ABOVE]):
        if count and count >= _ENOUGH * most and not is_rule(rows[place]):
            return place
    return next((place for place, count in enumerate(filled) if count), 0)


def is_rule(cells: Sequence[Any]) -> bool:
    """Return whether a row is a drawn line, and holds nothing."""
    texts = [cell for cell in cells if cell not in ("", None)]
    return bool(texts) and all(isinstance(one, str) and _RULE.fullmatch(one) for one in texts)


def has_values(cells: Sequence[str]) -> bool:
    """Return whether a row holds numbers or dates, as no head does."""
    return any(_VALUE.fullmatch(cell.strip()) for cell in cells)


def _is_filled(cell: Any) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None
