"""When a shape is asked for: once a period, and early where the level has changed or the shape is about to speak."""

from collections.abc import Callable
from typing import Final, Literal

from xxhash import xxh3_64_intdigest

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.book.book import Book
from andon.planning.forecasting.candidates import COMBINED, NAMES, Shaped
from andon.planning.forecasting.models import Models
from andon.schemas.common import split_item_key, utc
from andon.schemas.forecasts import FitRequest, PooledYear
from andon.schemas.items import Item

Reason = Literal["first", "period", "drift", "challenger"]

#: A shape is fitted anew after so many days, and reaches beyond the next fit by a long lead time.
PERIOD_DAYS: Final = 28
HORIZON_DAYS: Final = 92
#: With fewer days, the week is all that can be told, and the level tells that itself.
_LEAST_DAYS: Final = 21
#: After so many, an item may borrow a shape from its pool.
_BORROWS_DAYS: Final = 7
#: However the level jumps, no fit follows another sooner.
_LEAST_BETWEEN: Final = 7
#: An item that sells on fewer of its last days has no shape that one could see: TSB is for it. The mean interval between
#: demands is then 1.32 days or more (Syntetos, Boylan and Croston, 2005).
_LEAST_SHARE: Final = 1 / 1.32
_RECENT_DAYS: Final = 56
_SHAPED: Final = NAMES.index(Shaped.name)


def ask_for_fit(
    models: Models,
    book: Book,
    key: str,
    now: float,
    pooled: Callable[[Item], PooledYear | None] = lambda _: None,
) -> None:
    """Ask for a shape, in the outbox of an item's models, if it is time.

    Args:
        models: of the item.
        book: of the item.
        key: its `location/sku`.
        now: seconds since 1970.
        pooled: returns what the items of its kind have sold; a new item asks early if that is enough to lend it a shape.
    """
    reason = reason_to_fit(models, book, key)
    may_borrow = reason is None and _may_borrow(models, key)
    if reason is None and not may_borrow:
        return
    lent = None if book.item is None else pooled(book.item)
    if may_borrow and (lent is None or not lent.weekdays):
        return
    past = models.history
    day = past.closed
    location, sku = split_item_key(key)
    item = book.item
    request = FitRequest(
        location=location,
        sku=sku,
        asked_at=utc(now),
        first_day=past.first,
        sold=tuple(past.last(len(past))),
        horizon_days=HORIZON_DAYS,
        reason=reason or "first",
        value=round(book.demand.level * (item.unit_cost if item is not None else 1.0), 4),
        country=book.sells_in,
        pooled=lent,
    )
    models.asked = day
    models.outbox.append(
        OutboxMessage.of("fits", key, f"{key}:{day}", "andon.fit.requested", request, now)
    )


def reason_to_fit(models: Models, book: Book, key: str) -> Reason | None:
    """Return why a shape is to be asked for now, or None.

    Items that could be fitted for the first time on the same day are spread over a week by their keys.
    """
    past = models.history
    day = past.closed
    if len(past) < _LEAST_DAYS + phase_of(key) or not _is_regular(models):
        return None
    waited = day - models.asked
    if models.asked < 0 or len(past) - waited < _LEAST_DAYS:
        # What it may have had until now was borrowed.
        return "first"
    if waited >= PERIOD_DAYS:
        return "period"
    if waited < _LEAST_BETWEEN:
        return None
    if book.demand.followed > models.asked:
        return "drift"
    if waited >= PERIOD_DAYS // 2 and _challenges(models):
        return "challenger"
    return None


def _may_borrow(models: Models, key: str) -> bool:
    """Return whether an item is too new to be fitted, and has not asked yet."""
    known = len(models.history) - phase_of(key)
    return models.asked < 0 and _BORROWS_DAYS <= known < _LEAST_DAYS and _is_regular(models)


def phase_of(key: str) -> int:
    """Return on which day of seven it is an item's turn, so that not all have it on the same."""
    return xxh3_64_intdigest(key.encode()) % 7


def _is_regular(models: Models) -> bool:
    """Return whether an item sells on most days, of those on which it could."""
    known = [units for units in models.history.last(_RECENT_DAYS) if units is not None]
    return sum(units > 0 for units in known) > _LEAST_SHARE * max(len(known), 1)


def _challenges(models: Models) -> bool:
    """Return whether the level on a shape has been better than what speaks."""
    if models.champion == _SHAPED:
        return False
    cost, ruling = models.cost(_SHAPED), models.cost(models.champion)
    return cost is not None and cost < (
        1.0 if ruling is None or models.champion == COMBINED else ruling
    )
