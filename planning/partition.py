"""What one partition knows that belongs to no single item: how far its time has come, and what is disrupted."""

import msgspec

from andon.planning.alerts import Said
from andon.planning.disruption import Disruption
from andon.schemas.impacts import Impact

_DAY = 86400.0


class Partition(msgspec.Struct, array_like=True):
    """The clock and the active disruptions of one partition.

    `watermark` is the latest event time seen (seconds since 1970); `origins` holds, for each partition that put records
    back here, the last of its offsets that was applied. `impacts` is what was last said of each wide disruption, `checked`
    the time at which shipments were last looked at for silence.
    """

    watermark: float = 0.0
    disruptions: dict[str, Disruption] = {}
    origins: dict[str, int] = {}
    outbox: list[Said] = []
    impacts: dict[str, Impact] = {}
    checked: float = 0.0

    def see(self, at: float) -> None:
        """Let time come as far as `at`; it never goes back."""
        self.watermark = max(self.watermark, at)

    def boundary(self, lateness_seconds: float) -> float:
        """Return the start of the first day that is still open to late events."""
        closed = self.watermark - lateness_seconds
        return closed - closed % _DAY if closed > 0 else 0.0
