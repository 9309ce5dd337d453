"""What customers will want, and when: 830, DELFOR. What is firm is demand that is known; what is planned is none yet."""

from collections.abc import Iterator
from typing import Final

from andon.connect.edi.loops import Loop, articles, date_of, party, place, split
from andon.connect.edi.orders import moment_edifact
from andon.connect.edi.segments import Segment
from andon.connect.edi.sheet import Sheet
from andon.connect.edi.shipping import dated, needed
from andon.connect.edi.times import x12_moment
from andon.connect.imports.events import UNNAMED, content_digest, digest, made, record_of
from andon.connect.tables.dates import Moment
from andon.connect.tables.errors import BadRow
from andon.schemas.common import item_key
from andon.schemas.pos import Sale

#: From where the goods go: the customer's own places are none of ours.
_SHIP_FROM: Final = ("SF", "SU", "SE")
_CUSTOMERS: Final = ("ST", "BY", "MI", "DP", "CN")
#: Of an 830 (element 680): firm, and at once.
_FIRM: Final = ("C", "A")
#: Of a DELFOR (4017): firm.
_FIRM_EDIFACT: Final = ("1",)
_PLANNED: Final = "planned, and not firm"


def schedule_x12(sheet: Sheet) -> None:
    """Read an 830: a planning schedule."""
    head, loops = split(sheet.message.segments, "LIN")
    begin = needed(sheet, head.first("BFR"), "BFR", 1, "a purpose")
    at = dated(sheet, begin, 8, 6)
    for loop in loops:
        rows = [(one, one.get(2) in _FIRM) for one in loop.all("FST")]
        unit = loop.first("UIT")
        try:
            for one, is_firm in rows:
                if not is_firm:
                    sheet.set_aside([one], _PLANNED)
                    continue
                units = sheet.terms.units(one.get(1), unit.get(1) if unit else "", "FST01")
                wanted = x12_moment(one.get(4), "", "FST04")
                _demand(sheet, (head, loop), one, units, wanted, Moment(at, has_time=True))
                sheet.use(one, unit)
        except BadRow as error:
            sheet.refuse(loop.segments, loop.begin, error)
        else:
            if not any(is_firm for _, is_firm in rows):
                sheet.set_aside(loop.segments, _PLANNED)
    sheet.use(begin)


def schedule_edifact(sheet: Sheet) -> None:
    """Read a DELFOR: a delivery forecast."""
    head, loops = split(sheet.message.segments, "LIN")
    begin = needed(sheet, head.first("BGM"), "BGM", 2, "a schedule")
    at = Moment(moment_edifact(sheet, head, begin, "137"), has_time=True)
    for loop in loops:
        try:
            rows = list(_rows(loop))
            for scc, qty, wanted in rows:
                amount = sheet.amount(qty.get(1, 2), f"QTY+{qty.get(1)}")
                units = sheet.terms.units(amount, qty.get(1, 3), f"QTY+{qty.get(1)}")
                _demand(sheet, (head, loop), qty, units, wanted[0], at)
                sheet.use(scc, qty, wanted[1])
        except BadRow as error:
            sheet.refuse(loop.segments, loop.begin, error)
        else:
            sheet.set_aside(loop.segments, _PLANNED)
    sheet.use(begin)


def _rows(loop: Loop) -> Iterator[tuple[Segment, Segment, tuple[Moment, Segment]]]:
    """Yield what is firm of a line: the segment that says that it is, how much, and for when."""
    part: list[Segment] = []
    scc: Segment | None = None
    for one in [*loop.segments, None]:
        if one is None or one.tag in ("QTY", "SCC"):
            row = Loop(part[0], part) if part else None
            if (
                row is not None
                and scc is not None
                and row.begin.get(1) in ("113", "1", "21", "131")
            ):
                wanted = date_of(row, "2", "10", "63", "64", "69", "67")
                if wanted is None:
                    raise BadRow("missing", f"QTY+{row.begin.get(1)}: nothing says for when")
                yield scc, row.begin, wanted
            part = [one] if one is not None and one.tag == "QTY" else []
            if one is not None and one.tag == "SCC":
                scc = one if one.get(1) in _FIRM_EDIFACT else None
        elif part:
            part.append(one)


def _demand(
    sheet: Sheet,
    loops: tuple[Loop, Loop],
    at: Segment,
    units: int,
    wanted: Moment,
    told: Moment,
) -> None:
    head, line = loops
    if units == 0:
        return
    if units < 0:
        raise BadRow("negative", f"{units} cannot be wanted")
    sku = sheet.terms.sku(articles(line))
    location, said_by = place([line, head], sheet.terms, _SHIP_FROM)
    customer = party([line, head], _CUSTOMERS)
    due = sheet.terms.at(wanted)
    values = {
        "event_id": UNNAMED,
        "occurred_at": sheet.terms.at(told),
        "location": location,
        "sku": sku,
        "quantity": units,
        "kind": "backorder",
        "due_at": due,
    }
    name = digest("edi-demand", sheet.message.interchange.sender, customer.code, location, sku, due)
    event = made(
        "pos", record_of(Sale, values), item_key(location, sku), name, content_digest(units)
    )
    sheet.add(at, event)
    sheet.use(line.begin, said_by, customer.segment)
