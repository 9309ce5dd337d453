"""Impacts: what one wide disruption does within one partition, told to the one alert of that disruption."""

from andon.schemas.alerts import Affected
from andon.schemas.common import Identifier, Instant, NonNegativeQuantity, Record
from andon.schemas.delays import Scope


class Impact(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: all that a partition knows of a disruption now (absolute, so repeatable).

    `since` is when it was first reported, `reported_at` when last. `lines` counts the lines waiting in the `shipments` held up, `items` those that
    could be bought through what is disrupted, and `at_risk` the items that run out because of it, the `affected` ones
    being the most urgent of them. `value_at_risk` is by currency. `over` says that it was lifted or that its end has
    passed.
    """

    delay_id: Identifier
    partition: NonNegativeQuantity
    occurred_at: Instant
    since: Instant
    reported_at: Instant
    scope: Scope
    reason: str = ""
    ends_at: Instant | None = None
    over: bool = False
    shipments: int = 0
    lines: int = 0
    items: int = 0
    at_risk: int = 0
    value_at_risk: dict[str, float] = {}  # noqa: RUF012 - msgspec copies it
    affected: tuple[Affected, ...] = ()

    @property
    def at(self) -> float:
        """When it was so, in seconds since 1970."""
        return self.occurred_at.timestamp()
