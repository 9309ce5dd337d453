"""How a purchase order stands, in words for people, and what of it is still to come."""

from andon.schemas.orders import OrderedLine, PurchaseOrder


def standing(order: PurchaseOrder) -> str:
    """Return how an order stands, as somebody would say it.

    An approved order waits until the books of its alerts have said that nobody was first; a supplier may have confirmed it by then.
    """
    if order.state in ("cancelled", "received"):
        return order.state
    if order.state == "drafted":
        return "draft, to be approved"
    if not order.ready:
        heard = "; its supplier has confirmed" if order.confirmed_at is not None else ""
        return f"approved, being placed{heard}"
    if order.state == "confirmed":
        if not to_come_of(order) and not any(line.received for line in order.bought):
            return "confirmed: nothing comes"
        return "confirmed otherwise" if order.deviates else "confirmed"
    return "sent, not confirmed" if order.state == "sent" else "approved, to be sent"


def to_come(line: OrderedLine) -> int:
    """Return how many units of a line are still to come, by the supplier's last word."""
    if line.left_out is not None:
        return 0
    agreed = line.quantity if line.confirmed_quantity is None else line.confirmed_quantity
    return max(agreed - line.received, 0)


def to_come_of(order: PurchaseOrder) -> int:
    """Return how many units of an order are still to come; of one that is done, none."""
    return sum(to_come(line) for line in order.lines) if order.is_open else 0
