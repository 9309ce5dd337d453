"""What a user may say of a file; None is: look for yourself."""

import codecs
import re
from typing import Any, Final

import msgspec

from andon.connect.tables.errors import FormatError

#: Names that people use for a tab.
_TABS: Final = frozenset({"tab", "\\t", "\t"})
#: No head stands further down.
MOST_HEAD_LINE: Final = 1000
DAY_FIRST: Final = "day-first"
MONTH_FIRST: Final = "month-first"
_MARKS: Final = {"comma": ",", "point": ".", "dot": "."}


class TableOptions(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a file is written, as far as somebody has said so.

    `date_format` is `day-first`, `month-first` or a pattern of strptime such as `%d.%m.%Y`; `decimal` is `,` or `.`. `head_line` is
    the line (of a sheet: the row) that names the columns.
    """

    delimiter: str | None = None
    decimal: str | None = None
    date_format: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    head_line: int | None = None


#: Nothing is said.
UNSAID: Final = TableOptions()


def options_of(**said: Any) -> TableOptions:
    """Return checked options.

    Raises:
        FormatError: one of them cannot be; the text names the option.
    """
    given = TableOptions(**said)
    delimiter, decimal = given.delimiter, given.decimal
    if delimiter is not None:
        delimiter = "\t" if delimiter.lower() in _TABS else delimiter
        if len(delimiter) != 1 or delimiter.isalnum() or delimiter in "\r\n\"'":
            raise FormatError(
                f"--delimiter {delimiter!r}: expected one character, such as ; or , or tab"
            )
    if decimal is not None:
        decimal = _MARKS.get(decimal, decimal)
        if decimal not in (",", "."):
            raise FormatError(f"--decimal {decimal!r}: expected , or .")
    if given.encoding is not None:
        try:
            codecs.lookup(given.encoding)
        except LookupError as error:
            raise FormatError(
                f"--encoding {given.encoding!r} is unknown: cp1252, utf-8 or utf-16 are common"
            ) from error
    form = given.date_format
    if form is not None and form not in (DAY_FIRST, MONTH_FIRST):
        form = _pattern(form)
    return TableOptions(
        delimiter=delimiter,
        decimal=decimal,
        date_format=form,
        encoding=given.encoding,
        sheet=given.sheet,
        head_line=_line_of(given.head_line),
    )


def _line_of(said: int | str | None) -> int | None:
    """Return the number of a line, which a page says as a text."""
    if said is None:
        return None
    try:
        number = int(said)
    except ValueError:
        number = 0
    if not 1 <= number <= MOST_HEAD_LINE:
        raise FormatError(
            f"--head-line {said}: expected the line that names the columns, from 1 to {MOST_HEAD_LINE}"
        )
    return number


def _pattern(text: str) -> str:
    """Return a pattern of strptime; DD.MM.YYYY hh:mm is one that people write."""
    if "%" not in text:
        for word, sign in (
            ("YYYY", "%Y"),
            ("yyyy", "%Y"),
            ("DD", "%d"),
            ("dd", "%d"),
            ("MM", "%m"),
            ("YY", "%y"),
            ("yy", "%y"),
            ("HH", "%H"),
            ("hh", "%H"),
            ("mm", "%M"),
            ("SS", "%S"),
            ("ss", "%S"),
        ):
            text = text.replace(word, sign, 1)
    if not all(re.search(f"%[{one}]", text) for one in ("dj", "mbBj", "yY")):
        raise FormatError(
            f"--date-format {text!r}: expected day-first, month-first, or a pattern with day, month and year, "
            "such as %d.%m.%Y"
        )
    return text
