"""An item that is run down: what is left of it is sold, nothing is ordered, and running out is no surprise."""

from typing import Final

from andon.planning.alerting.alerts import OpenAlert, settle_alert
from andon.planning.decision.situation import Situation
from andon.schemas.alerts import Alert

#: What there is to say only of what is bought again.
_SETTLED: Final = ("replenish", "stockout_risk", "class_advice")


def is_run_down(view: Situation) -> bool:
    """Return whether the item is not ordered any more."""
    return view.item.lifecycle == "run_down"


def settle_orders(view: Situation) -> None:
    """Resolve what asks for orders of an item that is run down."""

    def describe(alert: OpenAlert, status: str) -> Alert:
        sentence = (
            f"{view.name} at {view.item.location} is run down: {view.book.on_hand} on hand are sold, "
            "and no more is ordered."
        )
        return view.message(alert, status, sentence, resolution="run down")

    for kind in _SETTLED:
        settle_alert(
            view.book.alerts, view.book.outbox, kind, view.key, view.now, describe=describe
        )
