"""What there is to order from a supplier now: its open replenishment alerts as lines of one order, by its terms.

What is short of its minimum is filled with the items nearest to their reorder points; what it takes no more in this period waits
for the next. Money of several currencies is never one sum: a minimum in another than the prices are in is not compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from andon.console.ordering import offer_to
from andon.console.rows import Known, Row
from andon.planning.policy.filling import (
    Candidate,
    Measures,
    Offer,
    cost_of_keeping,
    fill,
    next_break,
)
from andon.planning.supply.capacity import left_of, next_order_at
from andon.schemas.common import utc
from andon.schemas.suppliers import Supplier

#: So many lines are shown, and ordered at once.
MOST: Final = 200


class Line(NamedTuple):
    """An item in a basket, with what is known of how it is bought, and how it stands to its next order if that is known."""

    key: str
    quantity: int
    offer: Offer
    currency: str
    known: Known | None
    standing: Mapping[str, Any] | None

    @property
    def value(self) -> float | None:
        """What it costs, in its currency; None if nobody says."""
        price = self.offer.price(self.quantity)
        return None if price is None else round(self.quantity * price, 2)


def asks_more(rows: Iterable[Row], terms: Supplier | None) -> bool:
    """Return whether a basket has to know how the items of its supplier stand: it may have to be filled, or has prices to break."""
    open_ = [row for row in rows if _asks(row)]
    if not open_:
        return False
    if terms is not None and (_least(terms) != Measures() or terms.free_freight_from):
        return True
    return any(one.breaks for row in open_ if row.known for one in row.known.sold_by)


def basket_of(
    rows: Iterable[Row],
    terms: Supplier | None,
    standings: Iterable[Mapping[str, Any]] = (),
    items: Mapping[str, Known] | None = None,
    *,
    now: float = 0.0,
    ordered: int = 0,
) -> dict[str, Any]:
    """Return what to order from a supplier, the most urgent first, and what it is worth by currency, as far as prices are known.

    Args:
        rows: the supplier's open alerts that nobody has answered, in the order of the queue.
        terms: the supplier's, if anybody told.
        standings: how its items stand to their next orders, as workers say it.
        items: what is known of items, by location/sku.
        now: what time it is, in seconds since 1970.
        ordered: units that were ordered from it in this period.
    """
    known_of = {f"{one['location']}/{one['sku']}": one for one in standings}
    wanted = [row for row in rows if _asks(row)]
    left = left_of(terms, ordered)
    lines, told, later, room = [], [], [], left
    for row in wanted:
        line = _line_of(row, known_of)
        fits = line if line.quantity <= room else _cut(line, room)
        room -= fits.quantity
        if fits.quantity < line.quantity:
            later.append(_named(line, line.quantity - fits.quantity))
        if fits.quantity:
            lines.append(fits)
            told.append(_told(row, fits))
    value = _value(lines)
    unpriced = sum(line.value is None for line in lines)
    money = _money_of(terms, value)
    basket: dict[str, Any] = {
        "alerts": len(lines),
        "units": sum(line.quantity for line in lines),
        "value": value,
        "unpriced": unpriced,
        "minimum_order_value": None if terms is None else terms.minimum_order_value,
        "lines": told[:MOST],
        **_missing(lines, terms, money, unpriced),
    }
    if terms is None:
        return basket
    basket["currency"] = money
    basket["not_compared"] = _not_compared(terms, value, money)
    if terms.capacity_units is not None:
        basket["capacity"] = {
            "units": terms.capacity_units,
            "per": terms.capacity_per,
            "left": left,
            "later": later,
            "next_at": utc(next_order_at(terms, now)),
        }
    asked = _least(terms)
    total = _measures(lines)
    if not lines or basket["not_compared"] or (unpriced and asked.value):
        return basket
    could = _candidates(terms.supplier, known_of, items or {}, {row_key(row) for row in wanted})
    could = [one for one in could if one.currency == money]
    added = _filled(asked, total, could, room)
    basket["added"] = [_added(one) for one in added]
    if terms.free_freight_from is not None and not unpriced:
        so_far = _sum([total, _measures(added)])
        in_it = {one.key for one in added}
        others = [one for one in could if one.key not in in_it]
        room -= sum(one.quantity for one in added)
        basket["free_freight"] = _freight(terms, so_far, others, room)
    return basket


def row_key(row: Row) -> str:
    """Return the item of a row, location/sku."""
    return f"{row.entry.alert.location}/{row.entry.alert.sku}"


def _asks(row: Row) -> bool:
    return row.tile == "order" and bool(row.entry.alert.order_quantity)


def _line_of(row: Row, known_of: Mapping[str, Mapping[str, Any]]) -> Line:
    alert = row.entry.alert
    offer, currency = offer_to(alert.supplier, row.known)
    key = row_key(row)
    quantity = alert.order_quantity or 0
    return Line(
        key, quantity, offer, currency or alert.currency or "", row.known, known_of.get(key)
    )


def _cut(line: Line, room: int) -> Line:
    """Return as much of a line as there is room for, in a quantity that can be ordered."""
    return line._replace(quantity=line.offer.lot.fit_below(room))


def _value(lines: Iterable[Line]) -> dict[str, float]:
    value: dict[str, float] = defaultdict(float)
    for line in lines:
        if line.value is not None:
            value[line.currency] += line.value
    return {currency: round(sum_, 2) for currency, sum_ in value.items()}


def _least(terms: Supplier) -> Measures:
    return Measures(
        terms.minimum_order_value or 0.0,
        terms.minimum_order_units or 0,
        terms.minimum_order_weight or 0.0,
    )


def _money_of(terms: Supplier | None, value: Mapping[str, float]) -> str | None:
    """Return in what a supplier's amounts are: as it says, else in what its basket is paid; None if that is not one currency."""
    if terms is not None and terms.currency is not None:
        return terms.currency
    return next(iter(value)) if len(value) == 1 else None


