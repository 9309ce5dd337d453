"""What one partition knows that belongs to no single item: how far its time has come, and what is disrupted."""

from typing import Final

import msgspec

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.supply.disruption import Disruption
from andon.schemas.impacts import Impact

_DAY = 86400.0
#: A partition's record is never longer than a broker takes, with what each disruption has yet to say of its impact.
_MOST_BYTES: Final = 850_000
_IMPACT_BYTES: Final = 1_000


class Pending(msgspec.Struct, array_like=True):
    """A wide disruption of which not everything it touches in the partition has been seen to yet.

    `at` is the time of its report and `caused` that of its record (seconds since 1970), `decided` whether its urgent items were
    decided on, and `lines` whether shipments are to be told, too.
    """

    disruption: Disruption
    at: float
    caused: float = 0.0
    decided: bool = False
    lines: bool = True


class Partition(msgspec.Struct, array_like=True):
    """The clock and the active disruptions of one partition.

    `watermark` is the latest event time seen (seconds since 1970); `origins` holds, for each partition that put records
    back here, the last of its offsets that was applied. `impacts` is what was last said of each wide disruption, `checked`
    the time at which shipments were last looked at for silence, and `pending` what disruptions have yet to do.
    """

    watermark: float = 0.0
    disruptions: dict[str, Disruption] = {}
    origins: dict[str, int] = {}
    outbox: list[OutboxMessage] = []
    impacts: dict[str, Impact] = {}
    checked: float = 0.0
    pending: list[Pending] = []

    def is_current(self, disruption: Disruption) -> bool:
        """Return whether an impact is to be said of it: not of what a later report of another scope has replaced."""
        known = self.disruptions.get(disruption.delay_id, disruption)
        return (known.scope, known.name) == (disruption.scope, disruption.name)

    @property
    def is_full(self) -> bool:
        """Return whether one more disruption could make the record larger than a broker takes."""
        unsaid = 1 + len(self.pending) + len(self.disruptions.keys() - self.impacts.keys())
        return len(msgspec.msgpack.encode(self)) + unsaid * _IMPACT_BYTES > _MOST_BYTES

    def awaits(self, delay_id: str) -> bool:
        """Return whether a disruption's items have yet to be decided on."""
        return any(one.disruption.delay_id == delay_id and not one.decided for one in self.pending)

    def see(self, at: float) -> None:
        """Let time come as far as `at`; it never goes back."""
        self.watermark = max(self.watermark, at)

    def boundary(self, lateness_seconds: float) -> float:
        """Return the start of the first day that is still open to late events."""
        closed = self.watermark - lateness_seconds
        return closed - closed % _DAY if closed > 0 else 0.0
