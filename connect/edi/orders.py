"""Purchase orders, their changes, and what suppliers answer: 850, 860, 855, 865, ORDERS, ORDCHG, ORDRSP."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from andon.connect.edi.loops import Loop, articles, date_of, place, split
from andon.connect.edi.prices import Priced, currency_of, price_edifact, price_x12
from andon.connect.edi.reports import quantities_of
from andon.connect.edi.segments import Segment
from andon.connect.edi.sheet import Refused, Sheet
from andon.connect.edi.shipping import (
    ARRIVAL,
    SHIP_TO,
    Line,
    dated,
    needed,
    publish,
    said,
    supplier_of,
)
from andon.connect.edi.times import x12_moment
from andon.connect.edi.totals import check_counts
from andon.connect.tables.errors import BadRow

_CANCELLED: Final = ("01", "1")
#: Purposes that say a document as it is (353 and 1225): original, change, replace, confirmation, duplicate, and responses.
_PURPOSES: Final = (
    "00",
    "01",
    "04",
    "05",
    "06",
    "07",
    "",
    "1",
    "4",
    "5",
    "6",
    "7",
    "9",
    "29",
    "27",
)
#: What a supplier says of a line (668): it comes, or it does not.
_COMES: Final = ("IA", "IB", "IC", "ID", "IE", "IF", "IH", "IP", "IQ", "IW", "DR", "AC", "AR", "SP")
_SAME_QUANTITY: Final = ("IA", "ID", "IE", "IP", "DR", "AC", "AR", "SP")
_COMES_NOT: Final = ("IR", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9")
#: Of a whole order (587): not accepted.
_REJECTED: Final = ("RJ", "RD", "RF")
#: Of a line of ORDCHG and ORDRSP (1229): it stands, or it does not.
_STANDS: Final = ("", "1", "3", "4", "5", "6", "24")
_GONE: Final = ("2", "7")

Quantity = Callable[[Sheet, Loop], tuple[int, datetime | None, list[Segment]]]


def order_x12(sheet: Sheet) -> None:
    """Read an 850: a purchase order."""
    head, loops = split(sheet.message.segments, "PO1")
    check_counts(sheet, head, loops, quantity=2)
    begin = needed(sheet, head.first("BEG"), "BEG", 3, "an order")
    ordered_at = dated(sheet, begin, 5)
    _order(sheet, head, loops, begin, (begin.get(3), begin.get(1), ordered_at), ordered_at, _of_po1)


def change_x12(sheet: Sheet) -> None:
    """Read an 860: a change of a purchase order."""
    head, loops = split(sheet.message.segments, "POC")
    check_counts(sheet, head, loops)
    begin = needed(sheet, head.first("BCH"), "BCH", 3, "an order")
    at = dated(sheet, begin, 11, 10)
    ordered_at = dated(sheet, begin, 6) if begin.get(6) else None
    purpose = begin.get(1)
    _order(sheet, head, loops, begin, (begin.get(3), purpose, at), ordered_at, _of_poc)


def _order(
    sheet: Sheet,
    head: Loop,
    loops: list[Loop],
    begin: Segment,
    document: tuple[str, str, datetime],
    ordered_at: datetime | None,
    quantity: Quantity,
) -> None:
    number, purpose, at = document
    _check_purpose(begin, purpose)
    fields = {
        "shipment_id": number,
        "occurred_at": at,
        "status": "cancelled" if purpose in _CANCELLED else "ordered",
        "ordered_at": ordered_at,
        "supplier": _or_refuse(sheet, begin, head),
    }
    lines = [] if purpose in _CANCELLED else _lines(sheet, head, loops, quantity)
    if not lines and purpose not in _CANCELLED:
        raise Refused(begin, "empty", "it has no line that can be read")
    publish(sheet, begin, fields, lines, dates=("expected_at",))


def _or_refuse(sheet: Sheet, begin: Segment, head: Loop) -> str | None:
    try:
        return supplier_of(sheet, [head])
    except BadRow as error:
        raise Refused(begin, error.reason, str(error)) from error


def _check_purpose(begin: Segment, purpose: str) -> None:
    if purpose not in _PURPOSES:
        raise Refused(
            begin, "purpose", f"{begin.tag}: a document of purpose {purpose!r} is not read"
        )


def answer_x12(sheet: Sheet) -> None:
    """Read an 855 or 865: what a supplier says of an order or of its change."""
    head, loops = split(sheet.message.segments, "PO1", "POC")
    check_counts(sheet, head, loops)
    tag = "BAK" if sheet.message.kind == "855" else "BCA"
    begin = needed(sheet, head.first(tag), tag, 3, "an order")
    at = dated(sheet, begin, *((9, 4) if tag == "BAK" else (10, 6)))
    document = (begin.get(3), begin.get(1), at)
    _answer(sheet, head, loops, begin, document, begin.get(2) in _REJECTED, _of_ack)


def _answer(
    sheet: Sheet,
    head: Loop,
    loops: list[Loop],
    begin: Segment,
    document: tuple[str, str, datetime],
    is_rejected: bool,
    quantity: Quantity,
) -> None:
    number, purpose, at = document
    _check_purpose(begin, purpose)
    if is_rejected or purpose in _CANCELLED:
        off = {"shipment_id": number, "occurred_at": at, "status": "cancelled"}
        publish(sheet, begin, off, [])
        return
    lines = _lines(sheet, head, loops, quantity)
    if loops and not lines:
        raise Refused(begin, "empty", "it has no line that can be read")
    fields: dict[str, Any] = {"shipment_id": number, "occurred_at": at, "status": "confirmed"}
    if any(line.cost is not None for line in lines):
        fields["currency"] = currency_of(sheet, head)
    first = sheet.message.kind in ("855", "ORDRSP")
    publish(
        sheet, begin, fields, lines, dates=("expected_at", *(("promised_at",) if first else ()))
    )


def _lines(sheet: Sheet, head: Loop, loops: list[Loop], quantity: Quantity) -> list[Line]:
    found: list[Line] = []
    for loop in loops:
        try:
            found += _line(sheet, head, loop, quantity)
        except BadRow as error:
            sheet.refuse(loop.segments, loop.begin, error)
    return found


def _line(sheet: Sheet, head: Loop, loop: Loop, quantity: Quantity) -> list[Line]:
    sku = sheet.terms.sku(articles(loop))
    units, arrives, used = quantity(sheet, loop)
    cost, priced = _price(sheet, loop, used) if units else (None, None)
    if priced is not None:
        used.append(priced)
    if arrives is None:
        stated = date_of(loop, *ARRIVAL) or date_of(head, *ARRIVAL)
        if stated is not None:
            arrives = sheet.terms.at(stated[0], end_of_day=True)
            used.append(stated[1])
    name = loop.begin.get(1) if sheet.terms.names_lines else ""
    if sheet.terms.names_lines and not name:
        raise BadRow("missing", f"{loop.begin.tag}01: the line has no number")
    splits = loop.all("SDQ")
    rows: list[tuple[Segment | None, str, int]]
    if splits:
        rows = [(one, *row) for one in splits for row in quantities_of(one, sheet)]
        if (total := sum(row[2] for row in rows)) != units:
            raise BadRow(
                "total", f"{loop.begin.tag}: {units} are ordered, and its SDQ come to {total}"
            )
    else:
        where, said_by = place([loop, head], sheet.terms, SHIP_TO)
        rows = [(said_by, where, units)]
    return [
        Line(
            where,
            sku,
            loop.begin,
            some,
            arrives=arrives,
            name=name,
            cost=cost,
            used=(*used, said_by),
        )
        for said_by, where, some in rows
    ]


def _price(sheet: Sheet, loop: Loop, used: Sequence[Segment]) -> Priced:
    """Return what the supplier asks for a unit, if this is its answer."""
    if sheet.message.kind in ("855", "865"):
        return price_x12(sheet, loop)
    if sheet.message.kind == "ORDRSP":
        return price_edifact(
            sheet, loop, next((one.get(1, 3) for one in used if one.tag == "QTY"), "")
        )
    return None, None


def _of_po1(sheet: Sheet, loop: Loop) -> tuple[int, datetime | None, list[Segment]]:
    one = loop.begin
    return sheet.terms.units(one.get(2), one.get(3), "PO102"), None, []


def _of_poc(sheet: Sheet, loop: Loop) -> tuple[int, datetime | None, list[Segment]]:
    one = loop.begin
    if one.get(2) == "DI":
        return 0, None, []
    return sheet.terms.units(one.get(3), one.get(5), "POC03"), None, []


def _of_ack(sheet: Sheet, loop: Loop) -> tuple[int, datetime | None, list[Segment]]:
    terms, begin = sheet.terms, loop.begin
    ordered = (begin.get(2), begin.get(3)) if begin.tag == "PO1" else (begin.get(3), begin.get(5))
    acks = loop.all("ACK")
    if not acks:
        return terms.units(*ordered, f"{begin.tag}: quantity"), None, []
    total, dates = 0, []
    for one in acks:
        code = one.get(1)
        if code in _COMES_NOT:
            continue
        if code not in _COMES:
            raise BadRow("status", f"ACK01: {code!r} does not say how many come")
        if not one.get(2) and (len(acks) > 1 or code not in _SAME_QUANTITY):
            raise BadRow("missing", f"ACK02: {code} without a quantity")
        said_units = (one.get(2), one.get(3)) if one.get(2) else ordered
        total += terms.units(*said_units, "ACK02")
        if one.get(4) in ARRIVAL and one.get(5):
            moment = x12_moment(one.get(5), "", "ACK05")
            dates.append(terms.at(moment, end_of_day=True))
    # What comes on several days is on order until the last of them.
    return total, max(dates, default=None), acks


def order_edifact(sheet: Sheet) -> None:
    """Read an ORDERS or ORDCHG: a purchase order, or a change of one."""
    head, loops = split(sheet.message.segments, "LIN")
    check_counts(sheet, head, loops)
    begin, number, at = _document(sheet, head)
    is_order = sheet.message.kind == "ORDERS"
    document = (number, begin.get(3), at)
    _order(sheet, head, loops, begin, document, at if is_order else None, _of_lin)


def answer_edifact(sheet: Sheet) -> None:
    """Read an ORDRSP: what a supplier says of an order."""
    head, loops = split(sheet.message.segments, "LIN")
    check_counts(sheet, head, loops)
    begin, number, at = _document(sheet, head)
    document = (number, begin.get(3), at)
    is_rejected = begin.get(3) == "27" or begin.get(4) == "RE"
    _answer(sheet, head, loops, begin, document, is_rejected, _of_response)


def _document(sheet: Sheet, head: Loop) -> tuple[Segment, str, datetime]:
    begin = needed(sheet, head.first("BGM"), "BGM", 2, "a document")
    number = begin.get(2)
    if sheet.message.kind != "ORDERS":
        of = next((one for one in head.all("RFF") if one.get(1) == "ON" and one.get(1, 2)), None)
        if of is None:
            raise Refused(begin, "missing", "RFF+ON: nothing says of which order it is")
        sheet.use(of)
        number = of.get(1, 2)
    return begin, number, moment_edifact(sheet, head, begin, "137")


def moment_edifact(sheet: Sheet, head: Loop, begin: Segment, *qualifiers: str) -> datetime:
    """Return the instant of an EDIFACT document, by the first of these dates, or by its envelope.

    Raises:
        Refused: nothing says.
    """
    try:
        stated = date_of(head, *qualifiers)
    except BadRow as error:
        raise Refused(begin, error.reason, str(error)) from error
    if stated is None:
        return dated(sheet, begin)
    sheet.use(stated[1])
    return said(sheet, stated[0])


def quantity_edifact(
    sheet: Sheet, loop: Loop, qualifiers: Sequence[str]
) -> tuple[int, Segment] | None:
    """Return the sum of a line's quantities of the first qualifier that it has, and the segment that says it.

    Raises:
        BadRow: it cannot be, or is there twice.
    """
    for wanted in qualifiers:
        found = [one for one in loop.all("QTY") if one.get(1) == wanted]
        if len(found) > 1:
            raise BadRow("twice", f"QTY+{wanted}: the line has it more than once")
        if found:
            amount = sheet.amount(found[0].get(1, 2), f"QTY+{wanted}")
            return sheet.terms.units(amount, found[0].get(1, 3), f"QTY+{wanted}"), found[0]
    return None


def _of_lin(sheet: Sheet, loop: Loop) -> tuple[int, datetime | None, list[Segment]]:
    if loop.begin.get(2) in _GONE and sheet.message.kind == "ORDCHG":
        return 0, None, []
    found = quantity_edifact(sheet, loop, ("21", "131", "113", "1"))
    if found is None:
        raise BadRow("missing", "QTY+21: no quantity ordered")
    return found[0], None, [found[1]]


def _of_response(sheet: Sheet, loop: Loop) -> tuple[int, datetime | None, list[Segment]]:
    action = loop.begin.get(2)
    if action in _GONE:
        return 0, None, []
    if action not in _STANDS:
        raise BadRow("status", f"LIN02: {action!r} does not say how many come")
    comes = quantity_edifact(sheet, loop, ("113", "12", "21"))
    later = quantity_edifact(sheet, loop, ("83",))
    if comes is None:
        raise BadRow("missing", "QTY+113 (or 12, or 21): no quantity confirmed")
    if later is not None and comes[1].get(1) != "21":
        return comes[0] + later[0], None, [comes[1], later[1]]
    return comes[0], None, [comes[1]]
