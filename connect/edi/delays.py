"""What carriers say of shipments on their way: 214, IFTSTA."""

from datetime import datetime
from typing import Any, Final

from andon.connect.edi.loops import Loop, date_of, split
from andon.connect.edi.orders import moment_edifact
from andon.connect.edi.segments import Segment
from andon.connect.edi.sheet import Refused, SetAside, Sheet
from andon.connect.edi.shipping import needed, said
from andon.connect.edi.times import x12_moment
from andon.connect.imports.events import UNNAMED, content_digest, digest, made, record_of
from andon.connect.tables.errors import BadRow
from andon.schemas.delays import DelayEvent

#: Statuses of an 214 (element 1650) that say of a delay, or when it will arrive.
_DELAYED: Final = ("SD", "AP")
_ESTIMATED: Final = ("AG", "AB", "X9")
#: Statuses that are no delay: picked up, departed, on its way, arrived, unloaded.
_NORMAL: Final = ("AF", "AM", "AA", "CD", "CP", "D1", "J1", "L1", "OA", "P1", "X1", "X2", "X3", "X4", "X6", "X8", "XB", "R1", "I1")  # fmt: skip
_REASONS_NORMAL: Final = ("", "NS", "NA")
#: Dates of EDIFACT (2005): estimated arrival, and that it came.
_EXPECTED: Final = ("132", "17", "191")
_CAME: Final = ("35", "178", "50")


def status_x12(sheet: Sheet) -> None:
    """Read a 214: where a shipment is, and when it will be there."""
    head, loops = split(sheet.message.segments, "LX")
    begin = needed(sheet, head.first("B10"), "B10", 2, "a shipment")
    all_of_it = Loop(begin, sheet.message.segments)
    number = _number(sheet, all_of_it, begin.get(2), "L11")
    found = 0
    for loop in loops or [all_of_it]:
        for one in loop.all("AT7"):
            try:
                found += _status(sheet, one, begin, number, all_of_it)
            except BadRow as error:
                sheet.refuse([one], one, error)
    sheet.use(begin)
    if not found and not sheet.refused:
        raise SetAside("it tells of no delay")


def _status(sheet: Sheet, one: Segment, begin: Segment, number: str, whole: Loop) -> bool:
    status = one.get(1) or one.get(3)
    if status in _NORMAL and one.get(2) in _REASONS_NORMAL:
        sheet.set_aside([one], "no delay")
        return False
    if status not in (*_DELAYED, *_ESTIMATED, *_NORMAL):
        raise BadRow("status", f"AT7: status {status!r} is not read")
    moment = x12_moment(one.get(5), one.get(6), "AT705")
    expected = None
    at = said(sheet, moment)
    if status in _ESTIMATED:
        expected = sheet.terms.at(moment, end_of_day=True)
        envelope = sheet.message.interchange.at
        if envelope is None:
            raise BadRow("missing", "AT7: nothing says when that was estimated")
        at = said(sheet, x12_moment(f"{envelope:%Y%m%d}", f"{envelope:%H%M}", "GS04"))
    elif (stated := date_of(whole, "17", "017", "67", "067")) is not None:
        expected = sheet.terms.at(stated[0], end_of_day=True)
        sheet.use(stated[1])
    reason = f"{begin.get(3)} reports {status}" + (f", reason {one.get(2)}" if one.get(2) else "")
    _publish(sheet, one, (begin.get(3), number), at, {"expected_at": expected, "reason": reason})
    return True


def _number(sheet: Sheet, whole: Loop, usual: str, tag: str) -> str:
    """Return the shipment as it is called here: the carrier's name of it, or one of the references that the mapping names."""
    wanted = sheet.terms.qualifiers("shipment_id", ())
    if not wanted:
        return usual
    for kind in wanted:
        for one in whole.all(tag):
            if tag == "L11" and one.get(2) == kind and one.get(1):
                sheet.use(one)
                return one.get(1)
            if tag == "RFF" and one.get(1) == kind and one.get(1, 2):
                sheet.use(one)
                return one.get(1, 2)
    text = f"shipment_id: the message has no reference of kind {' or '.join(wanted)}"
    raise Refused(sheet.message.begin, "missing", text)


def _publish(
    sheet: Sheet, at: Segment, of: tuple[str, str], when: datetime, fields: dict[str, Any]
) -> None:
    carrier, number = of
    values = {
        "event_id": UNNAMED,
        "occurred_at": when,
        "delay_id": f"{carrier or sheet.message.interchange.sender}:{number}",
        "scope": {"type": "shipment", "id": number},
        **fields,
    }
    event = record_of(DelayEvent, values)
    name = digest("edi-delay", carrier, number, when, *(str(one) for one in fields.values()))
    sheet.add(at, made("delays", event, event.delay_id, name, content_digest(name.hex())))
    sheet.use(at)


def status_edifact(sheet: Sheet) -> None:
    """Read an IFTSTA: where consignments are, and when they will be there."""
    head, loops = split(sheet.message.segments, "CNI")
    begin = needed(sheet, head.first("BGM"), "BGM", 1, "a report")
    at = moment_edifact(sheet, head, begin, "137", "334")
    found = 0
    for loop in loops:
        try:
            found += _consignment(sheet, head, loop, at)
        except BadRow as error:
            sheet.refuse(loop.segments, loop.begin, error)
    sheet.use(begin)
    if not found and not sheet.refused:
        raise SetAside("it tells of no delay")


def _consignment(sheet: Sheet, head: Loop, loop: Loop, at: datetime) -> bool:
    stated = date_of(loop, *_EXPECTED)
    came = date_of(loop, *_CAME)
    if stated is None or came is not None:
        sheet.set_aside(loop.segments, "no delay")
        return False
    whole = Loop(loop.begin, [*loop.segments, *head.segments])
    number = _number(sheet, whole, loop.begin.get(2), "RFF")
    if not number:
        raise BadRow("missing", "CNI02: nothing names the consignment")
    carrier = next((one.get(2) for one in head.all("NAD") if one.get(1) == "CA"), "")
    status = loop.first("STS")
    fields = {
        "expected_at": sheet.terms.at(stated[0], end_of_day=True),
        "reason": f"the carrier reports status {status.get(2) or status.get(1)}"
        if status
        else None,
    }
    _publish(sheet, loop.begin, (carrier, number), at, {k: v for k, v in fields.items() if v})
    sheet.use(stated[1], status)
    return True
