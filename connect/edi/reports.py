"""What locations sold, and what they had at the end: 852, SLSRPT."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from andon.connect.edi.counts import add, count_of, units_of
from andon.connect.edi.loops import Loop, articles, date_of, period_of, place, split
from andon.connect.edi.segments import Segment
from andon.connect.edi.sheet import Refused, Sheet
from andon.connect.edi.times import x12_moment
from andon.connect.imports.events import (
    UNNAMED,
    Made,
    content_digest,
    digest,
    made,
    record_of,
)
from andon.connect.tables.dates import Moment
from andon.connect.tables.errors import BadRow
from andon.schemas.common import item_key
from andon.schemas.pos import Sale

#: Activities of an 852 (element 859): sold, and total sales.
_SOLD: Final = ("QS", "TS")
_RETURNED: Final = ("QU",)
#: On hand, in the order of how surely they are all that is there: at the end, on hand, and available.
_ON_HAND: Final = ("QE", "OH", "QA")
_STORES: Final = ("ST", "WH", "BY", "SO", "LO")
_SALES_PLACES: Final = ("162", "BY", "DP", "SN")
#: Quantities of a SLSRPT (element 6063): a sale (of one's own, or of consignment stock), and what came back.
_SALE_QUANTITIES: Final = ("153", "152")
_RETURN_QUANTITIES: Final = ("61",)
#: Dates of an activity that are its own.
_OWN_DATES: Final = ("", "007", "090", "091", "152")
_LONGEST_DAYS: Final = 92

Period = tuple[Moment, Moment]


def activity(sheet: Sheet) -> None:
    """Read an 852: product activity."""
    head, lines = split(sheet.message.segments, "LIN")
    period = _period_852(head, sheet)
    for line in lines:
        try:
            _activity_line(sheet, head, line, period)
        except BadRow as error:
            sheet.refuse(line.segments, line.begin, error)


def _period_852(head: Loop, sheet: Sheet) -> Period:
    begin = head.first("XQ")
    if begin is None:
        raise Refused(sheet.message.begin, "missing", "XQ: nothing says of which days it reports")
    try:
        first = x12_moment(begin.get(2), "", "XQ02")
        last = x12_moment(begin.get(3), "", "XQ03") if begin.get(3) else first
    except BadRow as error:
        raise Refused(begin, error.reason, str(error)) from error
    if last.at < first.at:
        raise Refused(begin, "date", "XQ: its period ends before it begins")
    sheet.use(begin)
    return first, last


def _activity_line(sheet: Sheet, head: Loop, line: Loop, period: Period) -> None:
    codes = articles(line)
    sku = sheet.terms.sku(codes)
    found = {one.get(1) for one in line.all("ZA")}
    if len(found.intersection(_SOLD)) > 1:
        raise BadRow("ambiguous", "ZA: both QS and TS say what was sold")
    counted = next((one for one in _ON_HAND if one in found), None)
    built: list[tuple[Segment, Made]] = []
    used: list[Segment | None] = [line.begin]
    for za, splits in _activities(line):
        kind = za.get(1)
        if kind not in (*_SOLD, *_RETURNED) and kind != counted:
            sheet.set_aside([za, *splits], f"not used: ZA {kind}")
            continue
        own = _own_date(za)
        days = (own, own) if own is not None else period
        for at, location, quantity, said_by in _places(sheet, head, line, za, splits):
            subject = (location, sku, tuple(codes))
            if kind == counted:
                built.append((at, count_of(sheet, subject, quantity, days[1])))
            else:
                is_return = kind in _RETURNED
                events = _sales(sheet, subject, -quantity if is_return else quantity, days, (kind,))
                built += [(at, one) for one in events]
            used += [za, at, said_by]
    add(sheet, built, used)


def _activities(line: Loop) -> Iterator[tuple[Segment, list[Segment]]]:
    """Yield the activities of a line, each with how it is split among locations."""
    found: list[tuple[Segment, list[Segment]]] = []
    for one in line.all("ZA", "SDQ"):
        if one.tag == "ZA":
            found.append((one, []))
        elif found:
            found[-1][1].append(one)
    yield from found


def _own_date(za: Segment) -> Moment | None:
    if not za.get(5):
        return None
    if za.get(4) not in _OWN_DATES:
        raise BadRow("date", f"ZA04: a date of kind {za.get(4)!r} is not read")
    return x12_moment(za.get(5), "", "ZA05")


def _places(
    sheet: Sheet, head: Loop, line: Loop, za: Segment, splits: list[Segment]
) -> Iterator[tuple[Segment, str, int, Segment | None]]:
    """Yield where how much of an activity was, with the segments that say so."""
    terms = sheet.terms
    if not splits:
        location, said_by = place([line, head], terms, _STORES)
        yield za, location, terms.units(za.get(2), za.get(3), "ZA02"), said_by
        return
    total = 0
    rows = [(one, location, units) for one in splits for location, units in quantities_of(one, sheet)]  # fmt: skip
    for _, _, units in rows:
        total += units
    if za.get(2) and (said := terms.units(za.get(2), za.get(3), "ZA02")) != total:
        raise BadRow("total", f"ZA02: it says {said}, and its SDQ come to {total}")
    for one, location, units in rows:
        yield one, location, units, None


def quantities_of(sdq: Segment, sheet: Sheet) -> list[tuple[str, int]]:
    """Return the locations of an SDQ with their quantities.

    Raises:
        BadRow: one of them cannot be.
    """
    pairs = [(sdq.get(at), sdq.get(at + 1)) for at in range(3, len(sdq.elements) + 1, 2)]
    return [
        (sheet.terms.location(code, "SDQ"), sheet.terms.units(units, sdq.get(1), "SDQ"))
        for code, units in pairs
        if code or units
    ]


def sales_edifact(sheet: Sheet) -> None:
    """Read a SLSRPT: sales data report."""
    head, loops = split(sheet.message.segments, "LOC", "LIN")
    begin = head.first("BGM")
    document = begin.get(2) if begin is not None else ""
    where = Loop(head.begin, [])
    number = 0
    for loop in loops:
        if loop.begin.tag == "LOC":
            where = loop
            continue
        number += 1
        try:
            days = _period_edifact(sheet, (loop, where, head))
            _sales_line(sheet, (loop, where, head), days, (document, number))
        except BadRow as error:
            sheet.refuse(loop.segments, loop.begin, error)
    sheet.use(begin)


def _period_edifact(sheet: Sheet, loops: Sequence[Loop]) -> Period:
    for loop in loops:
        sold = period_of(loop, "356")
        if sold is not None:
            sheet.use(sold[2])
            return sold[0], sold[1]
        first, last = date_of(loop, "90"), date_of(loop, "91")
        if first is not None or last is not None:
            begin, end = first or last, last or first
            assert begin is not None
            assert end is not None
            sheet.use(begin[1], end[1])
            return begin[0], end[0]
    raise BadRow("missing", "DTM: nothing says when that was sold (356, or 90 and 91)")


def _sales_line(
    sheet: Sheet, loops: Sequence[Loop], days: Period, document: tuple[str, int]
) -> None:
    line, where, head = loops
    codes = articles(line)
    sku = sheet.terms.sku(codes)
    location, said_by = place([line, where, head], sheet.terms, _SALES_PLACES)
    quantities = [one for one in line.all("QTY") if one.get(1) in (*_SALE_QUANTITIES, *_RETURN_QUANTITIES)]  # fmt: skip
    if len({one.get(1) for one in quantities}.intersection(_SALE_QUANTITIES)) > 1:
        raise BadRow("ambiguous", "QTY: both 153 and 152 say what was sold")
    if not quantities:
        raise BadRow("missing", "QTY: nothing says how much was sold")
    built: list[tuple[Segment, Made]] = []
    for place_of, one in enumerate(quantities):
        units = units_of(sheet, one)
        signed = -units if one.get(1) in _RETURN_QUANTITIES else units
        named = (*document, place_of) if document[0] else ()
        subject = (location, sku, tuple(codes))
        built += [(one, event) for event in _sales(sheet, subject, signed, days, named)]
    add(sheet, built, [line.begin, said_by, *quantities])


def _days(sheet: Sheet, days: Period) -> list[Moment]:
    """Return the days on which a period's sales are booked.

    Raises:
        BadRow: they are several, and nobody said what to do then.
    """
    first, last = (one.at.date() for one in days)
    count = (last - first).days + 1
    if count < 1 or count > _LONGEST_DAYS:
        raise BadRow("date", f"a report of {count} days is not read")
    if count == 1:
        return [days[1]]
    if sheet.terms.grain is None:
        raise BadRow(
            "period",
            f"sales of {count} days ({first} to {last}) on one day would teach a demand that never was: ask for reports by day, or "
            'say grain = "spread" for equal parts on each, grain = "day" for all on the last',
        )
    if sheet.terms.grain == "day":
        return [days[1]]
    return [_whole(first + timedelta(days=one)) for one in range(count)]


def _whole(day: date) -> Moment:
    return Moment(datetime.combine(day, datetime.min.time()), has_time=False)


def _sales(
    sheet: Sheet,
    subject: tuple[str, str, object],
    quantity: int,
    days: Period,
    named: tuple[object, ...],
) -> Iterator[Made]:
    """Yield the sales (negative: returns) of an item, by day; parts of a whole that is not even go to the first days.

    Raises:
        BadRow: they cannot be.
    """
    location, sku, codes = subject
    on = _days(sheet, days)
    each, left = divmod(abs(quantity), len(on))
    sender = sheet.message.interchange.sender
    for number, day in enumerate(on):
        units = each + (number < left)
        if not units:
            continue
        kind = "return" if quantity < 0 else "sale"
        at = sheet.at(day)
        sold = record_of(
            Sale,
            {"event_id": UNNAMED, "occurred_at": at, "location": location, "sku": sku, "quantity": units, "kind": kind},
        )  # fmt: skip
        span = (days[0].at.date(), days[1].at.date(), number)
        # What a report has no number for is named by what it says, and how often it says so.
        name = digest("edi-sale", sender, location, codes, *span, *(named or (kind, units)))
        content = content_digest(kind, units, sku) if named else b""
        yield made("pos", sold, item_key(location, sku), name, content)
