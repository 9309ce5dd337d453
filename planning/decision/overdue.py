"""What should be here and is not, with nobody to ask by itself: orders without a date, and transfers that never arrive."""

from collections.abc import Sequence
from typing import Final

from andon.planning.alerting.sentences import moment, plain
from andon.planning.book.book import Line
from andon.planning.book.transfers import overdue_at
from andon.planning.decision.signals import set_signal
from andon.planning.decision.situation import Situation
from andon.schemas.common import utc

_KIND: Final = "overdue_order"


def overdue_order(view: Situation, lapsed: Sequence[Line] = ()) -> None:
    """Raise an alert for an order without a date that is not here after a time within which nearly all come, and for lost transfers.

    Args:
        view: the item.
        lapsed: transfers that were waited for until now, and are on order no more.
    """
    overdue = [line for line in view.coming if _is_overdue(line, view.now)]
    if not overdue and _KIND not in view.book.alerts:
        return
    units = sum(line.open_quantity for line in overdue)
    oldest = min(overdue, key=lambda line: line.promised or 0.0) if overdue else None
    set_signal(
        view,
        _KIND,
        holds=oldest is not None,
        severity="warning",
        size=float(units),
        opened=lambda: _overdue(view, oldest, units),
        resolved=lambda: _settled(view, lapsed),
        numbers={"units": float(units), "orders": float(len(overdue))},
        shipment_id=None if oldest is None else oldest.shipment_id,
        supplier=None if oldest is None else oldest.supplier,
        expected_arrival=None if oldest is None else utc(oldest.expected),
    )


def _is_overdue(line: Line, now: float) -> bool:
    if line.transfer_from is not None:
        return now > overdue_at(line)
    return line.undated and now > (line.promised or 0.0)


def _overdue(view: Situation, line: Line | None, units: int) -> str:
    if line is None:
        return ""
    when = "" if line.ordered is None else f" {moment(line.ordered)}"
    missing = f"{plain(units, 'unit')} of {view.name} for {view.item.location} are overdue"
    if line.transfer_from is not None:
        return (
            f"{missing}: transfer {line.shipment_id} left {line.transfer_from}{when}, was to be here "
            f"{moment(line.promised or line.expected)}, and nobody has taken it in. Ask where it is; a week after its day it is on "
            "order no more."
        )
    return (
        f"{missing}: {line.shipment_id} from {line.supplier or 'its supplier'} was ordered{when} without a date, and 19 of 20 such "
        f"orders were here by {moment(line.promised or view.now)}. Ask where it is."
    )


def _settled(view: Situation, lapsed: Sequence[Line]) -> str:
    if not lapsed:
        return f"No order of {view.name} for {view.item.location} is overdue without a word."
    units = sum(line.open_quantity for line in lapsed)
    origins = ", ".join(sorted({line.transfer_from or "" for line in lapsed}))
    return (
        f"{plain(units, 'unit')} of {view.name} that left {origins} for {view.item.location} never arrived: they are on order no "
        "more, and in nobody's stock. Find out where they are, and count both locations."
    )