def _not_compared(terms: Supplier, value: Mapping[str, float], money: str | None) -> str | None:
    """Return why what a basket is worth cannot be held against the supplier's amounts; None if it can."""
    if terms.minimum_order_value is None and terms.free_freight_from is None:
        return None
    others = sorted(one for one in value if one != money)
    if not others:
        return None
    return f"paid in {' and '.join(others)}" + (f", asked for in {money}" if money else "")


def _missing(
    lines: list[Line], terms: Supplier | None, money: str | None, unpriced: int
) -> dict[str, Any]:
    """Return what the order is short of the minimum, in money, units and kilograms; None where that is not known, or not asked."""
    asked = Measures() if terms is None else _least(terms)
    short = asked.less(_measures(lines))
    in_one = all(line.currency == money for line in lines if line.value is not None)
    weighs = all(line.offer.weight is not None for line in lines)
    return {
        "missing": round(short.value, 2) if asked.value and not unpriced and in_one else None,
        "missing_units": int(short.units) if asked.units else None,
        "missing_weight": round(short.weight, 3) if asked.weight and weighs else None,
    }


def _measures(lines: Iterable[Line]) -> Measures:
    return _sum(line.offer.measures(line.quantity) for line in lines)


def _sum(parts: Iterable[Measures]) -> Measures:
    total = Measures()
    for one in parts:
        total = total.plus(one)
    return total


def _candidates(
    supplier: str,
    known_of: Mapping[str, Mapping[str, Any]],
    items: Mapping[str, Known],
    taken: set[str],
) -> list[Line]:
    """Return the items that could be ordered with those in the basket, each with nothing of it."""
    found = []
    for key, standing in known_of.items():
        known = items.get(key)
        if key in taken or known is None or standing["most"] <= 0:
            continue
        offer, currency = offer_to(supplier, known)
        found.append(Line(key, 0, offer, currency or "", known, standing))
    return found


def _filled(asked: Measures, total: Measures, could: list[Line], room: int) -> list[Line]:
    """Return what brings a basket to what it must come to, those first that come next."""
    quantities = fill(asked, total, [_candidate(one) for one in could], room)
    added = [one._replace(quantity=quantities[one.key]) for one in could if one.key in quantities]
    return sorted(added, key=lambda one: (one.standing or {})["days"])


def _candidate(one: Line) -> Candidate:
    standing = one.standing or {}
    return Candidate(
        one.key,
        one.offer,
        standing["days"],
        standing["daily"],
        standing["need"],
        standing["most"],
    )


def _freight(terms: Supplier, total: Measures, could: list[Line], room: int) -> dict[str, Any]:
    """Return how far a basket is from where its freight is free, and what would bring it there, if that costs less than the freight."""
    free_from = terms.free_freight_from or 0.0
    missing = round(max(free_from - total.value, 0.0), 2)
    told = {"from": free_from, "missing": missing, "cost": terms.freight_cost, "saves": None}
    if not missing or terms.freight_cost is None:
        return {**told, "added": []}
    added = _filled(Measures(value=free_from), total, could, room)
    keeping = sum(
        cost_of_keeping(
            _candidate(one), one.quantity, one.known.terms.holding_rate if one.known else 0.0
        )
        for one in added
    )
    saves = round(terms.freight_cost - keeping, 2)
    if not added or saves <= 0:
        return {**told, "added": []}
    return {**told, "saves": saves, "added": [_added(one) for one in added]}


def _told(row: Row, line: Line) -> dict[str, Any]:
    alert = row.entry.alert
    return {
        "alert_id": alert.alert_id,
        **_named(line, line.quantity),
        "unit_cost": line.offer.price(line.quantity),
        "value": line.value,
        "currency": line.currency or None,
        "order_by": alert.order_by,
        "next_break": _break_of(line),
    }


def _added(line: Line) -> dict[str, Any]:
    return {
        **_named(line, line.quantity),
        "unit_cost": line.offer.price(line.quantity),
        "value": line.value,
        "currency": line.currency or None,
        "days": round((line.standing or {})["days"], 1),
    }


def _named(line: Line, quantity: int) -> dict[str, Any]:
    location, _, sku = line.key.partition("/")
    return {
        "location": location,
        "sku": sku,
        "name": None if line.known is None else line.known.description,
        "quantity": quantity,
    }


def _break_of(line: Line) -> dict[str, Any] | None:
    """Return the next price break of a line, and what it saves after what keeping the rest costs."""
    standing = line.standing
    if standing is None or line.known is None:
        return None
    most = max(int(standing["most"]), line.quantity)
    found = next_break(
        line.offer, line.quantity, standing["daily"], line.known.terms.holding_rate, most
    )
    if found is None:
        return None
    return {
        "quantity": found.quantity,
        "unit_cost": found.price,
        "saves": round(found.saves, 2),
    }
