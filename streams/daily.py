"""A gauge of the most that was seen on a day of event time, or on the day before: nothing is kept of each key."""

from prometheus_client import Gauge


class DailyMost:
    """Sets a gauge to the largest value of the newest day that was seen, or of the day before it if that had a larger one.

    What every key shows once a day is so known as a whole after two, and forgotten after two.
    """

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._day = 0
        self._most = self._before = 0.0

    def see(self, day: int, value: float) -> None:
        """Take in a value of a day (since 1970); days before the one before the newest say nothing."""
        if day > self._day:
            self._before = self._most if day == self._day + 1 else 0.0
            self._day, self._most = day, value
        elif day == self._day and value > self._most:
            self._most = value
        elif day == self._day - 1 and value > self._before:
            self._before = value
        else:
            return
        self._gauge.set(max(self._most, self._before))
