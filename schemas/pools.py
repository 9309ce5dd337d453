"""Pools: what the items of one category and location have in common, as one partition has seen it."""

from typing import Annotated

import msgspec

from andon.schemas.common import Instant, Location, Name, Record


class PoolShare(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What one partition knows of the items of a category (or of those without one) at a location; shares can be added.

    `sold` has the units by week from `first_week` on (weeks since 1970), `before` what the same items sold on the same weekdays a
    week before, and `items` how many told them; an item that sells more than ten a day is weighed down to that. `weekdays` has what
    each weekday is of a usual day, Thursday first, summed over `item_weeks`.
    """

    location: Location
    category: Name | None = None
    partition: Annotated[int, msgspec.Meta(ge=0)]
    updated_at: Instant
    first_week: int = 0
    sold: tuple[float, ...] = ()
    before: tuple[float, ...] = ()
    items: tuple[int, ...] = ()
    weekdays: tuple[float, ...] = ()
    item_weeks: float = 0.0

    @property
    def key(self) -> str:
        """The key of its record."""
        return f"{self.location}/{self.category or ''}@{self.partition}"
