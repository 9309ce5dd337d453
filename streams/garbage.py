"""When Python looks for garbage: rarely, and never among the books.

State is freed when nothing refers to it any more; nothing in it refers back to what holds it. To the cyclic collector it is
dead weight: with 10,000 books a third of a worker's time went into walking over them again and again, each time a
fetch had allocated some hundred records.
"""

import gc
from typing import Final

#: So many more objects made than freed before the young ones are looked at; a fetch that waits holds some ten thousand.
_YOUNG: Final = 100_000
_MIDDLE: Final = 20
_OLD: Final = 50


def collect_rarely() -> None:
    """Let the collector run for what leaks, not for what merely passes through."""
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def spare_the_living() -> None:
    """Take all that lives now out of the collector's sight, after it has looked once; counting references still frees it."""
    gc.collect(1)
    gc.freeze()
