"""What a supplier asks for a unit of a line, as an answer to an order says it; a price that is not clear is complained of, and left out."""

from decimal import Decimal
from typing import Final

from andon.connect.edi.loops import Loop
from andon.connect.edi.segments import Segment
from andon.connect.edi.sheet import Sheet
from andon.connect.tables.errors import BadRow

#: How many units a price of X12 (element 639) is of; None is the unit of measure that stands beside it.
_BASES: Final[dict[str, int | None]] = {
    **dict.fromkeys(("", "UM", "CP", "CT", "NT"), None),
    **dict.fromkeys(("PE", "LE", "QE", "WE"), 1),
    "HP": 100,
    "TP": 1000,
}
#: What a price of EDIFACT (5125) is that is paid: net, or calculated.
_PAID: Final = ("AAA", "CAL")
#: Where the unit of measure, the price and its basis stand.
_PLACES: Final = {"PO1": (3, 4, 5), "POC": (5, 6, 7)}
_DECIMALS: Final = 6

Priced = tuple[float | None, Segment | None]


def price_x12(sheet: Sheet, loop: Loop) -> Priced:
    """Return the price of a unit on a line of an 855 or 865, and the segment that says it."""
    one = loop.begin
    unit, price, basis = (one.get(place) for place in _PLACES[one.tag])
    if not price:
        return None, None
    if basis not in _BASES:
        sheet.message.complain(one, f"{one.tag}: a price of the basis {basis!r} is not used", "price")  # fmt: skip
        return None, None
    of = _BASES[basis]
    return _cost(sheet, one, price, 1 if of is None else of, unit if of is None else ""), one


def price_edifact(sheet: Sheet, loop: Loop, unit: str) -> Priced:
    """Return the price of a unit on a line of an ORDRSP, and the segment that says it.

    Args:
        sheet: of the message.
        loop: of the line.
        unit: of measure of its quantity.
    """
    one = loop.first("PRI", *_PAID)
    if one is None or not one.get(1, 2):
        return None, None
    of = one.get(1, 5).replace(",", ".") or "1"
    return _cost(sheet, one, one.get(1, 2), of, one.get(1, 6) or unit), one


def currency_of(sheet: Sheet, head: Loop) -> str | None:
    """Return the currency of a message's prices; None if it names none."""
    one = head.first("CUR") or head.first("CUX")
    if one is None:
        return None
    code = one.get(2) if one.tag == "CUR" else one.get(1, 2)
    if len(code) != 3 or not (code.isascii() and code.isupper()):
        return None
    sheet.use(one)
    return code


def _cost(sheet: Sheet, one: Segment, price: str, of: int | str, unit: str) -> float | None:
    """Return what one unit costs: a price, of so many units of measure."""
    try:
        amount, number = _number(price), _number(str(of))
        if not amount or not number:
            return None
        return round(float(amount / number / sheet.terms.factor(unit, one.tag)), _DECIMALS)
    except BadRow as error:
        sheet.message.complain(one, f"its price is not used: {error}", "price")
        return None


def _number(text: str) -> Decimal:
    plain = text.replace(",", ".")
    if not plain.replace(".", "", 1).isdigit() or not plain.isascii():
        raise BadRow("price", f"{text!r} is no price")
    return Decimal(plain)
