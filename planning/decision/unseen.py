"""Orders that procurement announced and nobody has seen since: they stay counted, and are asked for."""

from andon.planning.alerting.sentences import moment, plain
from andon.planning.book.answers import UNSEEN, ask_after, unseen
from andon.planning.decision.signals import set_signal
from andon.planning.decision.situation import Situation


def unseen_order(view: Situation) -> None:
    """Ask for what was said to be ordered and has not been seen for a part of its lead time."""
    book, item = view.book, view.item
    if not book.reservations and UNSEEN not in book.alerts:
        return
    ask_after(book, view.lead_time.mean_days)
    waiting = unseen(book, view.now)
    quantity = sum(one.quantity for one in waiting.values())
    first = min(waiting.items(), key=lambda pair: pair[1].at, default=None)

    def asked() -> str:
        if first is None:
            return ""
        name, reservation = first
        order = reservation.shipment_id or f"the answer to {name}"
        others = f" ({order} and {len(waiting) - 1} more)" if len(waiting) > 1 else f" ({order})"
        return (
            f"{plain(quantity, 'unit')} of {view.name} for {item.location} were said to be ordered on "
            f"{moment(reservation.at)}{others}, and no shipment has been seen since. They still count as on order and nothing "
            "is bought in their place: send the order's news, or answer this with rejected if it is off."
        )

    set_signal(
        view,
        UNSEEN,
        holds=first is not None,
        severity="warning",
        size=float(quantity),
        due=0.0 if first is None else first[1].at,
        opened=asked,
        resolved=lambda: (
            f"What was ordered of {view.name} for {item.location} has been seen, or is off: "
            f"{book.on_order + book.reserved} on order."
        ),
        numbers={"quantity": float(quantity), "orders": float(len(waiting))},
    )
