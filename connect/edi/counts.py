"""What locations have: 846, INVRPT."""

from collections.abc import Sequence
from typing import Final

from andon.connect.edi.loops import Loop, articles, date_of, parties, place, split
from andon.connect.edi.segments import Segment
from andon.connect.edi.sheet import Sheet
from andon.connect.edi.times import x12_moment
from andon.connect.imports.events import UNNAMED, Made, content_digest, digest, made, record_of
from andon.connect.tables.dates import Moment
from andon.connect.tables.errors import BadRow
from andon.schemas.common import item_key
from andon.schemas.stock import StockMovement

_KEEPERS: Final = ("WH", "ST", "SF", "BY")
_STOCK_PLACES: Final = ("14", "18", "WH", "GY", "DP", "BY", "ST")
#: Of an INVRPT or 846: what is there and can be used, before all that is there.
_COUNTS: Final = ("145", "17", "33")


def stock_x12(sheet: Sheet) -> None:
    """Read an 846: inventory inquiry or advice."""
    head, lines = split(sheet.message.segments, "LIN")
    begin = head.first("BIA")
    for line in lines:
        try:
            stated = date_of(line, "007", "514") or date_of(head, "007", "514")
            if stated is None and begin is not None and begin.get(4):
                stated = x12_moment(begin.get(4), begin.get(5), "BIA04"), begin
            _stock_line(sheet, head, line, stated, _KEEPERS)
        except BadRow as error:
            sheet.refuse(line.segments, line.begin, error)


def stock_edifact(sheet: Sheet) -> None:
    """Read an INVRPT: inventory report."""
    head, lines = split(sheet.message.segments, "LIN")
    for line in lines:
        try:
            usual = ("366", "179", "91", "90", "137")
            stated = date_of(line, *usual) or date_of(head, *usual)
            _stock_line(sheet, head, line, stated, _STOCK_PLACES)
        except BadRow as error:
            sheet.refuse(line.segments, line.begin, error)


def _stock_line(
    sheet: Sheet, head: Loop, line: Loop, when: tuple[Moment, Segment] | None, usual: Sequence[str]
) -> None:
    if when is None:
        raise BadRow("missing", "nothing says when that was there")
    sku = sheet.terms.sku(articles(line))
    kind = next((one for one in _COUNTS if line.first("QTY", one) is not None), None)
    if kind is None:
        raise BadRow("missing", "QTY: no quantity on hand")
    built: list[tuple[Segment, Made]] = []
    used: list[Segment | None] = [line.begin, when[1]]
    for part in _by_place(line, sheet.terms.qualifiers("location", usual)):
        location, said_by = place([part, head], sheet.terms, usual)
        used.append(said_by)
        for one in part.all("QTY"):
            if one.get(1) == kind:
                counted = count_of(sheet, (location, sku, ()), units_of(sheet, one), when[0])
                built.append((one, counted))
                used.append(one)
    add(sheet, built, used)


def _by_place(line: Loop, qualifiers: Sequence[str]) -> list[Loop]:
    """Return the parts of a line that are of one place each: what follows a place is there."""
    named = [one.segment for one in parties(line, qualifiers)]
    if len(named) < 2:
        return [line]
    parts: list[Loop] = []
    for one in line.segments:
        if one in named:
            parts.append(Loop(one, [one]))
        elif parts:
            parts[-1].segments.append(one)
        elif one.tag == "QTY":
            raise BadRow("ambiguous", "QTY: it stands before the places that the line names")
    return parts


def units_of(sheet: Sheet, qty: Segment) -> int:
    """Return the quantity of a QTY in units.

    Raises:
        BadRow: it is none.
    """
    if len(qty.elements) > 1:
        return sheet.terms.units(qty.get(2), qty.get(3), f"QTY {qty.get(1)}")
    # EDIFACT's decimal mark may be a comma.
    amount = sheet.amount(qty.get(1, 2), f"QTY {qty.get(1)}")
    return sheet.terms.units(amount, qty.get(1, 3), f"QTY {qty.get(1)}")


def add(sheet: Sheet, built: list[tuple[Segment, Made]], used: Sequence[Segment | None]) -> None:
    """Keep the events of a line once all of it could be read."""
    for at, event in built:
        sheet.add(at, event)
    sheet.use(*used)


def count_of(sheet: Sheet, subject: tuple[str, str, object], quantity: int, when: Moment) -> Made:
    """Return the event of a count; a day without a time is meant at its end.

    Args:
        sheet: of the message.
        subject: location, item, and what else names it.
        quantity: in units.
        when: it was there.

    Raises:
        BadRow: it cannot be.
    """
    location, sku, _ = subject
    if quantity < 0:
        raise BadRow("negative", f"{quantity} on hand: no count finds less than nothing")
    at = sheet.at(when, end_of_day=True)
    counted = record_of(
        StockMovement,
        {"event_id": UNNAMED, "occurred_at": at, "location": location, "sku": sku, "kind": "count", "quantity": quantity},
    )  # fmt: skip
    name = digest("count", location, sku, None, at.isoformat())
    return made("stock", counted, item_key(location, sku), name, content_digest(quantity))
