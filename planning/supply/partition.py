"""What one partition knows that belongs to no single item: how far its time has come, and what is disrupted."""

from typing import Final

import msgspec
from xxhash import xxh3_64_digest

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.supply.disruption import Disruption
from andon.schemas.common import utc
from andon.schemas.impacts import Impact

_DAY = 86400.0
_NEVER: Final = utc(0.0)
#: A partition's record is never longer than a broker takes, with what each disruption has yet to say of its impact.
_MOST_BYTES: Final = 850_000
_IMPACT_BYTES: Final = 1_000
#: Reports on disruptions that are known, and their ends, have room beyond that, until they are worked off.
_ALL_BYTES: Final = 930_000


#: So little to be worked off never needs to be weighed.
_FEW: Final = 50


def _digest(impact: Impact) -> bytes:
    """Return what tells impacts apart that say something else, whenever they were said."""
    return xxh3_64_digest(msgspec.json.encode(msgspec.structs.replace(impact, occurred_at=_NEVER)))


def _impact_bytes(disruption: Disruption) -> int:
    """Return how many bytes what is said of a disruption may take."""
    names = 4 * len(disruption.delay_id.encode()) + len(disruption.name.encode())
    return max(_IMPACT_BYTES, _IMPACT_BYTES // 4 + names)


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
    the time at which shipments were last looked at for silence, and `pending` what disruptions have yet to do. An impact is kept
    without the items it names and the money; `said` has a digest of all that was said of it, by disruption.
    """

    watermark: float = 0.0
    disruptions: dict[str, Disruption] = {}
    origins: dict[str, int] = {}
    outbox: list[OutboxMessage] = []
    impacts: dict[str, Impact] = {}
    checked: float = 0.0
    pending: list[Pending] = []
    said: dict[str, bytes] = {}
    #: When disruptions were said to have ended, the last ones (seconds since 1970).
    lifted: dict[str, float] = {}

    def is_current(self, disruption: Disruption) -> bool:
        """Return whether an impact is to be said of it: not of what a later report of another scope has replaced."""
        known = self.disruptions.get(disruption.delay_id, disruption)
        return (known.scope, known.name) == (disruption.scope, disruption.name)

    @property
    def is_full(self) -> bool:
        """Return whether one more disruption could make the record larger than a broker takes."""
        unsaid = [one.disruption for one in self.pending]
        unsaid += [one for name, one in self.disruptions.items() if name not in self.said]
        room = _IMPACT_BYTES + sum(map(_impact_bytes, unsaid))
        return len(msgspec.msgpack.encode(self)) + room > _MOST_BYTES

    @property
    def has_no_room(self) -> bool:
        """Return whether even a report on a known disruption could make the record larger than a broker takes."""
        return len(self.pending) > _FEW and len(msgspec.msgpack.encode(self)) > _ALL_BYTES

    def is_news(self, impact: Impact) -> bool:
        """Return whether an impact says anything but the time that the last one of its disruption did not say."""
        return self.said.get(impact.delay_id) != _digest(impact)

    def say(self, impact: Impact) -> None:
        """Remember what is said of a disruption now."""
        self.said[impact.delay_id] = _digest(impact)
        self.impacts[impact.delay_id] = msgspec.structs.replace(
            impact, affected=(), value_at_risk={}, reason=""
        )

    def forget(self, delay_id: str) -> None:
        """Forget what was said of a disruption."""
        self.impacts.pop(delay_id, None)
        self.said.pop(delay_id, None)

    def awaits(self, delay_id: str) -> bool:
        """Return whether a disruption's items have yet to be decided on."""
        return any(one.disruption.delay_id == delay_id and not one.decided for one in self.pending)

    def see(self, at: float) -> None:
        """Let time come as far as `at`; it never goes back."""
        self.watermark = max(self.watermark, at)

    def due(self, lateness_seconds: float) -> float:
        """Return the moment at or before which an open day must have begun to be over, late events and all, if it has 24 hours."""
        return self.watermark - lateness_seconds - _DAY
