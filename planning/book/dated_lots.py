"""What a book keeps of lots with a day of expiry."""

import msgspec


class DatedLot(msgspec.Struct, array_like=True, frozen=True):
    """What is left of a lot, and the last day on which it may be sold (since 1970)."""

    units: int
    expires: int


class Lots(msgspec.Struct, array_like=True, frozen=True):
    """What a book knows of lots, where some have a day of expiry (see `lots`).

    `held` is what is on hold by lot, `dated` what is left by lot as it was looked at last, on the `day` (since 1970), when so many
    units had `gone` in all.
    """

    held: dict[str, int] = {}
    dated: dict[str, DatedLot] = {}
    gone: int = 0
    day: int = 0
