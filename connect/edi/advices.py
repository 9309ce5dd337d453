"""What was dispatched, and what was received: 856, DESADV, RECADV."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from andon.connect.edi.loops import Loop, articles, date_of, place, split
from andon.connect.edi.orders import moment_edifact, quantity_edifact
from andon.connect.edi.segments import Segment
from andon.connect.edi.sheet import Refused, Sheet
from andon.connect.edi.shipping import SHIP_TO, Line, needed, publish, said, supplier_of
from andon.connect.edi.times import x12_moment
from andon.connect.tables.errors import BadRow

_CANCELLED: Final = ("01", "1", "03", "3")
_PURPOSES: Final = ("00", "04", "05", "06", "07", "", "4", "5", "6", "7", "9", "29", "46")
#: Dates of arrival; that of dispatch (011, 11) is none.
_ARRIVAL: Final = ("017", "067", "371", "002", "069", "132", "17", "358", "2", "191")
_CARRIERS: Final = ("CA", "TD")
#: Received (6063): all of it; or in what condition.
_RECEIVED: Final = ("48", "46", "12")
_ACCEPTED: Final = ("194",)
_NOT_ACCEPTED: Final = ("195", "196")

#: An order's number, and the lines under it.
Orders = dict[str, list[Line]]


def dispatch_x12(sheet: Sheet) -> None:
    """Read an 856: a ship notice, whose loops are a tree of shipment, orders, packs and items."""
    head, loops = split(sheet.message.segments, "HL")
    begin = needed(sheet, head.first("BSN"), "BSN", 2, "a dispatch")
    try:
        at = said(sheet, x12_moment(begin.get(3), begin.get(4), "BSN03"))
    except BadRow as error:
        raise Refused(begin, error.reason, str(error)) from error
    if _is_cancelled(sheet, begin, begin.get(1), begin.get(2), at):
        return
    orders: Orders = {}
    carrier: list[Segment] = []
    above = _Tree()
    many = sum(one.begin.get(3) == "O" for one in loops) > 1
    for loop in loops:
        try:
            above.enter(sheet, loop, many=many)
        except BadRow as error:
            sheet.refuse(loop.segments, loop.begin, error)
            continue
        if loop.begin.get(3) == "S":
            carrier += [one for one in loop.all("TD5") if one.get(2) == "2" and one.get(3)]
            sheet.use(loop.begin)
        elif loop.begin.get(3) == "O":
            sheet.use(loop.begin, loop.first("PRF"))
        elif loop.first("SN1") is not None:
            try:
                number, line = _item(sheet, head, loop, above.over(loop))
            except BadRow as error:
                sheet.refuse(loop.segments, loop.begin, error)
            else:
                orders.setdefault(number, []).append(line)
    name = _carrier(sheet, begin, carrier[0].get(3) if carrier else "")
    sheet.use(*carrier[:1])
    _dispatched(sheet, begin, (begin.get(2), at, name), orders)


class _Tree:
    """Which loops stand above a loop of an 856: by their numbers, or by their order where those do not fit."""

    def __init__(self) -> None:
        self._by_number: dict[str, Loop] = {}
        self._last: dict[str, Loop] = {}
        self._parents: dict[int, list[Loop]] = {}

    def enter(self, sheet: Sheet, loop: Loop, *, many: bool) -> None:
        """Take a loop.

        Raises:
            BadRow: it names one above it that is not there, and of `many` orders could be any.
        """
        begin = loop.begin
        parent = self._by_number.get(begin.get(2))
        if parent is None and begin.get(2) and begin.get(3) not in "SO":
            text = f"HL02: there is no loop {begin.get(2)!r} above it"
            if many:
                raise BadRow("parent", f"{text}: of which order it is cannot be told")
            sheet.message.complain(begin, text)
        above = [] if parent is None else [parent, *self.over(parent)]
        if parent is None and begin.get(3) != "S":
            above = [self._last[kind] for kind in ("O", "S") if kind in self._last]
        self._parents[begin.number] = above
        if begin.get(1):
            self._by_number[begin.get(1)] = loop
        self._last[begin.get(3)] = loop

    def over(self, loop: Loop) -> list[Loop]:
        """Return what stands above a loop, the nearest first."""
        return self._parents.get(loop.begin.number, [])


def _item(sheet: Sheet, head: Loop, loop: Loop, above: list[Loop]) -> tuple[str, Line]:
    terms, one = sheet.terms, loop.first("SN1")
    assert one is not None
    sku = terms.sku(articles(loop))
    units = terms.units(one.get(2), one.get(3), "SN102")
    prf = next((found for up in (loop, *above) for found in up.all("PRF")), None)
    where, said_by = place([loop, *above, head], terms, SHIP_TO)
    dates = (date_of(up, *_ARRIVAL) for up in (loop, *above, head))
    stated = next((date for date in dates if date is not None), None)
    used: list[Segment | None] = [loop.begin, loop.first("LIN"), said_by]
    arrives = None
    if stated is not None:
        arrives = terms.at(stated[0], end_of_day=True)
        used.append(stated[1])
    number = prf.get(1) if prf is not None else ""
    return number, Line(where, sku, one, units, arrives=arrives, used=tuple(used))


def _is_cancelled(sheet: Sheet, begin: Segment, purpose: str, number: str, at: datetime) -> bool:
    """Publish that a dispatch does not come after all, if its document says so."""
    if purpose in _CANCELLED:
        publish(sheet, begin, {"shipment_id": number, "occurred_at": at, "status": "cancelled"}, [])
        return True
    if purpose not in _PURPOSES:
        raise Refused(
            begin, "purpose", f"{begin.tag}: a document of purpose {purpose!r} is not read"
        )
    return False


def _carrier(sheet: Sheet, begin: Segment, code: str) -> str | None:
    try:
        return sheet.terms.name("carrier", code)
    except BadRow as error:
        raise Refused(begin, error.reason, str(error)) from error


def _supplier(sheet: Sheet, begin: Segment) -> str | None:
    """Return who sends the goods, where the mapping says what partners are called here: the order has it already."""
    if not sheet.terms.says("supplier"):
        return None
    try:
        return supplier_of(sheet, [Loop(begin, sheet.message.segments)])
    except BadRow as error:
        raise Refused(begin, error.reason, str(error)) from error


def _dispatched(
    sheet: Sheet, begin: Segment, document: tuple[str, datetime, str | None], orders: Orders
) -> None:
    number, at, carrier = document
    supplier = _supplier(sheet, begin)
    if not orders:
        raise Refused(begin, "empty", "none of its lines can be read")
    for order, lines in orders.items():
        fields = {
            "shipment_id": shipment_number(number, order, len(orders)),
            "occurred_at": at,
            "status": "dispatched",
            "carrier": carrier,
            "supplier": supplier,
            "order_id": order or None,
        }
        publish(sheet, begin, fields, _added_up(lines), dates=("expected_at",))


def shipment_number(number: str, order: str, orders: int) -> str:
    """Return what the goods of an order under a dispatch advice are called: by the advice, if it has one order."""
    return number if orders == 1 else f"{number}/{order}"


def _added_up(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a dispatch with what of one item comes in several packs or lots as one."""
    found: dict[tuple[str, str], Line] = {}
    for one in lines:
        key = one.location, one.sku
        before = found.get(key)
        if before is None:
            found[key] = one
            continue
        late = [at for at in (before.arrives, one.arrives) if at is not None]
        found[key] = replace(
            before,
            quantity=_sum(before.quantity, one.quantity),
            received=_sum(before.received, one.received),
            rejected=_sum(before.rejected, one.rejected),
            arrives=max(late, default=None),
            used=(*before.used, one.at, *one.used),
        )
    return list(found.values())


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one + (other or 0)


