"""What a book knows of production: what its item is made of, its orders on the lines, and what is needed of it as a part."""

from typing import Final

import msgspec

from andon.schemas.boms import Bom
from andon.schemas.production import RunNeed, StandIn

#: An item may be a part of so many others: what they need is part of its record.
MOST_USERS: Final = 400
#: So many orders of an item may be open, and so many be told of that take it as a part: a decision looks at each of them.
MOST_RUNS: Final = 100
MOST_NEEDED: Final = 2000
#: So many orders of an item that are done are remembered, should more news of them come, and so many of them with what they were made of, if
#: that are so few parts.
MOST_DONE: Final = 100
MOST_UNFOLDED: Final = 16
MOST_UNFOLDED_PARTS: Final = 512


class Run(msgspec.Struct, array_like=True):
    """A production order of a book's item, as its line last told it (see `schemas.production.RunUpdate`); times in seconds since 1970.

    `parts` is what one unit that is begun takes: sku, units, days after the begin, and how that is booked, and `share` what of it is
    good. Both stay as they were once something is taken. `issued` is how many units were begun all at once, when it was started, `is_over` that no more comes of it,
    and `folded` and `folded_issued` how many of both are in the book's sums already. `order_id` was `released` last at that time; of `told_left`,
    which the line told, only `left` is to come, as other lines may have made some of the same order, or have it now.
    """

    version: int = -1
    line: str = ""
    begins: float = 0.0
    each: float = 0.0
    left: int = 0
    made: int = 0
    scrapped: int = 0
    started: bool = False
    instead: dict[str, str] = {}
    parts: tuple[tuple[str, float, float, str], ...] = ()
    issued: float = 0.0
    is_over: bool = False
    folded: float = 0.0
    folded_issued: float = 0.0
    share: float = 1.0
    order_id: str = ""
    released: float = 0.0
    told_left: int = 0
    #: When its first unit was begun (0: none was), and whether its line called it off, so that what lies on the line goes back.
    began: float = 0.0
    is_off: bool = False
    #: What was booked of it before it was forgotten: good units and scrapped ones.
    known_made: int = 0
    known_scrapped: int = 0
    #: How many units it is to be, and how many of these are begun here if it is started: others may have made some.
    quantity: int = 0
    starts: int = 0


class Told(msgspec.Struct, array_like=True):
    """What was last said to a part or a line: the version, a digest of all of it but what is planned, and that."""

    version: int = -1
    said: bytes = b""
    planned: tuple[tuple[int, float], ...] = ()
    #: Of a line: when to look again how long the part lasts, as time moves what was not begun (seconds since 1970; 0: it does not stop).
    look_at: float = 0.0


class Wanted(msgspec.Struct, array_like=True):
    """What an item needs of this one, as it last told (see `schemas.production.Requirement`).

    `booked` is how many units that were used have been taken from the stock since `since` (seconds since 1970).
    """

    version: int = -1
    since: float = 0.0
    booked: int = 0
    planned: tuple[tuple[int, float], ...] = ()
    runs: tuple[RunNeed, ...] = ()
    level: int = 0
    stands_in: tuple[StandIn, ...] = ()
    lines: tuple[str, ...] = ()
    ends: bool = False
    worth: float = 0.0
    currency: str = ""

    @property
    def counts(self) -> bool:
        """Whether the item is made of this one, or may be."""
        return not self.ends or bool(self.runs)


class Production(msgspec.Struct, array_like=True):
    """What a book knows of production.

    `bill_at` is when the bill was last changed, or deleted, and `since` from when on `used` counts what its orders used, by part
    (seconds since 1970); what runs that are not folded used is not in it. `used_at` is when the last of it was used.
    """

    bill: Bom | None = None
    bill_at: float = 0.0
    runs: dict[str, Run] = {}
    used: dict[str, float] = {}
    used_at: float = 0.0
    since: float = 0.0
    #: What was said to each part, and what is needed by each item that this one is a part of.
    told: dict[str, Told] = {}
    wanted: dict[str, Wanted] = {}
    #: What was said to each line.
    covers: dict[str, Told] = {}
