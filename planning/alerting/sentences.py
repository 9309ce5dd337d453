"""How figures and dates are said to a buyer."""

from datetime import datetime
from typing import Final

from andon.schemas.alerts import Severity
from andon.schemas.common import utc

#: How many decimals an amount of a currency has (ISO 4217), where they are not two.
_DECIMALS: Final = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}
#: How urgent an alert is, as a sign that differs in shape as well as in colour, wherever alerts are listed.
MARKS: Final[dict[Severity, str]] = {"critical": "●", "warning": "◐", "info": "○"}
#: The sign of what is over.
OVER: Final = "✓"
#: A slower rate than this is said as one in so many days: a tenth of a unit would say too little of it.
_SLOW: Final = 0.15


def moment(seconds: float, now: float | None = None) -> str:
    """Return a moment as a buyer says it: weekday, date, and the time of day in UTC; with its year, if `now` is known to be in another."""
    said = utc(seconds)
    if now is not None and said.year != utc(now).year:
        return f"{said:%a %d %b %Y %H:%M}"
    return f"{said:%a %d %b %H:%M}"


def plain(quantity: int, unit: str) -> str:
    """Return a quantity with its unit, in the right number."""
    return f"{quantity:,} {unit}" if quantity == 1 else f"{quantity:,} {unit}s"


def money(amount: float, currency: str) -> str:
    """Return an amount with its currency, without cents when they do not matter."""
    decimals = 0 if abs(amount) >= 100 else _DECIMALS.get(currency, 2)
    return f"{amount:,.{decimals}f} {currency}"


def is_money(amount: float, currency: str) -> bool:
    """Return whether an amount is anything at all, once it is said in coins of its currency."""
    return round(abs(amount), _DECIMALS.get(currency, 2)) > 0


def price(amount: float, currency: str) -> str:
    """Return the price of one unit with its currency (see `unit_price`), or alone where nobody says in what it is.

    >>> money(1234.5, "EUR"), price(0.031, "EUR")
    ('1,234 EUR', '0.031 EUR')
    """
    return f"{unit_price(amount, currency)} {currency}".rstrip()


def unit_price(amount: float, currency: str) -> str:
    """Return the price of one unit, exactly to a tenth of a thousandth: screws may cost less than a coin each."""
    decimals = _DECIMALS.get(currency, 2)
    while decimals < 4 and abs(amount - round(amount, decimals)) >= 0.00005:
        decimals += 1
    return f"{amount:.{decimals}f}"


def rate(daily: float) -> str:
    """Return how fast something sells, from units a day: of slow movers, in how many days one does.

    >>> rate(4.2), rate(0.011)
    ('4.2 a day', '1 in 91 days')
    """
    if 0 < daily < _SLOW:
        return f"1 in {1 / daily:,.0f} days"
    return f"{daily:,.1f} a day"


def sells(daily: float) -> str:
    """Return what sells, from units a day, as a clause (see `rate`)."""
    if 0 < daily < _SLOW:
        return f"1 sells in {1 / daily:,.0f} days"
    return f"{rate(daily)} sell"


def instant(seconds: float | None) -> datetime | None:
    """Return the UTC instant, or None for none."""
    return None if seconds is None else utc(seconds)
