"""Signals about one item besides running out: a spike, a new level, and a book that is wrong."""

from collections.abc import Callable
from typing import Any, Final

from andon.planning.alerting.alerts import OpenAlert, raise_alert, settle_alert
from andon.planning.alerting.sentences import moment, plain, rate
from andon.planning.book.book import NEVER_SOLD, Book
from andon.planning.decision.situation import Situation
from andon.planning.demand.demand import is_known
from andon.planning.demand.spike import usual_of
from andon.planning.demand.surprise import deviation, overshoot
from andon.schemas.alerts import Alert, Severity

#: The CUSUM of standardised daily errors at which a level counts as new.
SHIFTED: Final = 8.0
SETTLED: Final = 2.0
#: A count that is off by more than this share of the order-up-to level says that the book was wrong.
_WRONG_SHARE: Final = 0.1
_WRONG_UNITS: Final = 5
#: How long sales from before a count may still arrive and explain its error.
_COUNT_SETTLES_SECONDS: Final = 3600.0
_LEARNED_DAYS: Final = 14
#: A book that was wrong and recovers by itself must stay right for a day, unless somebody counted.
_CALM_SECONDS: Final = 86400.0


def demand_spike(view: Situation) -> None:
    """Raise an alert when the open day has sold what the forecast holds for next to impossible."""
    demand = view.book.demand
    if demand.days < _LEARNED_DAYS:
        return
    threshold = view.spike_threshold
    usual = usual_of(demand, demand.day, view.book.sells_in).mean
    buffer = round(overshoot(float(demand.sold), usual, deviation(usual, demand.own_dispersion)))
    kept = (
        f" {plain(buffer, 'unit')} more than usual will be kept for what may follow, half of it after two days."
        if buffer > 0
        else ""
    )
    set_signal(
        view,
        "demand_spike",
        holds=demand.sold >= threshold,
        severity="warning",
        size=float(demand.sold),
        opened=lambda: (
            f"{view.name} at {view.item.location} sold {demand.sold} today where about "
            f"{usual:.0f} were expected: a spike.{kept}"
        ),
        resolved=lambda: f"The spike of {view.name} at {view.item.location} is over.",
        numbers={
            "sold": float(demand.sold),
            "expected": round(usual, 2),
            "buffer": float(buffer),
        },
    )


def level_shift(view: Situation) -> None:
    """Raise an alert when demand has lastingly left the level that was believed in."""
    demand = view.book.demand
    shift = abs(demand.shift)
    is_open = "level_shift" in view.book.alerts
    direction = "up" if demand.shift > 0 else "down"
    set_signal(
        view,
        "level_shift",
        holds=demand.days >= _LEARNED_DAYS
        and shift >= (SETTLED if is_open else SHIFTED)
        and view.item.lifecycle != "run_down",
        severity="info",
        size=lasting(view.book.alerts.get("level_shift"), demand.level),
        opened=lambda: (
            f"Demand for {view.name} at {view.item.location} has moved {direction} for good: the level is "
            f"now {rate(demand.level)}, and the reorder point follows."
        ),
        resolved=lambda: (
            f"{view.name} at {view.item.location} is run down: what it sells is planned for no more."
            if view.item.lifecycle == "run_down"
            else f"Demand for {view.name} at {view.item.location} is steady again."
        ),
        numbers={"level": round(demand.level, 3), "cusum": round(demand.shift, 2)},
    )


def is_wanted(view: Situation) -> bool:
    """Return whether anybody knows what an item sells, or else customers wait for it."""
    return is_known(view.demand) or view.book.backorders > 0


def demand_unknown(view: Situation) -> None:
    """Say once that nobody knows what an item sells: until then nothing is ordered for it, and no stock-out is foreseen."""
    unknown = not is_known(view.demand)
    why = f"Nobody knows what {view.name} at {view.item.location} sells"
    for kind in () if is_wanted(view) else ("replenish", "stockout_risk"):
        # Said by a worker that took a guess for knowledge.
        set_signal(
            view,
            kind,
            holds=False,
            severity="info",
            size=0.0,
            opened=str,
            resolved=lambda: f"{why}: this is taken back.",
            numbers={},
        )
    set_signal(
        view,
        "demand_unknown",
        holds=unknown and view.book.stock_is_known,
        severity="info",
        size=1.0,
        opened=lambda: (
            f"{why}: {'no more than customers wait for' if is_wanted(view) else 'nothing'} is ordered for it. Give an expectation (expected_daily_demand), or count what sells."
        ),
        resolved=lambda: f"The first is known of what {view.name} at {view.item.location} sells.",
        numbers={"on_hand": float(view.book.on_hand)},
    )