def dispatch_edifact(sheet: Sheet) -> None:
    """Read a DESADV: a despatch advice."""
    head, loops = split(sheet.message.segments, "LIN")
    begin = needed(sheet, head.first("BGM"), "BGM", 2, "a dispatch")
    at = moment_edifact(sheet, head, begin, "137", "11")
    if _is_cancelled(sheet, begin, begin.get(3), begin.get(2), at):
        return
    orders = _orders_edifact(sheet, head, loops, _despatched_units)
    who = next((one for one in head.all("NAD") if one.get(1) in _CARRIERS), None)
    code = who.get(2) if who is not None else _tdt(head)
    _dispatched(sheet, begin, (begin.get(2), at, _carrier(sheet, begin, code)), orders)


def _tdt(head: Loop) -> str:
    found = head.first("TDT")
    return found.get(5) if found is not None else ""


def _orders_edifact(sheet: Sheet, head: Loop, loops: list[Loop], fill: Any) -> Orders:
    of_all = _reference(head, "ON")
    orders: Orders = {}
    for loop in loops:
        try:
            own = _reference(loop, "ON") or of_all
            where, said_by = place([loop, head], sheet.terms, SHIP_TO)
            line = Line(where, sheet.terms.sku(articles(loop)), loop.begin)
            stated = date_of(loop, *_ARRIVAL) or date_of(head, *_ARRIVAL)
            if stated is not None:
                line.arrives = sheet.terms.at(stated[0], end_of_day=True)
            used = fill(sheet, loop, line)
        except BadRow as error:
            sheet.refuse(loop.segments, loop.begin, error)
        else:
            line.used = (said_by, own, stated[1] if stated is not None else None, *used)
            orders.setdefault(own.get(1, 2) if own is not None else "", []).append(line)
    return orders


