"""A list as CSV that a spreadsheet opens as it stands, without taking any text for a formula."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from andon.connect.tables.formulas import harmless


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
    return harmless(str(value))
