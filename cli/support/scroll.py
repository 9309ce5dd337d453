"""How many alerts a person can read: a disruption's begin and end always, of the others the grave ones first."""

from collections.abc import Sequence
from typing import Final

from andon.schemas.alerts import Alert

_A_SECOND: Final = 4.0
_AT_ONCE: Final = 8.0
_REPORT_SECONDS: Final = 5.0


class Scroll:
    """Chooses which alerts are printed; a token bucket lets through what can be read."""

    def __init__(self, *, everything: bool) -> None:
        self._everything = everything
        self._tokens = _AT_ONCE
        self._last: float | None = None
        self._left = 0
        self._reported: float | None = None

    def choose(self, alerts: Sequence[Alert], now: float) -> tuple[list[Alert], int]:
        """Return what to print, in the order it came, and how many were left out since the last time this was said.

        Args:
            alerts: what has come.
            now: seconds on a clock that never goes back.
        """
        if self._everything:
            return list(alerts), 0
        if self._last is None or self._reported is None:
            self._last = self._reported = now
        self._tokens = min(self._tokens + (now - self._last) * _A_SECOND, _AT_ONCE)
        self._last = now
        wanted = sorted(range(len(alerts)), key=lambda place: _rank(alerts[place]))
        always = sum(_is_headline(alert) for alert in alerts)
        chosen = sorted(wanted[: max(int(self._tokens), always)])
        self._tokens = max(self._tokens - len(chosen), 0.0)
        self._left += len(alerts) - len(chosen)
        left = 0
        if self._left and now - self._reported >= _REPORT_SECONDS:
            left, self._left, self._reported = self._left, 0, now
        return [alerts[place] for place in chosen], left


def _is_headline(alert: Alert) -> bool:
    """Whether it says that a wide disruption begins or ends: what explains the others."""
    return alert.kind == "disruption" and alert.status != "updated"


def _rank(alert: Alert) -> tuple[bool, bool, int]:
    """What explains the others first, then what is critical, then what is new; of equals, what came first."""
    change = {"opened": 0, "resolved": 1, "updated": 2}[alert.status]
    return (not _is_headline(alert), alert.severity != "critical" or change > 0, change)
