"""The simulated world: stock, orders on their way, sales, shortages and waste of many items at once.

A day begins with its receipts, then it sells, then what is too old is thrown away; the policy looks when the day is
over, and what it orders then arrives at the beginning of the day that comes after the lead time.
"""

import numpy as np

from andon.planning.backtest.history import Batch, Flags, Units


class World:
    """The state of a batch's items, and a record of every day; one column an item.

    Everything is in units. `sold` is what was given at once, `short` what was not, `filled` what had waited.
    """

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        count = len(batch.histories)
        longest = int(batch.lead_days.max(initial=0))
        rows = batch.days
        self.on_hand: Units = np.zeros(count, dtype=np.int64)
        self.on_order: Units = np.zeros(count, dtype=np.int64)
        self.backorders: Units = np.zeros(count, dtype=np.int64)
        self.arrivals: Units = np.zeros((rows + longest + 2, count), dtype=np.int64)
        self.active: Flags = np.zeros(count, dtype=np.bool_)
        self.stock: Units = np.zeros((rows, count), dtype=np.int64)
        self.sold: Units = np.zeros((rows, count), dtype=np.int64)
        self.short: Units = np.zeros((rows, count), dtype=np.int64)
        self.filled: Units = np.zeros((rows, count), dtype=np.int64)
        self.waiting: Units = np.zeros((rows, count), dtype=np.int64)
        self.received: Units = np.zeros((rows, count), dtype=np.int64)
        self.wasted: Units = np.zeros((rows, count), dtype=np.int64)
        self.ordered: Units = np.zeros((rows + 1, count), dtype=np.int64)
        life = [history.item.shelf_life_days for history in batch.histories]
        self._perishable = np.array([column for column, days in enumerate(life) if days], dtype=int)
        self._life: Units = np.array([max(int(days), 1) for days in life if days], dtype=np.int64)
        self._came: Units = np.zeros((rows, len(self._life)), dtype=np.int64)
        self._went: Units = np.zeros(len(self._life), dtype=np.int64)

    def start(self, row: int, stock: Units) -> None:
        """Put stock on the shelves of the items whose simulation begins on this day."""
        starting = self.batch.begin == row
        self.on_hand[starting] = stock[starting]
        self.active |= starting
        self.received[row] += np.where(starting, stock, 0)

    def live(self, row: int) -> None:
        """Let a day happen: receipts, then sales, then waste."""
        arriving = self.arrivals[row]
        self.on_hand += arriving
        self.on_order -= arriving
        self.received[row] += arriving
        if not self.batch.conditions.lost_sales:
            filled = np.minimum(self.on_hand, self.backorders)
            self.on_hand -= filled
            self.backorders -= filled
            self.filled[row] = filled
        wanted = np.where(self.active, self.batch.demand[row], 0)
        sold = np.minimum(self.on_hand, wanted)
        self.on_hand -= sold
        self.sold[row] = sold
        self.short[row] = wanted - sold
        if not self.batch.conditions.lost_sales:
            self.backorders += wanted - sold
        if len(self._life):
            self._throw_away(row)
        self.stock[row] = self.on_hand
        self.waiting[row] = self.backorders

    def _throw_away(self, row: int) -> None:
        """Waste what came a shelf life ago and is still there, the oldest having been sold first."""
        columns = self._perishable
        before = self._came[row - 1] if row else np.zeros_like(self._went)
        self._came[row] = before + self.received[row, columns]
        self._went += self.sold[row, columns] + self.filled[row, columns]
        due = row - self._life + 1
        old = self._came[np.maximum(due, 0), np.arange(len(columns))] * (due >= 0)
        wasted = np.maximum(old - self._went, 0)
        self._went += wasted
        self.on_hand[columns] -= wasted
        self.wasted[row, columns] = wasted

    def arrival(self, row: int) -> Units:
        """Return the row in which an order arrives that is placed when a day is over."""
        following = min(row + 1, self.batch.days - 1)
        arrival: Units = row + 1 + self.batch.lead_days[following]
        return arrival

    def order(self, row: int, quantities: Units) -> None:
        """Place orders when a day is over."""
        columns = np.flatnonzero(quantities)
        self.arrivals[self.arrival(row)[columns], columns] += quantities[columns]
        self.on_order += quantities
        self.ordered[row] = quantities

    def reviewed(self, row: int) -> Flags:
        """Return for which items somebody looks when a day is over."""
        since = row + 1 - self.batch.begin
        looked: Flags = self.active & (since % self.batch.review == 0)
        return looked

    @property
    def position(self) -> Units:
        """The inventory position of each item."""
        return self.on_hand + self.on_order - self.backorders
