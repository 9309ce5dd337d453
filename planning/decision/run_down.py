"""An item that is run down: what is left of it is sold, nothing is ordered, and running out is no surprise."""

from typing import Final

from andon.planning.alerting.alerts import OpenAlert, settle_alert
from andon.planning.book.succession import is_replaced
from andon.planning.decision.situation import Situation
from andon.planning.demand.shelf import has_begun
from andon.schemas.alerts import Alert

#: What there is to say only of what is bought again.
_SETTLED: Final = ("replenish", "stockout_risk", "class_advice")
#: What the code that takes its place says of both.
_SAID_THERE: Final = ("demand_spike", "level_shift", "overstock", "overdue_order", "demand_unknown")


def is_run_down(view: Situation) -> bool:
    """Return whether the item is not ordered any more."""
    return view.item.lifecycle == "run_down" or is_replaced(view.book, view.now)


def expects_nothing(view: Situation) -> bool:
    """Return whether a planner said that an item sells nothing, and nothing says otherwise: nobody waits for it, nor bought it."""
    book = view.book
    expected = view.item.expected_daily_demand
    return (
        expected == 0 and not view.required and book.backorders <= 0 and not has_begun(book.demand)
    )


def settle_orders(view: Situation) -> None:
    """Resolve what asks for orders of an item that is run down, or expected to sell nothing."""

    def describe(alert: OpenAlert, status: str) -> Alert:
        told = view.book.replaced
        if not is_run_down(view):
            sentence = (
                f"{view.name} at {view.item.location} is expected to sell nothing: {view.book.on_hand} on hand, and "
                "nothing is ordered before something sells."
            )
            return view.message(alert, status, sentence, resolution="not expected to sell")
        why = "run down" if told is None or not told.sku else f"replaced by {told.sku}"
        sentence = (
            f"{view.name} at {view.item.location} is {why}: {view.book.on_hand} on hand are sold, "
            "and no more is ordered."
        )
        return view.message(alert, status, sentence, resolution="run down")

    kinds = _SETTLED + (_SAID_THERE if is_replaced(view.book, view.now) else ())
    for kind in kinds:
        settle_alert(
            view.book,
            kind,
            view.key,
            view.now,
            for_good=True,
            describe=describe,
        )
