"""Past orders: how long they took, and what that says of each item's lead time.

A supplier's deviation from what each item plans is shared by all of its items, not the days: of items that take 2 and 21 days
none takes 11. What an item's own orders took counts on top of it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from andon.planning.policy.policy import usual_source
from andon.planning.supply.item_lead_times import deviation_of, planned, took, with_own
from andon.planning.supply.lead_time import SHORTEST_DAYS, LeadTime, learn, prior
from andon.schemas.items import Item, Source
from andon.streams.errors import UserError
from andon.studies.records import records

_DAY: Final = 86400.0
#: Why a row says nothing of lead times.
OPEN: Final = "open orders (no received_at)"
BEFORE: Final = "orders received before they were ordered"


class Taken(NamedTuple):
    """The days an order took, and the item it was for; empty where its row does not say."""

    days: float
    sku: str = ""
    location: str = ""


def read_lead_times(path: Path, skipped: Counter[str] | None = None) -> dict[str, list[Taken]]:
    """Return the days that past orders took, by supplier, oldest first.

    The columns are `supplier`, `ordered_at` and `received_at`, and, if known, `sku` and `location`. An order that was not received
    is open, and says nothing yet.

    Args:
        path: the file.
        skipped: counts the rows that say nothing, by the reason.

    Raises:
        UserError: a row is wrong, or none was received; the message names its line.
    """
    skipped = Counter() if skipped is None else skipped
    first_open: int | None = None
    seen: dict[str, list[tuple[float, Taken]]] = defaultdict(list)
    for line, fields in records(path):
        try:
            ordered, supplier = _instant(fields["ordered_at"]), fields["supplier"]
            if not fields.get("received_at"):
                skipped[OPEN] += 1
                first_open = line if first_open is None else first_open
                continue
            received = _instant(fields["received_at"])
        except (KeyError, TypeError, ValueError) as error:
            msg = f"{path}: line {line}: {error}: supplier, ordered_at and received_at are needed"
            raise UserError(msg) from error
        if received < ordered:
            skipped[BEFORE] += 1
            continue
        item = (str(fields.get("sku") or ""), str(fields.get("location") or ""))
        seen[supplier].append((ordered, Taken((received - ordered) / _DAY, *item)))
    if first_open is not None and not seen:
        msg = f"{path}: line {first_open}: no received_at, nor in any other row: past orders are needed, with the day they came"
        raise UserError(msg)
    return {
        supplier: [taken for _, taken in sorted(rows, key=lambda row: row[0])]
        for supplier, rows in seen.items()
    }


def taken_by(item: Item, orders: Sequence[Taken]) -> list[Taken]:
    """Return the orders that were for an item, wherever it is if their rows do not say."""
    return [one for one in orders if one.sku == item.sku and one.location in ("", item.location)]


class LeadTimes:
    """What past orders say of the lead time of each of some items.

    Args:
        orders: what was taken, by supplier, oldest first.
        items: all there are: an order whose row names no item is held against what its supplier's items plan on average.
    """

    def __init__(self, orders: dict[str, list[Taken]], items: Sequence[Item]) -> None:
        self._orders = orders
        plans: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
        for item in items:
            source = usual_source(item)
            for name in ((item.sku, item.location), (item.sku, "")):
                plans[source.origin][name] = _log_plan(source)
        self._shares: dict[str, list[float]] = {}
        for supplier, taken in orders.items():
            known = plans.get(supplier)
            if known:
                usual = math.fsum(known.values()) / len(known)
                self._shares[supplier] = [
                    one.days / math.exp(known.get((one.sku, one.location), usual)) for one in taken
                ]

    def of(self, item: Item) -> LeadTime:
        """Return an item's lead time from its usual source: its plan, its supplier's deviation, and its own orders."""
        source = usual_source(item)
        plan = prior(source.lead_time_days, source.lead_time_sd_days)
        shares = self._shares.get(source.origin)
        if not shares:
            return plan
        deviation = deviation_of(plan)
        for share in shares:
            learn(deviation, share)
        found = planned(plan, source.lead_time_days, deviation, len(shares))
        own: LeadTime | None = None
        for one in taken_by(item, self._orders[source.origin]):
            own = took(own, one.days)
        return found if own is None else with_own(found, own)


def _log_plan(source: Source) -> float:
    return math.log(max(source.lead_time_days, SHORTEST_DAYS))


def _instant(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
