"""Counts what a peer has seen, and prints what it took once that is all: whole, and the second half as warm."""

import json
import os
import resource
import time


class Progress:
    """From the first event seen to the last; the process ends with it."""

    def __init__(self, events: int) -> None:
        self.seen = 0
        self._events = events
        self._marks: list[tuple[int, float, float]] = []
        self._next = 1

    def saw(self, events: int = 1) -> None:
        """Note that so many more were seen."""
        self.seen += events
        if self.seen >= self._next:
            self._mark()

    def _mark(self) -> None:
        self._marks.append((self.seen, time.perf_counter(), time.process_time()))
        self._next = self._events // 2 if len(self._marks) == 1 else self._events
        if len(self._marks) > 2:
            self._report()

    def _report(self) -> None:
        first, half, last = self._marks
        events, seconds, cpu = (end - begin for begin, end in zip(first, last, strict=True))
        warm, warm_seconds, warm_cpu = (end - begin for begin, end in zip(half, last, strict=True))
        result = {
            "events": events,
            "seconds": seconds,
            "cpu_seconds": cpu,
            "warm_events": warm,
            "warm_seconds": warm_seconds,
            "warm_cpu_seconds": warm_cpu,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        print(json.dumps(result), flush=True)
        os._exit(0)
