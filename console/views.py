"""Views that were made a moment ago, for those who ask for the same: with very many alerts open, making one takes a while."""

from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

Asked = TypeVar("Asked", bound=Hashable)

#: What is known to be as it was is shown for so long: the hours left go on.
_UNCHANGED_SECONDS: Final = 10.0
#: Something that has changed is shown for so many times as long as it took to make.
_SHARE: Final = 4.0
#: What is made faster than that is made anew with each change; of all else many viewers share one.
_QUICK_SECONDS: Final = 0.005
_MOST: Final = 64


class Views(Generic[Asked]):
    """Keeps the last views, each with the version that it shows.

    Args:
        clock: returns seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._made: dict[Asked, tuple[bytes, int, float, float]] = {}

    def get(self, asked: Asked, version: int, make: Callable[[], bytes]) -> bytes:
        """Return a view: the one that was made, if it is new enough, or a new one."""
        known = self._made.pop(asked, None)
        if known is not None:
            body, shows, at, cost = known
            lives = _SHARE * cost if cost > _QUICK_SECONDS else 0.0
            if self._clock() - at < (_UNCHANGED_SECONDS if shows == version else lives):
                self._made[asked] = known
                return body
        began = self._clock()
        body = make()
        now = self._clock()
        self._made[asked] = body, version, now, now - began
        if len(self._made) > _MOST:
            del self._made[next(iter(self._made))]
        return body
