"""How often a slow mover sells: in the long run, of late, and which of the two has foreseen its days better.

Sizes say little of when the next sale is, and what is known of them is spread over years, so that days are counted (Croston,
1972; Teunter, Syntetos and Babai, 2011, who let the rate of days fall in a silence, too). An item that goes out of fashion is silent before its level says so, and one that comes in sells on more days. So two rates of
days that sell are kept, and their odds as forecasters of the next day (Bayesian model averaging with forgetting: Raftery,
Karny and Ettler, 2010): of steady demand both are right, and of what changes the rate of late is.
"""

import math
from typing import Final

import msgspec

from andon.planning.demand.long_run import SLOW_DISCOUNT, SLOW_LOSS, kept

#: What sells on fewer days than this share of them is a slow mover; one that sells on more than the second is not watched.
SELDOM: Final = 0.3
_OFTEN: Final = 0.6
#: What is silent for so many days is watched, too, before anybody takes it for an item that was not for sale.
MISSED_DAYS: Final = 7
#: How many times the square of a mean sale the mean square is, where single sales are forgotten: that of an exponential law is 2.
_SQUARE: Final = 2.0
#: What a day leaves of the rate of late, about twenty days of it, and of what each rate was worth.
_LATE_KEPT: Final = 0.95
_ODDS_KEPT: Final = 0.995
#: So many sales of the long run lend the rate of late what it begins with.
_LENT_SALES: Final = 0.5
#: No chance of a sale is believed to be nearer to none or to one.
_LEAST: Final = 1e-4
#: After so many sales, one counts toward the spread of sales as at most so many mean ones: a bulk order says nothing of others.
_KNOWN_SALES: Final = 3.0
_BULK: Final = 4.0


class Frequency(msgspec.Struct, array_like=True):
    """Days that sold, of late and in the long run, and what they sold.

    `late_sales` of `late_days` sold, and `sales` of `days`; these sold `units`, with `squares` the sum of their squares.
    `log_odds` are those that the rate of late is the better forecast of a day.
    """

    late_sales: float = 0.0
    late_days: float = 0.0
    log_odds: float = 0.0
    sales: float = 0.0
    days: float = 0.0
    units: float = 0.0
    squares: float = 0.0

    @property
    def is_seldom(self) -> bool:
        """Whether it is a slow mover's, of which something is known."""
        return 0.0 < self.sales < SELDOM * self.days

    @property
    def usual(self) -> float:
        """The chance of a day to sell in the long run."""
        return self.sales / self.days

    @property
    def of_late(self) -> float:
        """The chance of a day to sell of late."""
        return (self.late_sales + _LENT_SALES) / (self.late_days + _LENT_SALES / self.usual)

    @property
    def late_sure(self) -> float:
        """As many sales the rate of late is known from."""
        return self.late_sales + _LENT_SALES

    @property
    def late_share(self) -> float:
        """The probability that the rate of late is the one to believe, within [0, 1]."""
        return 1.0 / (1.0 + math.exp(-self.log_odds))

    def scaled(self, factor: float) -> "Frequency":
        """Return the same in units of which one of these is `factor`."""
        return msgspec.structs.replace(
            self, units=self.units * factor, squares=self.squares * factor**2
        )

    def see(self, sold: int, share: float) -> None:
        """Learn from a day: units sold, and the share of it that is evidence, within (0, 1]."""
        sells = sold > 0
        if self.sales > 0:
            long = min(max(self.usual, _LEAST), 1.0 - _LEAST)
            late = min(max(self.of_late, _LEAST), 1.0 - _LEAST)
            ratio = late / long if sells else (1.0 - late) / (1.0 - long)
            self.log_odds = self.log_odds * _ODDS_KEPT + share * math.log(ratio)
        self.late_sales = self.late_sales * _LATE_KEPT + sells
        self.late_days = self.late_days * _LATE_KEPT + share
        left = kept(SLOW_LOSS, self.days, self.sales)
        self.sales = self.sales * left + sells
        self.days = self.days * left + share
        self.units = self.units * left + sold
        size = float(sold)
        if self.sales > _KNOWN_SALES and size > _BULK * self.units / self.sales:
            size = _BULK * self.units / self.sales
        self.squares = self.squares * left + size * size

    def see_late(self, units: int, days: int, *, is_first: bool) -> None:
        """Learn that a day sold more than was known of it.

        Args:
            units: more; negative, if fewer.
            days: since then.
            is_first: whether it was taken for a day that sold nothing.
        """
        left = SLOW_DISCOUNT**days
        if is_first:
            self.late_sales += _LATE_KEPT**days
            self.sales += left
            self.squares += left * units * units
        self.units = max(self.units + left * units, self.sales)


def heard(
    often: Frequency | None,
    sold: int,
    share: float,
    long_run: tuple[float, float, float],
    quiet: int,
) -> Frequency | None:
    """Return what is known of how often an item sells with one more day; None where it sells on most of them.

    Args:
        often: what was known.
        sold: units.
        share: of the day that is evidence, within [0, 1]; 0 is none.
        long_run: days that sold, of how many, and their units, the day included: with these it begins.
        quiet: days without a sale by now.
    """
    if often is None:
        sales, days, units = long_run
        squares = _SQUARE * units * units / sales if sales > 0 else 0.0
        return Frequency(sales=sales, days=days, units=units, squares=squares)
    if share > 0:
        often.see(sold, share)
        if often.sales > _OFTEN * often.days and not quiet:
            return None
    return often
