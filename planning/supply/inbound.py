"""An inbound shipment as it is known: its way, its dates, its lines, and what holds it up."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import msgspec

from andon.planning.alerting.alerts import OpenAlert, OutboxMessage
from andon.planning.supply.disruption import (
    Arrival,
    Disruption,
    arrival,
    in_force,
    matches,
)
from andon.planning.supply.facts import Fact, Status, kept_of_each, split_line_key
from andon.planning.supply.line_news import LineState, item_states
from andon.planning.supply.purchase import Purchase
from andon.planning.supply.wide_disruptions import Way, found_by_way, way_of
from andon.schemas.common import item_key

_DAY: Final = 86400.0
#: A shipment nobody gave a date for is expected after a week, until the item's book says what its source needs.
USUAL_SECONDS: Final = 7 * _DAY
_USUAL_SPREAD_DAYS: Final = 1.0
#: A date of arrival so long before the order's is no date.
_MISTYPED_SECONDS: Final = 90 * _DAY


#: What news may name of the whole order.
NAMED_FIELDS: Final = (
    "supplier",
    "carrier",
    "lane",
    "mode",
    "alert_id",
    "order_id",
    "ordered",
    "promised",
    "stated",
)

#: A version holds the epoch of its writer above so many bits that count.
VERSION_BITS: Final = 20


class Shipment(msgspec.Struct, array_like=True):
    """An inbound order: its way, its dates, its lines and its delays; times in seconds since 1970.

    All that follows from its news is a function of their set: `facts` is what they say of each line, `statuses` what of the
    whole; `lines`, `status`, `nothing_open` and `due` follow from them.
    """

    #: Its number.
    shipment_id: str
    #: How far it has come.
    status: str = "ordered"
    #: Grows with every change, so that the books recognise repeats.
    version: int = 0
    #: When what is known of it last changed.
    at: float = 0.0
    #: Who sends it.
    supplier: str | None = None
    #: Who carries it.
    carrier: str | None = None
    #: The way it takes.
    lane: str | None = None
    #: By what: road, sea, air and so on.
    mode: str | None = None
    #: When it was ordered; None if nobody said.
    ordered: float | None = None
    #: When it was promised; None if it was not.
    promised: float | None = None
    #: The date that was last given; None if none was.
    stated: float | None = None
    #: When the last of it came.
    received_at: float | None = None
    #: The alert that it was ordered for.
    alert_id: str | None = None
    #: Ordered and received units by item.
    lines: dict[str, tuple[int, int]] = {}
    #: Not used any more.
    exact: list[str] = []
    #: What holds it up, by name.
    delays: dict[str, Disruption] = {}
    #: Its open alerts, by kind.
    alerts: dict[str, OpenAlert] = {}
    #: How many alerts of each kind were opened so far.
    episodes: dict[str, int] = {}
    #: The last offset applied of each source.
    applied: dict[str, int] = {}
    #: Digests of the last events' ids.
    recent: bytes = b""
    #: How far deliveries of its way stray, in days.
    spread_days: float = _USUAL_SPREAD_DAYS
    #: What waits to be published.
    outbox: list[OutboxMessage] = []
    #: When it was first heard of.
    first_heard: float | None = None
    #: How many days after their promise deliveries of its way come.
    habit_days: float = 0.0
    #: What its news say of each line.
    facts: dict[str, list[Fact]] = {}
    #: What they say of the whole.
    statuses: list[Status] = []
    #: When each other field was last named.
    stamps: dict[str, float] = {}
    #: Through when the news of each line are merged.
    settled: dict[str, float] = {}
    #: How many news there were.
    heard: int = 0
    #: Whether no line has anything to come.
    nothing_open: bool = False
    #: When the first line that is still to come is expected and was promised, if lines have dates of their own.
    due: tuple[float, float] | None = None
    #: The order that it is a part of.
    order_id: str | None = None
    #: When the number was used again for this order; 0 for the first under it.
    begun: float = 0.0
    #: What dispatch advices under this order say, by advice: the version, and of each item what came and what is to come.
    advices: dict[str, tuple[int, dict[int, tuple[int, int]]]] = {}
    #: Whether all that is open of it came, or comes, under its advices.
    taken_over: bool = False
    #: Which order was told of this advice last.
    told_order: str = ""
    #: The purchase order under this number, if it was given here.
    purchase: Purchase | None = None

    #: When delays of it were said to have ended, the last ones (seconds since 1970).
    lifted: dict[str, float] = {}
    #: When the last alert of each kind ended, in seconds since 1970.
    ended: dict[str, int] = {}

    def write_in(self, epoch: int) -> None:
        """Let what is published from now on be newer than whatever was in an earlier epoch of its partition's writers.

        A worker that lost its partition without knowing may still publish; its successor's word must win, whichever comes last.
        """
        self.version = max(self.version, epoch << VERSION_BITS)

    @property
    def is_open(self) -> bool:
        """Whether something is still to come."""
        if self.purchase is not None and not self.statuses:
            # It is a draft, or asks who was first: nobody has been told of it.
            return False
        return (
            self.status not in ("received", "cancelled")
            and not self.nothing_open
            and not self.taken_over
        )

    @property
    def base(self) -> float:
        """The arrival expected if nothing were disrupted: of the first line that is to come, if lines have dates."""
        return self.due[0] if self.due is not None else self.whole_base

    @property
    def whole_base(self) -> float:
        """The arrival expected of what has no date of its own, if nothing were disrupted."""
        if self.stated is not None and self.is_date(self.stated):
            return self.stated
        if self.promised is not None and self.is_date(self.promised):
            return self.promised
        since = self.ordered if self.ordered is not None else self.first_heard
        return (self.at if since is None else since) + USUAL_SECONDS

    @property
    def has_date(self) -> bool:
        """Whether anybody ever gave a date that it can be overdue against."""
        return self.due is not None or self.has_whole_date

    @property
    def has_whole_date(self) -> bool:
        """Whether anybody ever gave a date for what has none of its own."""
        return any(one is not None and self.is_date(one) for one in (self.promised, self.stated))

    def is_date(self, at: float) -> bool:
        """Return whether goods can arrive at `at` (seconds since 1970): long before they were ordered they cannot, the year is mistyped.

        What is a little before that is an order that was told late, and is overdue.
        """
        return self.ordered is None or at > self.ordered - _MISTYPED_SECONDS

    @property
    def goes_by_promise(self) -> bool:
        """Whether all that is known of its arrival is what was promised."""
        return self.promised is not None and self.stated is None and self.is_date(self.promised)

    @property
    def locations(self) -> set[str]:
        """Where its goods go."""
        return {split_line_key(key)[0] for key in self.lines}

    @property
    def items_waiting(self) -> int:
        """How many items at locations still get something of it, however many lines each has."""
        open_lines = (key for key, (units, came) in self.lines.items() if units > came)
        return max(len({split_line_key(key)[:2] for key in open_lines}), 1)

    def adopt(self) -> None:
        """Take what was known of an order before its news were kept for the last news of it."""
        is_new = not self.advices and self.purchase is None
        if not self.statuses and is_new and (self.at or self.lines):
            self.statuses = [Status(self.at, 0, self.status)]
            self.facts = {key: [Fact(self.at, 0, *line)] for key, line in self.lines.items()}
            self.stamps = {
                name: self.at for name in NAMED_FIELDS if getattr(self, name) is not None
            }

    def states(self) -> dict[str, LineState]:
        """Return what the news of each line come to, by its key."""
        items: dict[str, dict[str, str]] = {}
        for key in self.facts:
            location, sku, name = split_line_key(key)
            items.setdefault(item_key(location, sku), {})[name] = key
        found: dict[str, LineState] = {}
        for keys in items.values():
            states = item_states(
                {name: self.facts[key] for name, key in keys.items()},
                self.statuses,
                {name: self.settled.get(key, 0.0) for name, key in keys.items()},
                kept_of_each(len(self.facts)),
            )
            found.update((keys[name], state) for name, state in states.items())
        return found

    def line_base(self, state: LineState) -> float:
        """Return when a line is expected if nothing is disrupted: by its own date, or else by that of the whole."""
        own = self.date_of(state)
        return self.whole_base if own is None else own

    def date_of(self, state: LineState) -> float | None:
        """Return the date of a line's own, if it has one at which it can come."""
        dates = (state.expected, state.promised)
        return next((one for one in dates if one is not None and self.is_date(one)), None)

    @property
    def way(self) -> Way:
        """What it goes by, as disruptions name it."""
        return way_of(
            shipment_id=self.shipment_id,
            supplier=self.supplier,
            carrier=self.carrier,
            lane=self.lane,
            locations=self.locations,
        )

    def arrival(self, wide: Mapping[str, Disruption], delay_multiplier: float = 1.0) -> Arrival:
        """Return when it is expected now, with its own delays and the wide disruptions that touch it.

        `delay_multiplier` is what a reported day of delay has meant in days so far. Reports speak of the promise, so that its way's habit
        counts only while there are none, nor a stated date.
        """
        return self.arrival_of(
            self.base, wide, delay_multiplier, by_promise=self.goes_by_promise and self.due is None
        )

    def arrival_of(
        self,
        base: float,
        wide: Mapping[str, Disruption],
        delay_multiplier: float,
        *,
        by_promise: bool,
    ) -> Arrival:
        """Return when what was expected at `base` (seconds since 1970) is expected now; `by_promise` is as in `arrival`.

        A report of a new arrival speaks of what is to come next, and makes nothing earlier that is to come later.
        """
        delays = [
            one
            for one in self.delays.values()
            if base <= self.base or one.expected is None or one.expected > base
        ]
        if wide:
            worst = found_by_way(wide).worst(self.way, base, self.ordered)
            delays += [] if worst is None else [worst]
        found = arrival(base, self.spread_days, delays, delay_multiplier)
        if self.habit_days and found.cause is None and by_promise:
            return replace(found, expected=found.expected + self.habit_days * _DAY)
        return found

    def held_up_by(self, wide: Mapping[str, Disruption]) -> list[Disruption]:
        """Return its own delays and the wide disruptions that touch it and were not over when it was ordered."""
        touching = found_by_way(wide).touching(self.way) if wide else []
        return [
            *self.delays.values(),
            *(one for one in touching if self.ordered is None or in_force(one, self.ordered)),
        ]

    def head(self, wide: Mapping[str, Disruption], delay_multiplier: float) -> tuple[object, ...]:
        """Return what all of its lines have in common: when it changes, each of them must be told."""
        return (
            self.status,
            self.promised,
            self.ordered,
            self.supplier,
            self.carrier,
            self.lane,
            self.mode,
            self.alert_id,
            self.order_id,
            self.whole_base,
            self.arrival(wide, delay_multiplier),
        )

    def touched_by(self, disruption: Disruption) -> bool:
        """Whether a disruption has this shipment in its scope."""
        return matches(
            disruption,
            shipment_id=self.shipment_id,
            supplier=self.supplier,
            carrier=self.carrier,
            lane=self.lane,
            locations=self.locations if disruption.scope == "location" else (),
        )
