"""What orders, dispatch advices and receipts have in common: their lines, their times, and the event that comes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from andon.connect.edi.loops import Loop, party
from andon.connect.edi.segments import Segment
from andon.connect.edi.sheet import Refused, Sheet
from andon.connect.edi.times import x12_moment
from andon.connect.imports.events import UNNAMED, content_digest, digest, made, record_of
from andon.connect.tables.dates import Moment
from andon.connect.tables.errors import BadRow
from andon.schemas.shipments import ShipmentEvent

#: An event holds so many lines.
_MOST_LINES: Final = 500
#: Dates of arrival, the surest first: in X12 (element 374) and in EDIFACT (2005).
ARRIVAL: Final = ("067", "069", "017", "002", "074", "071", "67", "69", "76", "17", "132", "2")
SHIP_TO: Final = ("ST", "DP", "UD", "CN", "BY")
SUPPLIERS: Final = ("SU", "SE", "VN", "SF")


@dataclass
class Line:
    """A line of a shipment: what goes where, how much, and when; `name` tells it from another line of the item, `cost` is of a unit."""

    location: str
    sku: str
    at: Segment
    quantity: int | None = None
    received: int | None = None
    rejected: int | None = None
    arrives: datetime | None = None
    name: str = ""
    cost: float | None = None
    used: tuple[Segment | None, ...] = field(default=())


def said(sheet: Sheet, moment: Moment) -> datetime:
    """Return the instant of a document: at the time of its envelope, if that is of the same day and it says none itself."""
    envelope = sheet.message.interchange.at
    if not moment.has_time and envelope is not None and envelope.date() == moment.at.date():
        moment = Moment(envelope, has_time=True)
    return sheet.terms.at(moment)


def dated(sheet: Sheet, begin: Segment, *places: int) -> datetime:
    """Return the instant of an X12 document, by the first of these elements that has a date, or by its envelope.

    Raises:
        Refused: nothing says.
    """
    try:
        for place in places:
            if begin.get(place):
                name = f"{begin.tag}{place:02d}"
                return said(sheet, x12_moment(begin.get(place), "", name))
    except BadRow as error:
        raise Refused(begin, error.reason, str(error)) from error
    if sheet.message.interchange.at is None:
        raise Refused(begin, "missing", f"{begin.tag}: nothing says when that was")
    return sheet.terms.at(Moment(sheet.message.interchange.at, has_time=True))


def needed(sheet: Sheet, begin: Segment | None, tag: str, place: int, what: str) -> Segment:
    """Return the segment that begins a document, which has to have its number.

    Raises:
        Refused: it has none.
    """
    if begin is None or not begin.get(place):
        at = begin or sheet.message.begin
        raise Refused(at, "missing", f"{tag}{place:02d}: no number of {what}")
    return begin


def supplier_of(sheet: Sheet, loops: Sequence[Loop]) -> str | None:
    """Return the supplier that a message names, as it is called here; None if it names none.

    Raises:
        BadRow: the map does not have it.
    """
    found = party(loops, SUPPLIERS)
    name = sheet.terms.name("supplier", found.code)
    sheet.use(found.segment)
    return name


def publish(
    sheet: Sheet, at: Segment, head: dict[str, Any], lines: list[Line], *, dates: Sequence[str] = ()
) -> None:
    """Add the event of a shipment; lines that cannot be are refused alone.

    Args:
        sheet: of the message.
        at: the segment that tells of it.
        head: fields of the event.
        lines: of the shipment.
        dates: fields that hold when a line arrives.
    """
    kept = [one for one in lines if _is_right(sheet, head, one, dates)]
    if lines and not kept:
        raise Refused(at, "empty", "none of its lines can be read")
    common = {one.arrives for one in kept}
    shared = common.pop() if len(common) == 1 else None
    if shared is not None:
        head = {**head, **dict.fromkeys(dates, shared)}
    for place in range(0, max(len(kept), 1), _MOST_LINES):
        part = kept[place : place + _MOST_LINES]
        told = [_told(one, () if shared is not None else dates) for one in part]
        values = {**_given(head), "event_id": UNNAMED, "lines": told}
        event = record_of(ShipmentEvent, values)
        name = digest("edi", *(f"{key}={values[key]}" for key in sorted(values) if key != "event_id"))  # fmt: skip
        sheet.add(at, made("shipments", event, event.shipment_id, name, content_digest(name.hex())))
    sheet.use(at, *(one for line in kept for one in (line.at, *line.used)))


def _is_right(sheet: Sheet, head: dict[str, Any], line: Line, dates: Sequence[str]) -> bool:
    try:
        record_of(ShipmentEvent, {**_given(head), "event_id": UNNAMED, "lines": [_told(line, dates)]})  # fmt: skip
    except BadRow as error:
        sheet.refuse([line.at], line.at, error)
        return False
    return True


def _told(line: Line, dates: Sequence[str]) -> dict[str, Any]:
    told = {name: getattr(line, name) for name in ("location", "sku", "quantity", "received", "rejected")}  # fmt: skip
    return _given(
        {
            **told,
            "line": line.name or None,
            "unit_cost": line.cost,
            **dict.fromkeys(dates, line.arrives),
        }
    )


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
