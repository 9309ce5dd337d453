"""How figures and dates are said to a buyer."""

from datetime import datetime

from andon.schemas.common import utc


def moment(seconds: float) -> str:
    """Return a moment as a buyer says it: weekday, date, and the time of day in UTC."""
    return f"{utc(seconds):%a %d %b %H:%M}"


def plain(quantity: int, unit: str) -> str:
    """Return a quantity with its unit, in the right number."""
    return f"{quantity:,} {unit}" if quantity == 1 else f"{quantity:,} {unit}s"


def money(amount: float, currency: str) -> str:
    """Return an amount with its currency, without cents when they do not matter."""
    return f"{amount:,.0f} {currency}" if abs(amount) >= 100 else f"{amount:,.2f} {currency}"


def instant(seconds: float | None) -> datetime | None:
    """Return the UTC instant, or None for none."""
    return None if seconds is None else utc(seconds)
