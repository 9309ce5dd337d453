"""Examples of what the parts of a worker tell each other, and of how a warehouse shares, in the same two days as the others."""

from datetime import datetime
from typing import Final

from andon.schemas.alerts import Affected
from andon.schemas.boms import Alternate, Bom, Component
from andon.schemas.common import Record
from andon.schemas.delays import Scope
from andon.schemas.impacts import Impact
from andon.schemas.kanban import CardEvent, Loop
from andon.schemas.needs import Allocation, Need, Portion
from andon.schemas.orders import (
    Claim,
    OrderedLine,
    OrderEvent,
    OrderLine,
    PurchaseOrder,
    Sending,
)
from andon.schemas.production import Coverage, ProductionEvent
from andon.schemas.shipments import AdviceUpdate, Delivery


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


ORDER_EXAMPLES: Final[dict[str, Record]] = {
    "orders.events": OrderEvent(
        event_id="order-4711",
        occurred_at=_at("2026-03-02T09:00:00Z"),
        order_id="PO-7001",
        status="approved",
        supplier="ACME",
        currency="EUR",
        wanted_at=_at("2026-03-07T11:00:00Z"),
        lines=(
            OrderLine(
                location="store-3",
                sku="TEA-01",
                quantity=144,
                unit_cost=1.1,
                alert_id="replenish:store-3/TEA-01:1",
            ),
        ),
        by="anna",
    ),
    "orders": PurchaseOrder(
        order_id="PO-7001",
        state="confirmed",
        version=1_048_581,
        changed_at=_at("2026-03-02T14:30:00Z"),
        ready=True,
        supplier="ACME",
        currency="EUR",
        wanted_at=_at("2026-03-07T11:00:00Z"),
        lines=(
            OrderedLine(
                location="store-3",
                sku="TEA-01",
                quantity=144,
                unit_cost=1.1,
                alert_id="replenish:store-3/TEA-01:1",
                confirmed_quantity=96,
                promised_at=_at("2026-03-07T11:00:00Z"),
                short=48,
            ),
        ),
        approved_at=_at("2026-03-02T09:00:00Z"),
        approved_by="anna",
        sent=(
            Sending(channel="x12", document="850-PO-7001-1.edi", at=_at("2026-03-02T09:00:09Z")),
        ),
        confirmed_at=_at("2026-03-02T14:30:00Z"),
    ),
}

_LAMP: Final = Bom(
    location="plant",
    sku="LAMP",
    updated_at=_at("2026-03-01T00:00:00Z"),
    components=(
        Component(sku="SHADE"),
        Component(sku="BOLT", quantity=4, scrap=0.02, alternates=(Alternate(sku="STEEL-BOLT"),)),
    ),
    yield_share=0.98,
)

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
    "needs": Need(
        warehouse="warehouse",
        sku="TEA-01",
        location="store-3",
        version=1772467200000,
        updated_at=_at("2026-03-02T16:00:00Z"),
        position=14,
        target=24,
        mean=36.2,
        variance=51.0,
        horizon_days=9.0,
        lead_time_days=1.0,
        shortage_cost=1.3,
        lot=6,
        heard=120,
    ),
    "boms": _LAMP,
    "structures": _LAMP,
    "production": ProductionEvent(
        event_id="P-88-released",
        occurred_at=_at("2026-03-02T06:00:00Z"),
        order_id="P-88",
        location="plant",
        line="L1",
        sku="LAMP",
        status="released",
        quantity=120,
        starts_at=_at("2026-03-03T06:00:00Z"),
        minutes_each=2.5,
    ),
    "loops": Loop(
        location="ward-3",
        sku="GLOVES-M",
        updated_at=_at("2026-03-01T00:00:00Z"),
        container=100,
        cards=4,
        filled_by="store-room",
        working_weekdays=("MON", "TUE", "WED", "THU", "FRI"),
    ),
    "cards": CardEvent(
        event_id="scan-0017",
        occurred_at=_at("2026-03-02T10:12:00+01:00"),
        location="ward-3",
        sku="GLOVES-M",
        card="G-2",
        status="pulled",
    ),
    "coverages": Coverage(
        location="plant",
        line="L1",
        part="BOLT",
        version=1772431200000,
        updated_at=_at("2026-03-02T06:00:00Z"),
        makes=("LAMP",),
        stops_at=_at("2026-03-03T08:30:00Z"),
        order_id="P-88",
        on_hand=250,
        short=250,
        relief_at=_at("2026-03-04T09:00:00Z"),
    ),
    "allocations": Allocation(
        allocation_id="warehouse/TEA-01:4",
        location="warehouse",
        sku="TEA-01",
        wave=4,
        decided_at=_at("2026-03-03T06:00:00Z"),
        available=30,
        until=_at("2026-03-06T08:00:00Z"),
        portions=(
            Portion(
                location="store-3",
                wanted=18,
                given=18,
                position=2,
                mean=16.0,
                variance=22.0,
                shortage_cost=1.3,
                lot=6,
                worth_last=0.62,
                worth_next=0.11,
                why="store-3 gets 18 of 18",
            ),
            Portion(
                location="store-7",
                wanted=30,
                given=12,
                position=9,
                mean=14.0,
                variance=19.0,
                shortage_cost=0.9,
                lot=6,
                worth_last=0.55,
                worth_next=0.16,
                why="store-7 gets 12 of 30: a unit more is worth 0.16 there, the last of store-3 0.62",
            ),
        ),
        sentence=(
            "TEA-01 (Black tea) at warehouse is short: 30 units for 2 locations until 6 Mar 08:00 (drivers on strike). store-7 gets "
            "12 of 30: a unit more is worth 0.16 there, the last of store-3 0.62."
        ),
    ),
    "advices": AdviceUpdate(
        order_id="PO-7001",
        shipment_id="ASN-88",
        version=2,
        occurred_at=_at("2026-03-05T10:00:00Z"),
        items=((4711, 60, 0),),
    ),
    "claims": Claim(
        order_id="PO-7002",
        alert_id="replenish:store-3/TEA-01:1",
        occurred_at=_at("2026-03-02T09:00:04Z"),
        first_order="PO-7001",
        first_by="anna",
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
