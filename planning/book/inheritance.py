"""Codes that take each other's place: what a book knows of its successor, and of whom it succeeds (see `succession`)."""

import msgspec

from andon.schemas.succession import Legacy


class Replaced(msgspec.Struct, array_like=True):
    """Which code takes the place of a book's, from which day on (since 1970); "" if none does any more.

    `told_at` is when that was decided (seconds since 1970), `count` how often what is left was told, `said` a digest of what was
    told last, and `said_day` the last closed day of which what was taught was told.
    """

    sku: str = ""
    starts_on: int = 0
    told_at: float = 0.0
    count: int = 0
    said: bytes = b""
    said_day: int = -2


class Inheritance(msgspec.Struct, array_like=True):
    """What a book's item takes over of another code: which, how many of its units one of that is, and from which day on.

    `legacy` is what was told of it last (`heard_at` and `version` say when), `adopted` whose demand was taken over, and `sold` what
    the old code sold by day, as far as it is in the demand. `awaited` is since when its first word is waited for (seconds since
    1970; -1: nobody has looked yet, 0: it is not).
    """

    sku: str
    factor: float = 1.0
    starts_on: int = 0
    legacy: Legacy | None = None
    heard_at: float = 0.0
    version: int = 0
    adopted: str = ""
    sold: dict[int, int] = {}
    awaited: float = 0.0
