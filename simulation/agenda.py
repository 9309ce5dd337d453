"""What will happen when: the simulated network's future."""

import heapq
from collections.abc import Callable

from andon.schemas.common import Record

#: A family and one of its records.
Message = tuple[str, Record]
#: Something that happens at a time (seconds since 1970), and what the world hears of it.
Happening = Callable[[float], list[Message]]


class Agenda:
    """Happenings in the order of their times; those of one time in the order in which they were planned."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Happening]] = []
        self._planned = 0

    def plan(self, at: float, happening: Happening) -> None:
        """Let something happen at a time."""
        self._planned += 1
        heapq.heappush(self._heap, (at, self._planned, happening))

    def run(self, until: float) -> list[Message]:
        """Let everything up to a time happen, what that brings about included; return what the world hears."""
        heard: list[Message] = []
        while self._heap and self._heap[0][0] <= until:
            at, _, happening = heapq.heappop(self._heap)
            heard.extend(happening(at))
        return heard
