"""Dates and times as X12 and EDIFACT write them, without a time zone."""

import re
from datetime import datetime
from typing import Final

from andon.connect.tables.dates import Moment
from andon.connect.tables.errors import BadRow

#: How a format of EDIFACT's (code list 2379) is written; those with a time of day have one.
_FORMATS: Final = {
    "2": "%d%m%y",
    "3": "%m%d%y",
    "4": "%d%m%Y",
    "101": "%y%m%d",
    "102": "%Y%m%d",
    "201": "%y%m%d%H%M",
    "203": "%Y%m%d%H%M",
    "204": "%Y%m%d%H%M%S",
}
_LENGTHS: Final = {
    "%d%m%y": 6,
    "%m%d%y": 6,
    "%y%m%d": 6,
    "%d%m%Y": 8,
    "%Y%m%d": 8,
    "%y%m%d%H%M": 10,
    "%Y%m%d%H%M": 12,
    "%Y%m%d%H%M%S": 14,
}
#: A period from a day to a day.
_PERIOD: Final = "718"
#: A format with an offset of the zone.
_ZONED: Final = {"303": "%Y%m%d%H%M", "304": "%Y%m%d%H%M%S"}
_ZONE: Final = re.compile(r"(?:UTC|GMT|Z|[+-]\d{2}(?:\d{2})?)$")
#: A year of two digits below that is of this century.
_THIS_CENTURY: Final = 70


def stated_at(day: str, time: str = "") -> datetime | None:
    """Return when an envelope says; nothing if it says no date."""
    try:
        return x12_moment(day, time, "").at
    except BadRow:
        return None


def x12_moment(day: str, time: str, name: str) -> Moment:
    """Return a moment of a date of six or eight digits and a time of four to eight.

    Raises:
        BadRow: they are none; the text begins with `name`.
    """
    if len(day) == 6 and day.isdigit():
        day = ("20" if int(day[:2]) < _THIS_CENTURY else "19") + day
    has_time = len(time) >= 4 and time.isdigit()
    text = day + (time[:6].ljust(6, "0") if has_time else "000000")
    if len(day) != 8 or len(text) != 14:
        raise BadRow("date", f"{name}: {day!r} is no date")
    try:
        return Moment(_parsed(text, "%Y%m%d%H%M%S", name), has_time=has_time)
    except BadRow as error:
        stated = f"{day!r} at {time!r}" if has_time else repr(day)
        raise BadRow("date", f"{name}: {stated} is no date") from error


def edifact_moment(text: str, format: str, name: str) -> Moment:
    """Return a moment of a DTM, of a period its end.

    Raises:
        BadRow: it is none; the text begins with `name`.
    """
    return edifact_period(text, format, name)[1]


def edifact_period(text: str, format: str, name: str) -> tuple[Moment, Moment]:
    """Return the first and the last moment of a DTM.

    Raises:
        BadRow: it has none; the text begins with `name`.
    """
    if format == _PERIOD:
        first, _, last = text.partition("-")
        return edifact_moment(first, "102", name), edifact_moment(last or first, "102", name)
    if format in _ZONED:
        found = _ZONE.search(text)
        at = _parsed(text[: found.start()] if found else text, _ZONED[format], name)
        if found is not None:
            offset = found[0].ljust(5, "0") if found[0][0] in "+-" else "+0000"
            at = at.replace(tzinfo=datetime.strptime(offset, "%z").tzinfo)
        return (Moment(at, has_time=True),) * 2
    pattern = _FORMATS.get(format or "102", "")
    if not pattern:
        raise BadRow("date", f"{name}: a date of format {format!r} is not read")
    at = _parsed(text, pattern, name)
    return (Moment(at, has_time="%H" in pattern),) * 2


def _parsed(text: str, pattern: str, name: str) -> datetime:
    if not text.isascii() or not text.isdigit() or len(text) != _LENGTHS[pattern]:
        raise BadRow("date", f"{name}: {text!r} is no date")
    try:
        # What has a zone is given it by the caller, and what has none that of the mapping.
        return datetime.strptime(text, pattern)  # noqa: DTZ007
    except ValueError as error:
        raise BadRow("date", f"{name}: {text!r} is no date") from error
