"""What a closed day of a slow mover teaches besides its level: how often it sells, and how regularly."""

from andon.planning.demand.frequency import heard
from andon.planning.demand.rhythm import Rhythm
from andon.planning.demand.state import Demand


def hear(demand: Demand, sold: int, share: float, *, ran_out: bool) -> None:
    """Learn on which days a slow mover sells from one that its level has learned from.

    Args:
        demand: the item's.
        sold: units.
        share: of the day that is evidence of whether it sells, within [0, 1].
        ran_out: whether more might have sold.
    """
    long_run = demand.slow_sales, demand.slow_b, demand.slow_a
    demand.often = heard(demand.often, sold, share, long_run, demand.quiet)
    if demand.rhythm is None:
        demand.rhythm = Rhythm()
    demand.rhythm.see(sold, known=share > 0, ran_out=ran_out)