def book_mismatch(view: Situation) -> None:
    """Raise an alert when the book cannot be right: stock below nothing, or a count far from it."""
    book = view.book
    negative = book.on_hand < 0
    unplaced = book.unplaced > 0
    settled = view.now - book.counted_at >= _COUNT_SETTLES_SECONDS
    alert = book.alerts.get("book_mismatch")
    counted = alert is not None and book.counted_at > alert.opened_at
    where = f"{view.name} at {view.item.location}"

    def opened() -> str:
        if negative:
            return f"The book of {where} says {book.on_hand}: more was sold than it had. Count it."
        if book.unrecorded:
            return (
                f"The book of {where} says {book.on_hand}, but {plain(book.unrecorded, 'unit')} more than it knew of were "
                f"sold: {book.stock} may be there. Count it."
            )
        if unplaced:
            return (
                f"A count of {where} of {moment(book.unplaced)} came too late: what has happened since is no longer known in "
                "full. Count it anew."
            )
        return (
            f"The count of {where} was off by {book.count_error:+d}: "
            "look for unrecorded sales, losses or receipts."
        )

    set_signal(
        view,
        "book_mismatch",
        holds=book.stock_is_known
        and (
            negative
            or book.unrecorded > 0
            or unplaced
            or (settled and abs(book.count_error) > _tolerance(book))
        ),
        severity="warning",
        size=_size_of_mismatch(book, alert),
        opened=opened,
        resolved=lambda: f"The book of {view.name} at {view.item.location} is right again.",
        numbers={"on_hand": float(book.on_hand), "count_error": float(book.count_error)},
        calm_seconds=0.0 if counted else _CALM_SECONDS,
    )


def _size_of_mismatch(book: Book, alert: OpenAlert | None) -> float:
    """Return by how much a book is wrong: what sells on below nothing asks for the same count every day."""
    return lasting(alert, float(max(-book.on_hand, book.unrecorded, 0) + abs(book.count_error)))


def lasting(alert: OpenAlert | None, size: float) -> float:
    """Return the size that an alert was last said with while it is less than twice that, and more than half; else what it is now."""
    if alert is not None and alert.size / 2 < size < alert.size * 2:
        return alert.size
    return size


def settles_at(book: Book) -> float | None:
    """Return when a count that was off is said to be, unless sales explain it until then (seconds since 1970); None if none was."""
    if "book_mismatch" in book.alerts or abs(book.count_error) <= _tolerance(book):
        return None
    return book.counted_at + _COUNT_SETTLES_SECONDS


def _tolerance(book: Book) -> float:
    """Return by how many units a count may be off without a word."""
    most = 0 if book.targets is None else book.targets.order_up_to
    return max(_WRONG_UNITS, _WRONG_SHARE * most)


def source_circle(view: Situation) -> None:
    """Say that a source is refused, as goods would go round in a circle if they came from it."""
    if view.book.network is None:
        return
    refused = next(
        (
            option.circle
            for source in view.item.sources
            if source.from_location is not None and (option := view.option(source)).circle
        ),
        (),
    )
    set_signal(
        view,
        "source_circle",
        holds=bool(refused),
        severity="warning",
        size=float(len(refused)),
        cause=" from ".join(refused),
        opened=lambda: (
            f"{view.name} is not taken from {refused[1]} at {view.item.location}: goods would go round in a circle, "
            f"{' from '.join(refused)}. Of these, {view.item.location} was changed last and gives way: give it another source."
        ),
        resolved=lambda: f"No source of {view.name} at {view.item.location} leads back to it.",
        numbers={"locations": float(max(len(refused) - 1, 0))},
    )


def set_signal(
    view: Situation,
    kind: Any,
    *,
    holds: bool,
    severity: Severity,
    size: float,
    opened: Callable[[], str],
    resolved: Callable[[], str],
    numbers: dict[str, float],
    calm_seconds: float = 0.0,
    due: float = 0.0,
    cause: str = "",
    **fields: Any,
) -> None:
    """Open or update an alert while its reason holds, and resolve it when it does not; its message has these other fields."""
    book = view.book

    def describe(alert: OpenAlert, status: str) -> Alert:
        sentence = resolved() if status == "resolved" else opened()
        resolution = "over" if status == "resolved" else None
        return view.message(
            alert, status, sentence, numbers=numbers, resolution=resolution, **fields
        )

    if holds:
        raise_alert(
            book,
            kind=kind,
            key=view.key,
            now=view.now,
            severity=severity,
            size=size,
            due=due,
            cause=cause,
            describe=describe,
        )
    elif kind in book.alerts:
        settle_alert(
            book,
            kind,
            view.key,
            view.now,
            calm_seconds=calm_seconds,
            describe=describe,
        )


def calm_until(view: Situation) -> int:
    """Return the count of the open day at which it must be looked at for a spike."""
    demand = view.book.demand
    if demand.days < _LEARNED_DAYS:
        return NEVER_SOLD
    threshold = view.spike_threshold
    return threshold if demand.sold < threshold else int(demand.sold * 1.5) + 1
