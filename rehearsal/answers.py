"""What the lessons share: what may be answered, and the figures that all of them show."""

from collections.abc import Callable
from typing import Final

from andon.rehearsal.tour import Seen

#: The day of the task: two weeks are learned from before it.
TODAY: Final = 14
_MOST: Final = 100_000


def units(text: str) -> str:
    """Return a number of units as it was meant.

    Raises:
        ValueError: it is no number, below nothing, or absurd.
    """
    number = int(text)
    if not 0 <= number <= _MOST:
        raise ValueError(text)
    return str(number)


def one_of(*choices: str) -> Callable[[str], str]:
    """Return what takes one of these words, and raises ValueError for all else."""

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(text)
        return text

    return parse


def stock(seen: Seen, note: str, *skus: str) -> dict[str, float | str]:
    """Return what every lesson shows: stock, what is on order, and what customers did not get."""
    shown: dict[str, float | str] = {}
    for sku in skus:
        name = "" if len(skus) == 1 else f"{sku}: "
        book = seen.book(note, sku)
        shown[f"{name}on hand"] = book["on_hand"]
        shown[f"{name}on order"] = book["on_order"]
        shown[f"{name}units short"] = seen.shop.short[sku]
    return shown
