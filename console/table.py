"""A list as CSV that a spreadsheet opens as it stands, without taking any text for a formula."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

#: What makes a spreadsheet take a cell for a formula, or begin one after it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def as_csv(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return rows as CSV: a heading, quoted where needed, in UTF-8 with a mark by which spreadsheets know it.

    A text that a spreadsheet would take for a formula has an apostrophe before it. Numbers are numbers; what is not known is empty.
    """
    names = list(columns)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in names])
    return out.getvalue().encode("utf-8-sig", "replace")


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    text = str(value)
    # Spreadsheets look past spaces, and past full-width forms of the same signs.
    first = text.lstrip(" \u00a0\u3000")[:1]
    if first in _FORMULA or first in "\uff1d\uff0b\uff0d\uff20":
        return f"'{text}" if first else text
    return text
