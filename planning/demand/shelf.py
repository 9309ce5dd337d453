"""What is known of goods that never sold: nothing at first, and that nobody wants them once they have lain there for long."""

from typing import Final

from andon.planning.demand.state import VAGUE, Demand

#: So many days new goods may take from their first count to the shelf.
PUT_OUT_DAYS: Final = 14


def has_begun(demand: Demand) -> bool:
    """Return whether anything was ever sold."""
    return demand.closed >= 0 or demand.sold > 0 or len(demand.pending) > 0


def is_known(demand: Demand) -> bool:
    """Return whether anything is known of it: an expectation, a sale, or days on which there was stock and nothing sold."""
    return demand.days > 0 or has_begun(demand) or demand.b > VAGUE[1]


def wait_on_shelf(demand: Demand, day: int, *, on_shelf: bool) -> None:
    """Hear that an item which never sold has been on the shelf since a day at the latest (since 1970), or is not there.

    New goods may take some days from their count to the shelf. If they are there for longer, every day of it says that nobody
    wanted them.
    """
    if has_begun(demand):
        return
    if not on_shelf:
        demand.day = 0
    elif not demand.day:
        demand.day = day
