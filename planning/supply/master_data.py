"""What is told of suppliers and locations: every partition keeps all of it."""

from typing import Any

import msgspec

from andon.schemas.locations import Place
from andon.schemas.suppliers import Supplier


class SupplierRecord(msgspec.Struct, array_like=True):
    """The newest that was told of a supplier."""

    #: When it was decided, seconds since 1970; also that of a deletion, so that what is older does not come back.
    at: float = 0.0
    #: None once it was deleted.
    told: Supplier | None = None
    #: It never says anything.
    outbox: list[Any] = []


class PlaceRecord(msgspec.Struct, array_like=True):
    """The newest that was told of a location."""

    #: When it was decided, seconds since 1970; also that of a deletion, so that what is older does not come back.
    at: float = 0.0
    #: None once it was deleted.
    told: Place | None = None
    #: It never says anything.
    outbox: list[Any] = []

    @property
    def time_zone(self) -> str | None:
        """Where its clock stands; None for UTC."""
        return None if self.told is None or self.told.time_zone == "UTC" else self.told.time_zone

    @property
    def country(self) -> str | None:
        """In which country it is; None if nobody told."""
        return None if self.told is None else self.told.country


def tell(record: SupplierRecord | PlaceRecord, told: Any, at: float) -> str:
    """Take in what was told at a time (seconds since 1970), None for a deletion; return what became of it."""
    if at < record.at:
        return "stale"
    record.at, record.told = at, told
    return "applied"
