"""Dates as people write them. What could be two different days is not read before somebody has said which."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Any, Final

from andon.connect.tables.errors import BadRow
from andon.connect.tables.options import DAY_FIRST, MONTH_FIRST

_TIME: Final = (
    r"(?:(?:[T,]\s*|\s+(?:um |at |à |alle |om )?)(?P<hour>\d{1,2})[:h.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?\s?[Mm]\.?)?(?:\s*(?:Uhr|uur))?(?P<short>[+-]\d{2})?)?"
    r"\s*(?P<zone>Z|UTC|(?:UTC|GMT)?[+-]\d{2}:?\d{2}|GMT)?$"
)
_YEAR_FIRST: Final = re.compile(
    r"^(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})" + _TIME
)
_COMPACT: Final = re.compile(r"^(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})" + _TIME)
_YEAR_LAST: Final = re.compile(
    r"^(?P<one>\d{1,2})(?P<mark>[-/.])\s?(?P<two>\d{1,2})(?P=mark)\s?(?P<year>\d{4}|\d{2})" + _TIME
)
_NAMED: Final = re.compile(
    r"^(?:[^\W\d]+\.?,? )?(?P<day>\d{1,2})(?:st|nd|rd|th|er)?[-. /]*(?:de )?(?P<name>[^\W\d]{3,12})\.?[-, /]*(?:de )?"
    r"(?P<year>\d{4}|\d{2})" + _TIME
)
_NAME_FIRST: Final = re.compile(
    r"^(?P<name>[^\W\d]{3,12})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})" + _TIME
)
_WORDS_OF_A_WEEK: Final = "w|wk|week|kw|woche|semaine|sem|semana|settimana|sett"
#: What is no day.
_PERIODS: Final = {
    "week": re.compile(
        rf"\d{{4}}[-/ ]?(?:{_WORDS_OF_A_WEEK})[. ]?\d{{1,2}}|(?:{_WORDS_OF_A_WEEK})\.? ?\d{{1,2}}(?:[-/., ]+\d{{2,4}})?"
    ),
    "month": re.compile(
        r"\d{1,2}[-/.]\d{4}|\d{4}[-/.]\d{1,2}|[^\W\d]{3,12}[-. /']+(?:\d{4}|\d{2})"
    ),
    "quarter": re.compile(r"[qt][1-4][-/ ]*\d{2,4}|\d{4}[-/ ]*[qt][1-4]"),
}
_ZONE_NAME: Final = re.compile(r"\d\s*[A-Z]{2,5}$|\]$|\)$")
#: What programs write where there is no date.
NO_DATES: Final = frozenset(
    ["00.00.0000", "0000-00-00", "00000000", "0000-00-00 00:00:00", "00/00/0000", "  .  .    "]
)
_SERIAL: Final = re.compile(r"^\d{5}(?:[.,]\d+)?$")
_STAMP: Final = re.compile(r"^((?:19|20)\d{6})(\d{2})(\d{2})(\d{2})$")
_EPOCH: Final = re.compile(r"^\d{10}(?:\d{3})?$")
#: Excel's day 0; its serials from 1954 to 2119.
_EXCEL_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet knows no time zone
_SERIALS: Final = (20_000.0, 80_000.0)
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan januar january janvier enero ene jaenner gen gennaio januari",
            "feb februar february fevrier fev febrero fevr febbraio februari",
            "mar maerz marz mrz march mars marzo mrt maart",
            "apr april avr avril abr abril aprile",
            "may mai mayo mag maggio mei",
            "jun juni june juin junio giu giugno",
            "jul juli july juil juillet julio lug luglio",
            "aug august aout ago agosto augustus",
            "sep sept september septembre septiembre set settembre",
            "oct okt oktober october octobre octubre ott ottobre",
            "nov november novembre noviembre",
            "dec dez dezember december decembre dic diciembre dicembre",
        ),
        1,
    )
    for name in names.split()
}


@dataclass(frozen=True, slots=True)
class Moment:
    """When: a date and time, aware if an offset stood there; `has_time` is whether a time of day did."""

    at: datetime
    has_time: bool


def two_digits_in(text: str) -> tuple[str, str] | None:
    """Return the first and the last part of a date whose year has two digits, either of which may be the year."""
    found = _YEAR_LAST.match(text.strip())
    return (found["one"], found["year"]) if found is not None and len(found["year"]) == 2 else None


def order_in(text: str) -> str | None:
    """Return what a date shows of its order: day-first or month-first; `?` if either may be meant; None if it does not matter."""
    found = _YEAR_LAST.match(text.strip())
    if found is None or found["mark"] == ".":
        return None
    one, two = int(found["one"]), int(found["two"])
    if one > 12 >= two:
        return DAY_FIRST
    if two > 12 >= one:
        return MONTH_FIRST
    return None if one == two or max(one, two) > 12 else "?"


def moment_of(cell: Any, form: str | None, column: str) -> Moment:
    """Return when a cell says.

    Args:
        cell: text, or a date or number of Excel's.
        form: day-first, month-first, or a pattern of strptime; None where no date needs to be told.
        column: for the message.

    Raises:
        BadRow: it is no date, or could be two.
    """
    if isinstance(cell, datetime):
        return Moment(cell, has_time=cell.time() != time(0))
    if isinstance(cell, date):
        return Moment(datetime.combine(cell, time(0)), has_time=False)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        cell = repr(cell).removesuffix(".0")
    if not isinstance(cell, str):
        raise BadRow("date", f"{column}: {cell!r} is no date")
    try:
        return _read(cell.strip(), form)
    except ValueError as error:
        why = f" ({error})" if str(error) and not isinstance(error, BadRow) else ""
        raise BadRow("date", f"{column}: {cell!r} is no date{_asked(cell, form)}{why}") from None


def _asked(text: str, form: str | None) -> str:
    for period, pattern in _PERIODS.items():
        if pattern.fullmatch(_folded(text.strip())):
            return f" but a {period}: a day is needed"
    if _ZONE_NAME.search(text):
        return ": write the offset of its time zone, such as +01:00, or leave it out and say --time-zone"
    order = order_in(text)
    if order in (DAY_FIRST, MONTH_FIRST) and form in (DAY_FIRST, MONTH_FIRST) and order != form:
        return f": the others are {form}; if they are not, say --date-format {order}"
    return ": say --date-format" if order is not None and form is None else ""


@lru_cache(maxsize=65_536)
def _read(text: str, form: str | None) -> Moment:
    if form is not None and "%" in form:
        at = datetime.strptime(text, form)  # noqa: DTZ007 - aware if the pattern has an offset
        return Moment(at, has_time=bool(re.search("%[HIcsX]", form)))
    found = _numbered(text, form) or _named(text) or _counted(text)
    if found is None:
        raise ValueError
    return found


def _numbered(text: str, form: str | None) -> Moment | None:
    """Return what a date of numbers says."""
    if stamp := _STAMP.match(text):
        text = f"{stamp[1]} {stamp[2]}:{stamp[3]}:{stamp[4]}"
    for pattern in (_YEAR_FIRST, _COMPACT):
        if found := pattern.match(text):
            return _made(found, int(found["year"]), int(found["month"]), int(found["day"]))
    found = _YEAR_LAST.match(text)
    if found is None:
        return None
    day, month = int(found["one"]), int(found["two"])
    if found["mark"] != ".":
        if form is None and day != month:
            raise ValueError("it could be two days")
        if form == MONTH_FIRST:
            day, month = month, day
    return _made(found, _year(found["year"]), month, day)


def _named(text: str) -> Moment | None:
    """Return what a date with the name of a month says."""
    for pattern in (_NAMED, _NAME_FIRST):
        if found := pattern.match(text):
            month = _MONTHS.get(_folded(found["name"]))
            if month is not None:
                return _made(found, _year(found["year"]), month, int(found["day"]))
    return None


def _counted(text: str) -> Moment | None:
    """Return what a number of days (Excel) or seconds (Unix) says."""
    if _SERIAL.match(text):
        days = float(text.replace(",", "."))
        if _SERIALS[0] <= days <= _SERIALS[1]:
            seconds = round((days % 1) * 86400)
            return Moment(_EXCEL_ZERO + timedelta(int(days), seconds), has_time=bool(seconds))
    if _EPOCH.match(text):
        seconds_since = int(text) / (1000 if len(text) > 10 else 1)
        return Moment(datetime.fromtimestamp(seconds_since, UTC), has_time=True)
    return None


def _made(found: re.Match[str], year: int, month: int, day: int) -> Moment:
    if found["hour"] is None:
        return Moment(datetime(year, month, day, tzinfo=_zone(found["zone"])), has_time=False)
    zone = found["zone"] or (f"{found['short']}00" if found["short"] else None)
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of half a day")
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    part = int((found["part"] or "0")[:6].ljust(6, "0"))
    second = int(found["second"] or 0)
    at = datetime(year, month, day, hour, int(found["minute"]), second, part, _zone(zone))
    return Moment(at, has_time=True)


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in ("Z", "UTC", "GMT"):
        return UTC
    digits = text.removeprefix("UTC").removeprefix("GMT").replace(":", "")
    offset = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:]))
    return timezone(-offset if digits[0] == "-" else offset)


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ä", "ae"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
