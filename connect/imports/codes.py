"""Identities in cells: text as it stands there, or refused where a program has made something else of it."""

import re
from functools import lru_cache
from typing import Any, Final

from andon.connect.imports.names import folded
from andon.connect.imports.words import EXCEL_ERRORS, SUMS
from andon.connect.tables.errors import BadRow
from andon.connect.tables.table import text_of

#: A code as a program writes it that took it for a number.
_FLOAT: Final = re.compile(r"^[+-]?\d+[.,]0+$")
_SCIENTIFIC: Final = re.compile(r"^\d(?:[.,]\d+)?[eE]\+?\d{1,3}$")
#: More digits than that are no longer all there in a number of Excel's.
_EXCEL_DIGITS: Final = 15
#: A code and a name, as Odoo shows its products.
_WITH_NAME: Final = re.compile(r"^\[[^\]]+\] \S")
_MONTH: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mrz|mai|okt|dez|janv|févr|mars|avr|juin|juil|août|sept|déc|ene|abr|ago|dic"
#: A code that Excel took for a day or a month, as it shows them: `4-Mar`, `Mar-04`, `04. Mrz`.
_DAY: Final = re.compile(
    rf"^(?:\d{{1,2}}(?:-|\. )(?:{_MONTH})\.?|(?:{_MONTH})\.?[- ]\d{{2}})$", re.IGNORECASE
)
#: What keeps text together elsewhere, and is no part of a code: the apostrophe that Excel writes before text, and quotes.
_QUOTES: Final = ("'", '"', "\u2018", "\u201a", "\u201c", "\u201e", "\u00ab")
#: Words for nothing, which are codes of nothing.
_NOTHING: Final = frozenset(["na", "n a", "n v", "k a", "tbd", "tba", "unknown", "unbekannt"])


def check_typed(cell: Any, head: str) -> None:
    """Refuse what a sheet holds as a number or a date and that has lost what it was.

    Raises:
        BadRow: it has.
    """
    if isinstance(cell, bool) or not isinstance(cell, (int, float)) or cell != int(cell):
        raise BadRow(
            "code",
            f"{head}: {text_of(cell)!r} was made of a code by the program that wrote it: make the column text",
        )
    if abs(cell) >= 10**_EXCEL_DIGITS:
        raise BadRow("code", f"{head}: {cell!r} has lost digits: make the column text")


def _is_sum(text: str) -> bool:
    """Return whether a text begins or ends with a word for a sum that stands by itself: `Total for S`, `1000 Ergebnis`."""
    parts = text.split()
    return len(parts) > 1 and (folded(parts[0]) in SUMS or folded(parts[-1]) in SUMS)


@lru_cache(maxsize=65_536)
def check_code(text: str, field: str, head: str) -> None:
    """Refuse a text that is no identity, or may be more than one.

    Raises:
        BadRow: it is; the text says what to do.
    """
    named = f"or name it in a map, --map {field}=FILE"
    if _FLOAT.match(text) or _SCIENTIFIC.match(text):
        raise BadRow(
            "code",
            f"{head}: {text!r} was taken for a number, and may have lost zeros or digits: export the column as text, {named}",
        )
    if field == "sku" and _DAY.match(text):
        raise BadRow(
            "code",
            f"{head}: {text!r} looks like a code that a spreadsheet took for a date: export the column as text, {named}",
        )
    if text.startswith(_QUOTES):
        raise BadRow(
            "code",
            f"{head}: {text!r} begins with a quote, which no code does: take it away in the file, {named}",
        )
    if text.upper() in EXCEL_ERRORS:
        raise BadRow("code", f"{head}: {text!r} is an error of a spreadsheet: mend it there")
    word = folded(text)
    if field in {"sku", "location"}:
        if word in SUMS or _is_sum(text):
            raise BadRow(
                "total",
                f"{head}: {text!r} is the sum of other rows, and no {field}: if it is one, {named[3:]}",
            )
        if word in _NOTHING or not any(map(str.isalnum, text)):
            raise BadRow("code", f"{head}: {text!r} says that nothing is known, {named}")
    if not text.isprintable():
        raise BadRow(
            "code",
            f"{head}: {text!r} has signs that nobody sees (breaks, spaces of their own kinds): mend it in the file, {named}",
        )
    if field == "location" and "/" in text:
        raise BadRow(
            "code",
            f"{head}: {text!r} has a slash, which no location's name may have: {named[3:]}, or overlook the column (--column location=) and "
            "say --location",
        )
    if field == "sku" and _WITH_NAME.match(text):
        raise BadRow(
            "code",
            f"{head}: {text!r} is a code and a name: export the code in a column of its own (Internal Reference), {named}",
        )
