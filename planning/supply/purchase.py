"""What is kept of a purchase order beside the news of its goods: who did what with it, what was wanted, and whose its alerts are.

An order and the shipment of the same number are one record of state: what the supplier says of the one is said of the other.
"""

from typing import Final

import msgspec

from andon.planning.supply.facts import line_key
from andon.schemas.shipments import ShipmentEvent

#: What becomes of a claim to an alert: it is asked for, the line is bought, or its book has no room; else the order that was first.
ASKED: Final = "?"
OURS: Final = ""
REFUSED: Final = "!"
#: So many sendings are kept: of two revisions over a few connectors.
MOST_SENDINGS: Final = 16


class Hand(msgspec.Struct, array_like=True):
    """Who did something, and when (seconds since 1970)."""

    at: float
    by: str | None = None


class Wanted(msgspec.Struct, array_like=True):
    """A line as it was ordered; costs are money for each unit.

    `claim` is what became of the claim to its alert, and `taken_by` who gave the order that was first, or why it was refused;
    `answer_id` names the answer to the alert, if it is to have a name.
    """

    quantity: int
    cost: float | None = None
    alert_id: str | None = None
    claim: str = OURS
    taken_by: str | None = None
    answer_id: str | None = None

    @property
    def is_bought(self) -> bool:
        """Whether nobody else was first with its alert."""
        return self.claim == OURS


class Sent(msgspec.Struct, array_like=True):
    """A sending: by which connector, under which name, which revision, and when (seconds since 1970)."""

    channel: str
    document: str | None
    revision: int
    at: float


class Purchase(msgspec.Struct, array_like=True):
    """A purchase order: lines by their keys, dates in seconds since 1970.

    `placed` is that its lines are with their books, and `again` that it is wanted whoever was first; `said` is a digest of what was
    last said of it, and `is_told_off` that it was taken off its topic.
    """

    lines: dict[str, Wanted] = {}
    supplier: str | None = None
    currency: str | None = None
    wanted: float | None = None
    drafted: Hand | None = None
    approved: Hand | None = None
    cancelled: Hand | None = None
    confirmed_at: float | None = None
    #: What the supplier asks for a unit of a line, and when it said so.
    costs: dict[str, tuple[float, float]] = {}
    sent: list[Sent] = []
    comment: str | None = None
    placed: bool = False
    again: bool = False
    said: bytes = b""
    is_told_off: bool = False

    def cost_of(self, key: str) -> float | None:
        """Return what the supplier asks for a unit of a line; None if it has not said."""
        known = self.costs.get(key)
        return None if known is None else known[0]

    def take_costs(self, event: ShipmentEvent, at: float) -> list[str]:
        """Take in what a confirmation says of costs, and return the keys of the lines whose cost is another now.

        Args:
            event: the news.
            at: when they happened, seconds since 1970; what was said later stands.
        """
        in_ours = event.currency is None or self.currency in (None, event.currency)
        changed: list[str] = []
        for line in event.lines if event.status == "confirmed" and in_ours else ():
            key = line_key(line.location, line.sku)
            known = self.costs.get(key)
            if line.unit_cost is None or (known is not None and at < known[1]):
                continue
            self.costs[key] = line.unit_cost, at
            if known is None or known[0] != line.unit_cost:
                changed.append(key)
        return changed

    @property
    def waits(self) -> bool:
        """Whether it is still asked who is first with one of its alerts."""
        return any(line.claim == ASKED for line in self.lines.values())

    @property
    def revision(self) -> int:
        """What the supplier must know last: 1 the order, 2 that it is off."""
        return 2 if self.cancelled is not None and self.sent else 1
