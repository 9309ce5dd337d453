"""Returns: what of them was no demand of the day on which it was sold."""

from typing import Final

from andon.planning.demand.demand import Demand, day_at, sold_on, unrecord
from andon.schemas.pos import Sale

#: A return of what sells in more days than this takes back a mistake.
_MISTAKEN_DAYS: Final = 3.0


def take_back(demand: Demand, sale: Sale, day: int) -> None:
    """Let what comes back on a day (since 1970) be no demand of the day on which it was sold, if that is still open.

    A return that does not say when it was sold may be of any day, and is none of today's; but so many units at once, on a
    day that sold as many, are taken for an entry that is corrected.
    """
    quantity = sale.quantity
    if sale.sold_at is not None:
        unrecord(demand, day_at(demand, sale.sold_at.timestamp()), quantity)
    elif quantity > _MISTAKEN_DAYS * max(demand.level, 1.0) and sold_on(demand, day) >= quantity:
        unrecord(demand, day, quantity)
