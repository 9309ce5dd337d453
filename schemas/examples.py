"""One example of every family, for the documents made from the schemas: two days in the life of one tea."""

from datetime import date, datetime
from types import MappingProxyType
from typing import Final

import msgspec

from andon.schemas.acks import Ack
from andon.schemas.alerts import Alert, Alternative
from andon.schemas.board import Answer, BoardEntry
from andon.schemas.common import Record
from andon.schemas.delays import DelayEvent, Scope
from andon.schemas.forecasts import FitRequest, Forecast, PooledYear, Shape
from andon.schemas.inner_examples import INNER_EXAMPLES, ORDER_EXAMPLES
from andon.schemas.items import Item, Source
from andon.schemas.locations import Place
from andon.schemas.pools import PoolShare
from andon.schemas.pos import Sale
from andon.schemas.scorecards import DeliveryWeek, Scorecard
from andon.schemas.shipments import LineUpdate, ShipmentEvent, ShipmentLine
from andon.schemas.stock import StockMovement
from andon.schemas.suppliers import Supplier
from andon.schemas.surplus import Surplus


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


_REPLENISH: Final = Alert(
    alert_id="replenish:store-3/TEA-01:1",
    event_id="replenish:store-3/TEA-01:1:1",
    kind="replenish",
    status="opened",
    severity="warning",
    revision=1,
    sentence="Order 144 of TEA-01 for store-3 from ACME today: 38 left, 12 a day sell, the next delivery takes 5 days.",
    opened_at=_at("2026-03-02T08:14:07Z"),
    changed_at=_at("2026-03-02T08:14:07Z"),
    location="store-3",
    sku="TEA-01",
    supplier="ACME",
    currency="EUR",
    order_quantity=144,
    order_by=_at("2026-03-02T17:00:00Z"),
    expected_arrival=_at("2026-03-07T11:00:00Z"),
    stockout_p50=_at("2026-03-05T13:00:00Z"),
    stockout_p10=_at("2026-03-04T17:00:00Z"),
    numbers={"on_hand": 38.0, "on_order": 0.0, "reorder_point": 81.0, "order_up_to": 178.0},
)

