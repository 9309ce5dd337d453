"""The ladder to live: shadow, pilot, live; what an item must have shown for the next rung, and what takes it back one.

In shadow, alerts are only compared with what was done. In the pilot a buyer looks at each before ordering. Live, orders
may follow alerts by themselves. An item climbs by a decision of its owner, in the master data, when nothing is missing;
it falls by itself, at once, when its own evidence speaks against it.
"""

from dataclasses import dataclass
from typing import Final

from andon.planning.book.book import Book
from andon.schemas.items import Item, Stage

STAGES: Final[tuple[Stage, ...]] = ("shadow", "pilot", "live")
_LEARNED_DAYS: Final = 28
#: A mean error beyond this share of what sells is a forecast that is not to be followed unseen.
_LOST_BIAS: Final = 0.5


@dataclass(frozen=True)
class Evidence:
    """What an item has shown; None: not known.

    Args:
        days: days its demand was learned from.
        wape: absolute error of the forecast of the protection interval, as a share of demand.
        naive_wape: that of the last interval's sales taken as forecast.
        bias: mean error as a share of demand.
        coverage: share of the intervals whose demand stayed within the quantile aimed at.
        service_level: that quantile.
        punctuality: share of its supplier's deliveries that came as promised.
        deliveries: how many that rests on.
        count_accuracy: share of its counts that the book was right about, within a tenth.
        counts: how many that rests on.
        fill_rate: share of demand that the alerts would have served in shadow.
        fill_rate_before: share that the present way would have.
        cost: what following the alerts would have cost a year.
        cost_before: what the present way would have.
        alerts_true: stock-out alerts after which the shelf went empty.
        alerts_false: those after which it did not.
        alerts_overtaken: those that ended before anybody could know.
    """

    days: int = 0
    wape: float | None = None
    naive_wape: float | None = None
    bias: float | None = None
    coverage: float | None = None
    service_level: float | None = None
    punctuality: float | None = None
    deliveries: int = 0
    count_accuracy: float | None = None
    counts: int = 0
    fill_rate: float | None = None
    fill_rate_before: float | None = None
    cost: float | None = None
    cost_before: float | None = None
    alerts_true: int = 0
    alerts_false: int = 0
    alerts_overtaken: int = 0


@dataclass(frozen=True)
class Demands:
    """What a rung asks for; `error_ratio` is how many times the naive forecast's error its own may be."""

    days: int
    error_ratio: float
    bias: float
    coverage_gap: float
    deliveries: int
    punctuality: float
    counts: int
    count_accuracy: float
    fill_rate_loss: float


DEMANDS: Final[dict[Stage, Demands]] = {
    "pilot": Demands(
        days=28,
        error_ratio=1.1,
        bias=0.3,
        coverage_gap=0.10,
        deliveries=0,
        punctuality=0.0,
        counts=0,
        count_accuracy=0.8,
        fill_rate_loss=0.01,
    ),
    "live": Demands(
        days=90,
        error_ratio=1.0,
        bias=0.2,
        coverage_gap=0.05,
        deliveries=5,
        punctuality=0.8,
        counts=2,
        count_accuracy=0.9,
        fill_rate_loss=0.0,
    ),
}


@dataclass(frozen=True)
class Standing:
    """Where an item stands: its rung, the next (None at the top), and what is missing for it, in sentences."""

    stage: Stage
    following: Stage | None
    missing: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing for the next rung."""
        return self.following is not None and not self.missing


def standing(stage: Stage, evidence: Evidence) -> Standing:
    """Return where an item on this rung stands, and what it lacks for the next."""
    place = STAGES.index(stage)
    if place == len(STAGES) - 1:
        return Standing(stage, None, ())
    following = STAGES[place + 1]
    return Standing(stage, following, tuple(missing(DEMANDS[following], evidence)))


def missing(asked: Demands, evidence: Evidence) -> list[str]:
    """Return what of a rung's demands is not met, each with the figure and what it should be."""
    found = []
    if evidence.days < asked.days:
        found.append(f"{evidence.days} of {asked.days} days learned from")
    if evidence.wape is None or evidence.naive_wape is None:
        found.append("no forecast to judge yet")
    elif evidence.wape > asked.error_ratio * evidence.naive_wape:
        found.append(
            f"forecast error {evidence.wape:.1%}, worse than the naive {evidence.naive_wape:.1%}"
        )
    if evidence.bias is not None and abs(evidence.bias) > asked.bias:
        found.append(f"forecast bias {evidence.bias:+.0%}, beyond {asked.bias:.0%}")
    if evidence.coverage is not None and evidence.service_level is not None:
        least = evidence.service_level - asked.coverage_gap
        if evidence.coverage < least:
            found.append(f"demand within the quantile {evidence.coverage:.0%}, below {least:.0%}")
    if evidence.deliveries < asked.deliveries:
        found.append(f"{evidence.deliveries} of {asked.deliveries} deliveries seen")
    elif evidence.punctuality is not None and evidence.punctuality < asked.punctuality:
        found.append(f"supplier on time {evidence.punctuality:.0%}, below {asked.punctuality:.0%}")
    if evidence.counts < asked.counts:
        found.append(f"{evidence.counts} of {asked.counts} counts made")
    elif evidence.count_accuracy is not None and evidence.count_accuracy < asked.count_accuracy:
        found.append(
            f"book right in {evidence.count_accuracy:.0%} of counts, below {asked.count_accuracy:.0%}"
        )
    return found + _results(asked, evidence)


def _results(asked: Demands, evidence: Evidence) -> list[str]:
    """Return what speaks against the results that following the alerts would have had."""
    served, before = evidence.fill_rate, evidence.fill_rate_before
    if served is None or before is None:
        return ["no results in shadow yet"]
    if served >= before - asked.fill_rate_loss:
        return []
    cost, cost_before = evidence.cost, evidence.cost_before
    if cost is not None and cost_before is not None and cost < cost_before:
        # It serves less, but what that loses is more than made up for.
        return []
    return [f"would have served {served:.1%}, the present way {before:.1%}"]


def stage_of(item: Item, book: Book) -> Stage:
    """Return the rung on which an item's replenishment alerts are published now.

    That is the master data's, or one below while the book cannot be right or its forecast is far off.
    """
    stage = item.stage
    if stage == "shadow" or not doubts(book):
        return stage
    return "pilot" if stage == "live" else "shadow"


def doubts(book: Book) -> list[str]:
    """Return what in an item's own book speaks against following its alerts unseen."""
    found = []
    if "book_mismatch" in book.alerts:
        found.append("the book was found wrong")
    bias = book.demand.bias
    if book.demand.days >= _LEARNED_DAYS and bias is not None and abs(bias) > _LOST_BIAS:
        found.append(f"the forecast is off by {bias:+.0%}")
    return found
