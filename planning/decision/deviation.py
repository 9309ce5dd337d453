"""What a supplier's word on a purchase order differs in: less, later or dearer than was ordered, until that is made up for or gone."""

from typing import Final

from andon.planning.alerting.sentences import moment, plain, price, unit_price
from andon.planning.book.book import Book, Line
from andon.planning.decision.signals import set_signal
from andon.planning.decision.situation import Situation
from andon.schemas.common import utc
from andon.schemas.orders import LineDeviation

_KIND: Final = "order_deviation"
#: How the ids of replenishment alerts begin.
_REPLENISH: Final = "replenish:"


def order_deviation(view: Situation) -> None:
    """Raise an alert while a supplier brings less, later or for more than was ordered, and nothing was ordered in its place."""
    book = view.book
    told = [line for line in book.lines.values() if line.deviation is not None]
    if not told and _KIND not in book.alerts:
        return
    make_up(book)
    found = [(line, line.deviation) for line in told if line.deviation is not None and _holds(line)]
    missing = sum(_missing(line) for line, _ in found)
    worst = max(found, key=lambda pair: (_missing(pair[0]), pair[1].days_late), default=None)
    set_signal(
        view,
        _KIND,
        holds=worst is not None,
        severity="warning" if missing or any(one.days_late for _, one in found) else "info",
        size=float(missing) + sum(one.days_late for _, one in found) + _extra_cost(found),
        opened=lambda: "" if worst is None else _sentence(view, *worst, others=len(found) - 1),
        resolved=lambda: _gone(view),
        numbers={} if worst is None else _numbers(*worst),
        order_quantity=None if _is_asked_for(view) else missing or None,
        shipment_id=None if worst is None else worst[0].shipment_id,
        supplier=None if worst is None else worst[0].supplier,
        expected_arrival=None if worst is None else utc(worst[0].expected),
    )


def make_up(book: Book) -> None:
    """Note of each line that is short how much was ordered of its item since that was said, of the oldest first.

    What answers a replenishment alert makes up for all of it: that asks for all that is needed, and knows what is short.
    """
    short = [
        (line, told)
        for line in book.lines.values()
        if (told := line.deviation) is not None and told.short
    ]
    used = 0
    for line, told in sorted(short, key=lambda pair: pair[1].since):
        since = told.since.timestamp()
        elsewhere = sum(
            other.quantity
            for other in book.lines.values()
            if other.ordered is not None
            and other.ordered >= since
            and other.shipment_id != line.shipment_id
        )
        elsewhere += sum(one.quantity for one in book.reservations.values() if one.at >= since)
        if any(_asked_since(one, since) for one in book.lines.values()) or any(
            one.at >= since and name.startswith(_REPLENISH)
            for name, one in book.reservations.items()
        ):
            elsewhere = used + told.short
        # What was ordered and has come by now still counts.
        line.made_up = min(max(line.made_up, elsewhere - used), told.short)
        used += line.made_up


def _asked_since(line: Line, since: float) -> bool:
    answers = line.alert_id is not None and line.alert_id.startswith(_REPLENISH)
    return answers and line.quantity > 0 and line.ordered is not None and line.ordered >= since


def _missing(line: Line) -> int:
    return 0 if line.deviation is None else max(line.deviation.short - line.made_up, 0)


def _holds(line: Line) -> bool:
    told = line.deviation
    if told is None:
        return False
    is_coming = line.open_quantity > 0
    return _missing(line) > 0 or (is_coming and bool(told.days_late or told.confirmed_cost))


def _extra_cost(found: list[tuple[Line, LineDeviation]]) -> float:
    """Return what all of it costs more than was ordered."""
    return sum(
        line.quantity * (one.confirmed_cost - (one.unit_cost or 0.0))
        for line, one in found
        if one.confirmed_cost is not None
    )


def _sentence(view: Situation, line: Line, told: LineDeviation, *, others: int) -> str:
    says = []
    if told.short:
        says.append(f"{told.ordered - told.short} of {plain(told.ordered, 'unit')}")
    if told.days_late:
        says.append(f"{told.days_late:.1f} days later than wanted ({moment(line.expected)})")
    if told.confirmed_cost is not None:
        money = told.currency or view.item.currency
        says.append(
            f"at {unit_price(told.confirmed_cost, money)} instead of {price(told.unit_cost or 0.0, money)} each"
        )
    who = line.supplier or "its supplier"
    text = f"{who} confirmed {line.shipment_id} for {view.item.location} otherwise than ordered: {view.name}, {', '.join(says)}."
    missing = _missing(line)
    if missing:
        are = "is" if missing == 1 else "are"
        text += f" {plain(missing, 'unit')} {are} missing: {_what_to_do(view, missing)}."
    return text + (f" So did {others} more." if others else "")


def _what_to_do(view: Situation, missing: int) -> str:
    if _is_asked_for(view):
        return "what is needed of it is asked for by an alert of its own"
    return f"order {'it' if missing == 1 else 'them'} elsewhere, or let it be and acknowledge this"


def _is_asked_for(view: Situation) -> bool:
    """Return whether a replenishment alert is open: it asks for all that is needed, so that nobody is to buy twice."""
    return "replenish" in view.book.alerts


def _numbers(line: Line, told: LineDeviation) -> dict[str, float]:
    found = {
        "ordered": float(told.ordered),
        "confirmed": float(line.quantity),
        "missing": float(_missing(line)),
        "days_late": told.days_late,
    }
    if told.confirmed_cost is not None:
        found |= {"unit_cost": told.unit_cost or 0.0, "confirmed_cost": told.confirmed_cost}
    return found


def _gone(view: Situation) -> str:
    made_up = [line.shipment_id for line in view.book.lines.values() if line.made_up]
    where = f"{view.name} for {view.item.location}"
    if made_up:
        return (
            f"What was missing of {where} under {', '.join(sorted(made_up))} is ordered elsewhere."
        )
    return f"No open order of {where} differs from what was ordered any more."
