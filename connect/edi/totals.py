"""What a message says of its own lines and quantities, held against what there is: what differs is complained of, and read."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from andon.connect.edi.loops import Loop
from andon.connect.edi.segments import Segment
from andon.connect.edi.sheet import Sheet


def check_counts(sheet: Sheet, head: Loop, loops: Sequence[Loop], quantity: int = 0) -> None:
    """Complain where a message counts other lines, or adds up other quantities, than it has.

    Args:
        sheet: of the message.
        head: what stands around its lines.
        loops: its lines.
        quantity: where quantities stand in the segments that begin lines; 0 if they are not added up.
    """
    for one in head.all("CTT"):
        _compare(sheet, one, one.get(1), len(loops), "lines")
        if quantity:
            parts = [_number(loop.begin.get(quantity)) for loop in loops]
            if None not in parts:
                _compare(
                    sheet,
                    one,
                    one.get(2),
                    sum(part for part in parts if part is not None),
                    "as their sum",
                )
    for one in head.all("CNT"):
        if one.get(1) == "2":
            _compare(sheet, one, one.get(1, 2), len(loops), "lines")


def _compare(sheet: Sheet, at: Segment, told: str, there: int | Decimal, what: str) -> None:
    said = _number(told)
    if said is not None and said != there:
        sheet.message.complain(at, f"it says {told} {what}; there are {there}")


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
