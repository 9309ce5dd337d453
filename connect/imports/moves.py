"""Moves between places, of which only those to and from customers are sales (Odoo's stock moves)."""

from typing import Final

from andon.connect.imports.events import Skip
from andon.connect.imports.names import folded
from andon.connect.imports.values import Values

_CUSTOMERS: Final = frozenset(
    [
        "customer",
        "customers",
        "kunde",
        "kunden",
        "client",
        "clients",
        "cliente",
        "clientes",
        "clienti",
        "klant",
        "klanten",
    ]
)


def sold_by(values: Values) -> tuple[str | None, int]:
    """Return the place that a move is a sale of, and -1 if the goods came back; (None, 1) where a table has no moves.

    Raises:
        Skip: it is a move between two other places.
        BadRow: the place is none.
    """
    if not (values.has("moved_from") and values.has("moved_to")):
        return None, 1
    came, went = _is_customer(values.text("moved_from")), _is_customer(values.text("moved_to"))
    if came == went:
        raise Skip("a move between places, and no sale")
    return values.code("moved_to" if came else "moved_from", of="location"), -1 if came else 1


def _is_customer(text: str | None) -> bool:
    return text is not None and folded(text.rpartition("/")[2]) in _CUSTOMERS
