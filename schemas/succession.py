"""One code in the place of another: what master data say of it, and what the books of the two tell each other."""

from datetime import date
from typing import Annotated

import msgspec

from andon.schemas.common import Identifier, Instant, Name, NonNegativeQuantity, Record, Sku

#: How many units of the new code one of the old code is.
Factor = Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]


class Replaces(Record, frozen=True, kw_only=True, omit_defaults=True, rename={"starts_on": "from"}):
    """The code at the same location that an item takes the place of: its history, stock and open orders count for the new one."""

    sku: Sku
    #: How many units of the new code one of the old code is.
    factor: Factor = 1.0
    #: From this day of the location on (`from` in JSON); at once if it is left out.
    starts_on: date | None = None


class Successor(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: told to the old code's book, which code replaces it from which day on, or that it does `no_longer`."""

    sku: Sku
    starts_on: date | None = None
    no_longer: bool = False


class LegacyLine(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: what is on order of an old code."""

    shipment_id: Identifier
    quantity: NonNegativeQuantity
    expected_at: Instant
    spread_days: float = 0.0
    promised_at: Instant | None = None
    ordered_at: Instant | None = None
    undated: bool = False
    supplier: Name | None = None
    carrier: Name | None = None
    lane: Name | None = None
    mode: Name | None = None


class Legacy(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: told to the new code's book, what there is of the old code now (absolute, so repeatable), in its own units.

    `units` is what is on hand less what is promised, `stands` whether anybody ever said what is there, `sold` what its open days
    (since 1970) sold, and `demand` what its closed days taught, given when another one was closed. `through` are the codes whose own
    legacy is part of it, and `no_longer` that it counts for another.
    """

    units: int = 0
    stands: bool = False
    lines: tuple[LegacyLine, ...] = ()
    sold: tuple[tuple[int, int], ...] = ()
    demand: bytes = b""
    through: tuple[Sku, ...] = ()
    no_longer: bool = False
