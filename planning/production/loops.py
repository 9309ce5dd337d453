"""A kanban loop as it is known: its cards, what is used of it on a working day, and how long it takes to fill a container.

What is known of a card is a function of the set of its news: whichever of being pulled, filled or lost came last is so.
"""

from typing import Final

import msgspec

from andon.planning.alerting.alerts import OpenAlert, OutboxMessage
from andon.planning.demand.days import DAY, begin_of, day_of
from andon.planning.production.cards import card_count, is_lost
from andon.planning.supply.lead_time import LeadTime, learn, prior
from andon.schemas.calendars import WEEKDAYS
from andon.schemas.kanban import MOST_CARDS, CardEvent, Loop

APPLIED: Final = "applied"
DUPLICATE: Final = "duplicate"
STALE: Final = "stale"
#: A card more than the record holds.
TOO_MANY: Final = "too_many"

#: What is used is judged over so many days; what the loop's owner believes counts as much as so many working days.
_WINDOW_DAYS: Final = 42
_BELIEF_DAYS: Final = 5.0
#: So many of the last pulls are known by their names, and no pull counts twice among them.
_REMEMBERED: Final = 1024
_DIGEST: Final = 8
#: From so many pulls on there is advice on the number of cards, if so large an error of the demand would not change it.
_ENOUGH: Final = 20
_MARGIN: Final = 0.1
#: A card that hangs for longer than all but so few is missed, too.
_NEARLY_ALL: Final = 0.995


class Card(msgspec.Struct, array_like=True):
    """A card: when it was last pulled, filled and lost (seconds since 1970; 0: never), and how many pulls there had been when it was filled.

    `learned` is the pull of which it is known how long its filling took.
    """

    pulled: float = 0.0
    filled: float = 0.0
    lost: float = 0.0
    pulls: int = 0
    learned: float = 0.0

    @property
    def is_gone(self) -> bool:
        """Whether it was said to be lost, and nothing was heard of it since."""
        return self.lost > max(self.pulled, self.filled)

    @property
    def hangs(self) -> bool:
        """Whether its container waits to be filled."""
        return not self.is_gone and self.pulled > self.filled


class KanbanLoop(msgspec.Struct, array_like=True):
    """A loop: what its owner says of it, its cards by their ids, how many pulls there were in all and by day (since 1970).

    `loop_at` is when the loop was last changed, or deleted, `since` when its first card was heard of, `clock` the latest event time
    (seconds since 1970), and `digests` those of the last pulls' ids.
    """

    loop: Loop | None = None
    loop_at: float = 0.0
    cards: dict[str, Card] = {}
    pulls: int = 0
    days: dict[int, int] = {}
    since: float = 0.0
    clock: float = 0.0
    lead: LeadTime | None = None
    digests: bytearray = msgspec.field(default_factory=bytearray)
    alerts: dict[str, OpenAlert] = {}
    episodes: dict[str, int] = {}
    applied: dict[str, int] = {}
    outbox: list[OutboxMessage] = []
    #: When the last alert of each kind ended, in seconds since 1970.
    ended: dict[str, int] = {}


def set_loop(state: KanbanLoop, loop: Loop | None, at: float) -> str:
    """Take in what a loop's owner says of it, None if it is deleted; `at` is when, in seconds since 1970."""
    if at < state.loop_at:
        return STALE
    before, state.loop, state.loop_at = state.loop, loop, at
    if loop is not None and (before is None or before.lead_time_days != loop.lead_time_days):
        state.lead = prior(loop.lead_time_days)
    return APPLIED


def hear_card(
    state: KanbanLoop, event: CardEvent, at: float, digest: bytes, zone: str | None
) -> str:
    """Take in what became of a card. Return what became of the news.

    Args:
        state: of its loop.
        event: the news.
        at: when it happened, seconds since 1970.
        digest: of its id.
        zone: the time zone of the location (an IANA name; None for UTC).
    """
    if _seen(state, digest):
        return DUPLICATE
    card = state.cards.get(event.card)
    if card is None:
        _forget_gone(state)
        if len(state.cards) >= MOST_CARDS:
            return TOO_MANY
        card = state.cards[event.card] = Card()
    state.clock = max(state.clock, at)
    state.since = min(state.since or at, at)
    if event.status == "pulled":
        card.pulled = max(card.pulled, at)
        state.pulls += 1
        day = day_of(at, zone)
        state.days[day] = state.days.get(day, 0) + 1
        _forget_days(state, zone)
    elif event.status == "filled":
        if at >= card.filled:
            card.filled, card.pulls = at, state.pulls
    else:
        card.lost = max(card.lost, at)
    if card.filled > card.pulled > card.learned and state.lead is not None:
        learn(state.lead, working_days(state.loop, card.pulled, card.filled, zone))
        card.learned = card.pulled
    return APPLIED