_EXAMPLES: dict[str, Record] = {
    "pos": Sale(
        event_id="till-4-000123",
        occurred_at=_at("2026-03-02T09:14:07+01:00"),
        location="store-3",
        sku="TEA-01",
        quantity=2,
        unit_price=4.5,
    ),
    "stock": StockMovement(
        event_id="count-2026-03-02-17",
        occurred_at=_at("2026-03-02T06:00:00+01:00"),
        location="store-3",
        sku="TEA-01",
        kind="count",
        quantity=38,
        reason="cycle count",
    ),
    "shipments": ShipmentEvent(
        event_id="PO-7001-ordered",
        occurred_at=_at("2026-03-02T10:00:00+01:00"),
        shipment_id="PO-7001",
        status="ordered",
        supplier="ACME",
        carrier="NORDFREIGHT",
        lane="ROTTERDAM",
        mode="road",
        ordered_at=_at("2026-03-02T10:00:00+01:00"),
        promised_at=_at("2026-03-07T12:00:00+01:00"),
        alert_id="replenish:store-3/TEA-01:1",
        lines=(ShipmentLine(location="store-3", sku="TEA-01", quantity=144),),
    ),
    "delays": DelayEvent(
        event_id="nordfreight-strike-1",
        occurred_at=_at("2026-03-03T08:30:00+01:00"),
        delay_id="nordfreight-strike",
        scope=Scope(type="carrier", id="NORDFREIGHT"),
        delay_hours=48.0,
        reason="drivers on strike",
    ),
    "items": Item(
        location="store-3",
        sku="TEA-01",
        updated_at=_at("2026-03-01T00:00:00Z"),
        description="Earl Grey, 50 bags",
        category="tea",
        sources=(
            Source(
                supplier="ACME",
                lead_time_days=5.0,
                lead_time_sd_days=1.0,
                lane="ROTTERDAM",
                carrier="NORDFREIGHT",
                mode="road",
            ),
            Source(
                supplier="QUICKTEA",
                lead_time_days=1.0,
                unit_cost=3.1,
                order_cost=25.0,
                expedite=True,
            ),
        ),
        unit_cost=2.2,
        unit_price=4.5,
        order_cost=15.0,
        pack_size=12,
        minimum_order=24,
        expected_daily_demand=12.0,
    ),
    "suppliers": Supplier(
        supplier="ACME",
        updated_at=_at("2026-03-01T00:00:00Z"),
        description="ACME Tea, Hamburg",
        time_zone="Europe/Berlin",
        open_weekdays=("MON", "TUE", "WED", "THU", "FRI"),
        closed=(date(2026, 4, 3), date(2026, 4, 6)),
        order_weekdays=("TUE", "THU"),
        order_cutoff="12:00",
        delivery_weekdays=("THU", "SAT"),
        lead_times_in="working_days",
        minimum_order_value=150.0,
    ),
    "locations": Place(
        location="store-3",
        updated_at=_at("2026-03-01T00:00:00Z"),
        name="Store 3, Altona",
        time_zone="Europe/Berlin",
        receiving_weekdays=("MON", "TUE", "WED", "THU", "FRI", "SAT"),
        closed=(date(2026, 4, 3),),
    ),
    "acks": Ack(
        event_id="ack-0001",
        occurred_at=_at("2026-03-02T09:58:00+01:00"),
        alert_id="replenish:store-3/TEA-01:1",
        action="ordered",
        quantity=144,
        shipment_id="PO-7001",
        by="m.jansen",
    ),
    "lines": LineUpdate(
        shipment_id="PO-7001",
        version=2,
        location="store-3",
        sku="TEA-01",
        occurred_at=_at("2026-03-03T07:30:00Z"),
        status="ordered",
        quantity=144,
        received=0,
        expected_at=_at("2026-03-09T11:00:00Z"),
        promised_at=_at("2026-03-07T11:00:00Z"),
        ordered_at=_at("2026-03-02T09:00:00Z"),
        spread_days=1.2,
        supplier="ACME",
        carrier="NORDFREIGHT",
        lane="ROTTERDAM",
        mode="road",
        alert_id="replenish:store-3/TEA-01:1",
        cause="nordfreight-strike",
        reason="drivers on strike",
    ),
    "replenishment": _REPLENISH,
    "replenishment.shadow": msgspec.structs.replace(
        _REPLENISH,
        alert_id="replenish:store-9/TEA-01:1",
        event_id="replenish:store-9/TEA-01:1:1",
        severity="info",
        sentence="Order 96 of TEA-01 for store-9 from ACME: 51 on hand, 9 a day sell, and a delivery takes 5 days.",
        location="store-9",
        order_quantity=96,
        stage="shadow",
        numbers={},
    ),
    "disruptions": Alert(
        alert_id="stockout_risk:store-3/TEA-01:1",
        event_id="stockout_risk:store-3/TEA-01:1:1",
        kind="stockout_risk",
        status="opened",
        severity="critical",
        revision=1,
        sentence=(
            "TEA-01 at store-3 runs out on Thursday 5 March, PO-7001 comes on Monday 9 March: "
            "bridge with 48 from QUICKTEA."
        ),
        opened_at=_at("2026-03-03T07:30:01Z"),
        changed_at=_at("2026-03-03T07:30:01Z"),
        location="store-3",
        sku="TEA-01",
        shipment_id="PO-7001",
        cause="nordfreight-strike",
        currency="EUR",
        bridge_quantity=48,
        stockout_p50=_at("2026-03-05T13:00:00Z"),
        probability=0.97,
        value_at_risk=110.4,
        numbers={"on_hand": 30.0, "on_order": 144.0},
        alternatives=(
            Alternative(
                kind="expedite",
                supplier="QUICKTEA",
                quantity=48,
                arrives_p50=_at("2026-03-04T08:00:00Z"),
                arrives_p90=_at("2026-03-05T08:00:00Z"),
                extra_cost=68.2,
                probability_too_late=0.08,
                expected_cost=77.0,
                saves=33.4,
                why="arrives before the shelf is empty",
            ),
            Alternative(kind="wait", expected_cost=110.4, why="48 sales lost"),
        ),
    ),
    "fits": FitRequest(
        location="store-3",
        sku="TEA-01",
        asked_at=_at("2026-03-02T00:05:00Z"),
        first_day=20_478,
        sold=(9, 11, None, 12, 14, 17, 8, 10, 11),
        horizon_days=92,
        reason="period",
        value=49.2,
        country="DE",
        pooled=PooledYear(
            pool="category:tea at store-3",
            first_week=2846,
            index=(1.02, 1.04, 0.99),
            weekdays=(0.97, 1.1, 1.29, 0.85, 0.88, 0.95, 0.96),
        ),
    ),
    "shapes": Shape(
        location="store-3",
        sku="TEA-01",
        asked_at=_at("2026-03-02T00:05:00Z"),
        first_day=20_507,
        shape=(0.87, 0.87, 0.95, 1.02, 1.18, 1.31, 0.8),
        used="week, holidays of DE",
    ),
    "board": BoardEntry(
        alert=_REPLENISH,
        answer=Answer(
            event_id="snoozed-4711",
            action="snoozed",
            at=_at("2026-03-02T08:20:00Z"),
            revision=1,
            by="lena",
            snooze_until=_at("2026-03-02T14:00:00Z"),
        ),
    ),
    "forecasts": Forecast(
        location="store-3",
        sku="TEA-01",
        made_at=_at("2026-03-02T00:05:00Z"),
        starts_at=_at("2026-03-02T00:00:00Z"),
        model="mean of all",
        level=12.0,
        daily_mean=(10.8, 10.8, 11.4, 12.0, 13.8, 15.6, 9.6),
        protection_days=6.0,
        quantiles={"0.5": 74.0, "0.9": 90.0, "0.95": 96.0},
        wape=0.31,
        bias=-0.02,
        coverage=0.91,
        mase=0.82,
        costs={"level x weekday": 1.03, "level x Prophet": 0.98, "mean of all": 1.0},
    ),
    "scorecards": Scorecard(
        type="supplier",
        name="ACME",
        updated_at=_at("2026-03-09T08:00:00Z"),
        deliveries=17,
        lead_time_mean_days=5.4,
        lead_time_sd_days=1.3,
        lead_time_p50_days=5.2,
        lead_time_p90_days=7.1,
        punctuality=0.82,
        mean_delay_days=0.6,
        report_worth=1.1,
        delay_p50_days=0.0,
        delay_p90_days=2.0,
        delay_counts={"0": 13.2, "2": 2.9},
        weeks=(
            DeliveryWeek(
                begins=date(2026, 2, 23),
                deliveries=3,
                promised=3,
                on_time=2,
                mean_delay_days=0.8,
                lead_time_mean_days=5.9,
            ),
        ),
    ),
    "surplus": Surplus(
        location="store-1",
        sku="TEA-01",
        updated_at=_at("2026-03-02T00:05:00Z"),
        quantity=60,
        daily_demand=4.0,
        cost_of_giving=0.11,
    ),
    "pools": PoolShare(
        location="store-3",
        category="tea",
        partition=2,
        updated_at=_at("2026-03-05T00:05:00Z"),
        first_week=2927,
        sold=(412.0, 430.5, 398.0),
        before=(405.0, 412.0, 417.2),
        items=(9, 9, 8),
        weekdays=(34.1, 38.6, 45.2, 29.9, 31.0, 33.2, 33.7),
        item_weeks=35.1,
    ),
}

#: The example of each family whose value is a record.
EXAMPLES: Final = MappingProxyType({**_EXAMPLES, **INNER_EXAMPLES, **ORDER_EXAMPLES})
