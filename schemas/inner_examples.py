"""Examples of what the parts of a worker tell each other, in the same two days as the others."""

from datetime import datetime
from typing import Final

from andon.schemas.alerts import Affected
from andon.schemas.common import Record
from andon.schemas.delays import Scope
from andon.schemas.impacts import Impact
from andon.schemas.shipments import AdviceUpdate, Delivery


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


INNER_EXAMPLES: Final[dict[str, Record]] = {
    "deliveries": Delivery(
        type="supplier",
        name="ACME",
        shipment_id="PO-7001",
        ordered_at=_at("2026-03-02T09:00:00Z"),
        promised_at=_at("2026-03-07T11:00:00Z"),
        received_at=_at("2026-03-09T08:00:00Z"),
        reported_delay_days=2.0,
    ),
    "advices": AdviceUpdate(
        order_id="PO-7001",
        shipment_id="ASN-88",
        version=2,
        occurred_at=_at("2026-03-05T10:00:00Z"),
        items=((4711, 60, 0),),
    ),
    "impacts": Impact(
        delay_id="nordfreight-strike",
        partition=3,
        occurred_at=_at("2026-03-03T07:30:01Z"),
        since=_at("2026-03-03T07:30:00Z"),
        reported_at=_at("2026-03-03T07:30:00Z"),
        scope=Scope(type="carrier", id="NORDFREIGHT"),
        reason="drivers on strike",
        shipments=12,
        lines=80,
        items=140,
        at_risk=1,
        value_at_risk={"EUR": 110.4},
        affected=(
            Affected(
                location="store-3",
                sku="TEA-01",
                stockout_p50=_at("2026-03-05T13:00:00Z"),
                value_at_risk=110.4,
                currency="EUR",
            ),
        ),
    ),
}
