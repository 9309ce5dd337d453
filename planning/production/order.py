"""A production order as its line knows it, and when it is made there."""

from typing import Final

import msgspec

from andon.schemas.production import Substitute

_CLOSES: Final = ("finished", "cancelled")


class Order(msgspec.Struct, array_like=True):
    """A production order; times in seconds since 1970.

    `statuses` has when each status was last said, `release_at` when what is to be made was, and `stamps` when each field of that was. `receipts` is what was made (good) at
    which time, those through `settled` merged, and `digests` those of the reports. `each` is how long a unit takes, in seconds (0: nobody said).
    `version`, `said` and `told_begins` are of what its book was told last, and `told` what that was, once it was over: receipts (those through
    a time merged), that time, and units scrapped. `replaced` is that a later release of the same number names another item, and `moved` that one on
    another line is later: when, and which line. `first_started` and `first_made` are the earliest times of both (0: never).
    """

    order_id: str
    sku: str
    quantity: int = 0
    starts: float | None = None
    ends: float | None = None
    each: float = 0.0
    alert_id: str | None = None
    instead: tuple[Substitute, ...] = ()
    release_at: float = 0.0
    statuses: dict[str, float] = {}
    receipts: list[tuple[float, int]] = []
    settled: float = 0.0
    scrapped: int = 0
    digests: bytearray = msgspec.field(default_factory=bytearray)
    last_made: float = 0.0
    version: int = -1
    said: bytes = b""
    told_begins: float = 0.0
    stamps: dict[str, float] = {}
    replaced: bool = False
    first_started: float = 0.0
    first_made: float = 0.0
    told: tuple[tuple[tuple[float, int], ...], float, int] | None = None
    moved: tuple[float, str] = (0.0, "")

    @property
    def pace(self) -> float:
        """How long a unit takes, in seconds: as was said, or what its time comes to."""
        if not self.each and self.starts is not None and self.ends is not None:
            return max(self.ends - self.starts, 0.0) / max(self.quantity, 1)
        return self.each

    @property
    def made(self) -> int:
        """How many good units were made, as far as was reported."""
        return max(sum(units for _, units in self.receipts), 0)

    @property
    def is_released(self) -> bool:
        """Whether anybody said what is to be made."""
        return "released" in self.statuses

    @property
    def is_over(self) -> bool:
        """Whether no more comes of it."""
        if self.replaced or self.has_left:
            return True
        released = self.statuses.get("released", 0.0)
        closed = max((self.statuses.get(one, -1.0) for one in _CLOSES), default=-1.0)
        if closed >= released:
            return True
        return self.is_released and self.made >= self.quantity

    @property
    def is_cancelled(self) -> bool:
        """Whether it was called off."""
        if self.replaced or self.has_left:
            return True
        return self.is_over and self.statuses.get("cancelled", -1.0) > self.statuses.get(
            "finished", -1.0
        )

    @property
    def has_left(self) -> bool:
        """Whether it is to be made on another line since."""
        return bool(self.moved[1]) and self.moved >= (self.release_at, "")

    @property
    def began(self) -> float:
        """When it began: when it was said to, else as it was to, but not after the first of it was made (0: it did not begin)."""
        if self.first_started:
            return self.first_started
        if not self.first_made:
            return 0.0
        first = self.first_made - self.pace
        return first if self.starts is None else min(self.starts, first)

    @property
    def last_heard(self) -> float:
        """The latest event time of its news."""
        return max(self.release_at, self.last_made, *self.statuses.values(), 0.0)

    @property
    def left(self) -> int:
        """How many good units are still to be made."""
        return 0 if self.is_over else max(self.quantity - self.made, 0)

    @property
    def is_started(self) -> bool:
        """Whether its first unit was begun."""
        return "started" in self.statuses or bool(self.receipts)

    @property
    def is_stopped(self) -> bool:
        """Whether it stands still."""
        stopped = self.statuses.get("stopped", -1.0)
        return stopped > max(self.statuses.get("started", -1.0), self.last_made)


class Slot(msgspec.Struct, frozen=True):
    """When the next unit of an order is begun (seconds since 1970), how long each takes, in seconds, and how many are left."""

    begins: float
    each: float
    left: int

    @property
    def ends(self) -> float:
        """When the last of them is done."""
        return self.begins + self.each * self.left

    def begun_before(self, at: float) -> int:
        """Return how many units are begun before a moment."""
        if at <= self.begins:
            return 0
        if self.each <= 0:
            return self.left
        return min(-int(-((at - self.begins) - 1e-6) // self.each), self.left)