def _seen(state: KanbanLoop, digest: bytes) -> bool:
    place = state.digests.find(digest)
    while place >= 0 and place % _DIGEST:
        place = state.digests.find(digest, place + 1)
    if place >= 0:
        return True
    state.digests += digest
    del state.digests[: max(len(state.digests) - _REMEMBERED * _DIGEST, 0)]
    return False


def _forget_gone(state: KanbanLoop) -> None:
    """Let a new card take the place of one that is gone."""
    gone = next((name for name, card in state.cards.items() if card.is_gone), None)
    if gone is not None and state.loop is not None and len(state.cards) >= state.loop.cards:
        del state.cards[gone]


def _forget_days(state: KanbanLoop, zone: str | None) -> None:
    first = day_of(state.clock, zone) - _WINDOW_DAYS
    state.days = {day: pulls for day, pulls in state.days.items() if day >= first}


def works(loop: Loop | None, day: int) -> bool:
    """Return whether a loop is used on a day (since 1970)."""
    weekdays = None if loop is None else loop.working_weekdays
    return weekdays is None or WEEKDAYS[(day + 3) % 7] in weekdays


def working_days(loop: Loop | None, begin: float, end: float, zone: str | None) -> float:
    """Return how many working days lie between two moments (seconds since 1970), with parts of days."""
    total, day, at = 0.0, day_of(begin, zone), begin
    while at < end:
        until = min(begin_of(day + 1, zone), end)
        if works(loop, day):
            total += (until - at) / DAY
        day, at = day + 1, max(until, at + 1.0)
    return total


def daily_demand(state: KanbanLoop, zone: str | None) -> float | None:
    """Return what is used on a working day, in units; None if nothing is known of it."""
    loop = state.loop
    if loop is None:
        return None
    units, days = 0.0, 0.0
    if loop.daily_demand is not None:
        units, days = loop.daily_demand * _BELIEF_DAYS, _BELIEF_DAYS
    if state.since:
        first = max(state.since, begin_of(day_of(state.clock, zone) - _WINDOW_DAYS, zone))
        units += loop.container * sum(state.days.values())
        days += working_days(loop, first, state.clock, zone)
    return units / days if days > 0 else None


def cards_needed(state: KanbanLoop, zone: str | None, change: float = 1.0) -> int | None:
    """Return how many cards the loop needs, if demand were so many times what it is; None if nothing is known of it."""
    loop, daily = state.loop, daily_demand(state, zone)
    if loop is None or daily is None or state.lead is None:
        return None
    return card_count(
        daily * change,
        state.lead.mean_days,
        loop.container,
        safety_factor=loop.safety_factor,
        safety_stock=loop.safety_stock,
        lot=(loop.batch - 1) * loop.container,
        least=max(loop.batch, 1),
    )


def advised(state: KanbanLoop, zone: str | None) -> int | None:
    """Return how many cards there should be, if that is surely another number than there are; None else."""
    loop = state.loop
    if loop is None or state.pulls < _ENOUGH:
        return None
    needed, low, high = (
        cards_needed(state, zone, change) for change in (1.0, 1 - _MARGIN, 1 + _MARGIN)
    )
    if needed is None or low is None or high is None:
        return None
    return needed if low > loop.cards or high < loop.cards else None


def hanging(state: KanbanLoop) -> list[tuple[float, str]]:
    """Return since when which cards hang, the first first (seconds since 1970)."""
    return sorted((card.pulled, name) for name, card in state.cards.items() if card.hangs)


def missed(state: KanbanLoop, zone: str | None) -> list[str]:
    """Return the cards that are likely lost: passed over too often, or gone for longer than filling ever takes."""
    loop = state.loop
    if loop is None:
        return []
    found = []
    longest = None if state.lead is None else state.lead.quantile(_NEARLY_ALL)
    for name, card in state.cards.items():
        if card.is_gone:
            continue
        if card.hangs:
            hangs = working_days(loop, card.pulled, state.clock, zone)
            late = longest is not None and hangs > longest and _was_filled_since(state, card)
            if late:
                found.append(name)
        elif is_lost(state.pulls - card.pulls, loop.cards):
            found.append(name)
    return found


def _was_filled_since(state: KanbanLoop, card: Card) -> bool:
    """Whether a container was filled that was pulled later: without, the filling is late, and no card is missing."""
    return any(one.filled > one.pulled > card.pulled for one in state.cards.values())