def _reference(loop: Loop, kind: str) -> Segment | None:
    return next((one for one in loop.all("RFF") if one.get(1) == kind and one.get(1, 2)), None)


def _despatched_units(sheet: Sheet, loop: Loop, line: Line) -> list[Segment]:
    found = quantity_edifact(sheet, loop, ("12", "113"))
    if found is None:
        raise BadRow("missing", "QTY+12: no quantity dispatched")
    line.quantity = found[0]
    return [found[1]]


def receipt_edifact(sheet: Sheet) -> None:
    """Read a RECADV: what was received, under a despatch advice if it names one, else under its own number."""
    head, loops = split(sheet.message.segments, "LIN")
    begin = needed(sheet, head.first("BGM"), "BGM", 2, "a receipt")
    at = moment_edifact(sheet, head, begin, "50", "137")
    if begin.get(3) not in _PURPOSES:
        raise Refused(begin, "purpose", f"BGM: a receipt of purpose {begin.get(3)!r} is not read")
    orders = _orders_edifact(sheet, head, loops, _received_units)
    advice = _reference(head, "AAK") or _reference(head, "DQ")
    if not orders:
        raise Refused(begin, "empty", "none of its lines can be read")
    for order, lines in orders.items():
        number = begin.get(2) if advice is None else advice.get(1, 2)
        fields = {
            "shipment_id": shipment_number(number, order, len(orders)),
            "occurred_at": at,
            "status": "received",
            "order_id": order or None,
        }
        added = _added_up(lines)
        if advice is None:
            # A receipt under a number of its own was never heard of before: it brings its lines.
            added = [replace(one, quantity=one.received) for one in added]
        publish(sheet, begin, fields, added)
    sheet.use(advice)


def _received_units(sheet: Sheet, loop: Loop, line: Line) -> list[Segment]:
    whole = quantity_edifact(sheet, loop, _RECEIVED)
    good = quantity_edifact(sheet, loop, _ACCEPTED)
    bad = [found for kind in _NOT_ACCEPTED if (found := quantity_edifact(sheet, loop, (kind,)))]
    not_fit = sum(units for units, _ in bad)
    parts = [one for one in (whole, good, *bad) if one is not None]
    if whole is None and good is None:
        raise BadRow("missing", "QTY+48 (or 194): no quantity received")
    if whole is not None and good is not None and whole[0] != good[0] + not_fit:
        text = f"QTY: {whole[0]} were received, and {good[0]} accepted and {not_fit} not"
        raise BadRow("total", text)
    line.received = whole[0] if whole is not None else good[0] + not_fit if good else 0
    line.rejected = not_fit or None
    return [one for _, one in parts]
