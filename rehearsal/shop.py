"""A shop in a small world, written down as a file to rehearse: it sells what there is and throws away what is too old.

What customers wanted and did not get is no event; it is counted here, as is what was thrown away.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

#: The world begins on a Monday, at midnight UTC.
MONDAY: Final = datetime(2026, 3, 2, tzinfo=UTC)
#: What is sold of ten a day on each weekday.
_WEEK: Final = (9, 11, 10, 8, 12, 10, 10)
_RECEIVED, _FIRST_SALES, _LAST_SALES, _THROWN_AWAY = 7, 10, 16, 20


def wanted(day: int, daily: int) -> int:
    """Return what customers want on a day of an item that sells `daily` on average."""
    return round(_WEEK[day % 7] * daily / 10)


def moment(day: int, hour: float) -> str:
    """Return a moment of the world as events say it."""
    return (MONDAY + timedelta(days=day, hours=hour)).isoformat()


def line(family: str, **event: Any) -> str:
    """Return a line that sends an event."""
    return msgspec.json.encode({"family": family, "event": event}).decode()


def show(*keys: str, note: str = "") -> str:
    """Return a line that shows books."""
    return msgspec.json.encode({"show": keys, "note": note}).decode()


class Shop:
    """The shop's shelves: what stands there by the day it came, and what is on its way.

    A shelf is one item. `lines` is the file so far, `short` and `wasted` count units by item.
    """

    location = "shop"

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.short: dict[str, int] = {}
        self.wasted: dict[str, int] = {}
        self._shelves: dict[str, dict[int, int]] = {}
        self._keeps: dict[str, int | None] = {}
        self._coming: dict[int, list[tuple[str, str, int]]] = {}

    def stocks(
        self, sku: str, quantity: int, *, daily: int, keeps_days: int | None = None, **item: Any
    ) -> None:
        """Plan an item and count it on the first morning.

        Args:
            sku: its name.
            quantity: units on the shelf.
            daily: units that are expected to sell a day.
            keeps_days: its shelf life, None if it keeps for ever.
            item: further master data.
        """
        shelf_life = {} if keeps_days is None else {"shelf_life_days": keeps_days}
        known = {"updated_at": "2026-01-01T00:00:00Z", "expected_daily_demand": daily}
        self.lines.append(
            line("items", location=self.location, sku=sku, **known, **shelf_life, **item)
        )
        self.lines.append(
            line(
                "stock",
                occurred_at=moment(0, 6),
                location=self.location,
                sku=sku,
                kind="count",
                quantity=quantity,
            )
        )
        self._shelves[sku] = {0: quantity}
        self._keeps[sku] = keeps_days
        self.short[sku] = self.wasted[sku] = 0

    def orders(
        self, number: str, day: int, arrives: int, quantities: Mapping[str, int], **more: Any
    ) -> None:
        """Order goods in the morning of a day; they come in the morning of another.

        Args:
            number: of the order.
            day: when it is ordered.
            arrives: the day it really comes.
            quantities: units by item.
            more: further fields of the event.
        """
        lines = [
            {"location": self.location, "sku": sku, "quantity": quantity}
            for sku, quantity in quantities.items()
        ]
        more.setdefault("promised_at", moment(arrives, _RECEIVED))
        told = {"shipment_id": number, "status": "ordered", "lines": lines}
        self.lines.append(line("shipments", occurred_at=moment(day, 8), **told, **more))
        coming = self._coming.setdefault(arrives, [])
        coming.extend((number, sku, quantity) for sku, quantity in quantities.items())

    def days(self, first: int, last: int, daily: Mapping[str, int]) -> None:
        """Live through days, both included, with items that sell so many a day."""
        for day in range(first, last + 1):
            self._receive(day)
            sells = [(sku, wanted(day, average)) for sku, average in daily.items()]
            for sku, units in sells:
                self.sells(sku, day, _FIRST_SALES, units // 2)
            for sku, units in sells:
                self.sells(sku, day, _LAST_SALES, units - units // 2)
            for sku in daily:
                self._throw_away(sku, day)

    def sells(self, sku: str, day: int, hour: float, units: int, **more: Any) -> None:
        """Sell what there is of what a customer wants, the oldest first."""
        shelf = self._shelves[sku]
        given = min(units, sum(shelf.values()))
        self.short[sku] += units - given
        if not given:
            return
        sale = {"location": self.location, "sku": sku, "quantity": given}
        self.lines.append(line("pos", occurred_at=moment(day, hour), **sale, **more))
        for came in sorted(shelf):
            taken = min(given, shelf[came])
            shelf[came] -= taken
            given -= taken

    def says(self, text: str) -> None:
        """Add a line of the file as it is."""
        self.lines.append(text)

    def on_hand(self, sku: str) -> int:
        """Return the units on the shelf."""
        return sum(self._shelves[sku].values())

    def _receive(self, day: int) -> None:
        orders: dict[str, list[tuple[str, int]]] = {}
        for number, sku, units in self._coming.pop(day, []):
            shelf = self._shelves[sku]
            shelf[day] = shelf.get(day, 0) + units
            orders.setdefault(number, []).append((sku, units))
        for number, came in orders.items():
            lines = [
                {"location": self.location, "sku": sku, "received": units} for sku, units in came
            ]
            told = {"shipment_id": number, "status": "received", "lines": lines}
            self.lines.append(line("shipments", occurred_at=moment(day, _RECEIVED), **told))

    def _throw_away(self, sku: str, day: int) -> None:
        keeps = self._keeps[sku]
        if keeps is None:
            return
        shelf = self._shelves[sku]
        old = sum(units for came, units in shelf.items() if came <= day - keeps + 1)
        if not old:
            return
        self.wasted[sku] += old
        for came in [came for came in shelf if came <= day - keeps + 1]:
            del shelf[came]
        thrown = {"location": self.location, "sku": sku, "kind": "spoilage", "quantity": old}
        self.lines.append(line("stock", occurred_at=moment(day, _THROWN_AWAY), **thrown))
