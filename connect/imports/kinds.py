"""The kinds of tables: which fields each has, and what a row of it becomes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from andon.connect.imports import master, orders, sales
from andon.connect.imports.events import Made
from andon.connect.imports.mapping import Mapping
from andon.connect.imports.values import Values
from andon.connect.tables.columns import Kind as Holds

_NUMBERS: Final = frozenset(
    (
        *(
            "quantity",
            "unit_price",
            "unit_cost",
            "lead_time_days",
            "lead_time_sd_days",
            "pack_size",
            "minimum_order",
        ),
        *(
            "order_cost",
            "shelf_life_days",
            "service_level",
            "expected_daily_demand",
            "received",
            "outstanding",
            "minimum_order_value",
            "minimum_order_units",
            "minimum_order_weight",
            "free_freight_from",
            "freight_cost",
            "capacity_units",
            "unit_weight",
        ),
    )
)
_DATES: Final = frozenset(
    ("occurred_at", "ordered_at", "expected_at", "promised_at", "received_at", "updated_at")
)


@dataclass(frozen=True)
class Kind:
    """A kind of table.

    `needed` fields must be a column or be said; `inherited` are fields that only the
    first row of a document need hold. `build` makes events of a row, and `finish` of what it kept in what
    `begin` made, told when master data without a time were changed.
    """

    name: str
    fields: tuple[str, ...]
    needed: tuple[str, ...]
    build: Callable[[Values, Mapping, Any], list[Made]]
    inherited: frozenset[str] = frozenset()
    begin: Callable[[datetime], Any] = lambda _: None
    finish: Callable[[Any], list[Made]] = lambda _: []
    #: The field that the option `--at` is for.
    at: str | None = None
    #: What repeats in a table: `skip` says the same once more, `refuse` means that both are in doubt.
    repeats: str = "skip"
    #: The fields that number a document and say when it was.
    document: tuple[str, str] = ("transaction_id", "occurred_at")
    #: What to say of a row whose key stands twice and says another thing; kinds of events have none.
    once: str | None = None
    #: Whether a column of time zones is that of the times of its rows, and no field of what is sent.
    times_have_zones: bool = False

    def holds(self, field: str) -> Holds:
        """Return what a field holds."""
        return "number" if field in _NUMBERS else "date" if field in _DATES else "text"


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind(
            "sales",
            (
                *("sku", "location", "occurred_at", "time", "quantity", "unit_price", "transaction_id", "line"),
                *("till", "kind", "cancelled", "unit", "status", "time_zone", "moved_from", "moved_to"),
            ),
            ("sku", "occurred_at", "quantity"),
            sales.sale,
            begin=lambda _: sales.Days(),
            inherited=frozenset(("transaction_id", "location", "occurred_at", "time", "cancelled", "till", "status", "time_zone")),
            times_have_zones=True,
        ),
        Kind(
            "stock",
            ("sku", "location", "area", "occurred_at", "time", "quantity", "unit", "time_zone"),
            ("sku", "quantity"),
            sales.count,
            repeats="refuse",
            times_have_zones=True,
            at="occurred_at",
        ),
        Kind(
            "items",
            (
                *("sku", "location", "description", "category", "currency", "unit_cost", "unit_price", "supplier"),
                *("lead_time_days", "lead_time_sd_days", "pack_size", "minimum_order", "order_cost", "shelf_life_days"),
                *("service_class", "service_level", "expected_daily_demand", "country", "item_code", "active", "inactive", "stage"),
                *("unit_weight", "updated_at"),
            ),
            ("sku", "supplier", "lead_time_days"),
            master.item,
            once="an item that has several suppliers is sent as an event with its `sources` (docs/events.md), by `andon send`",
            begin=lambda at: at,
        ),
        Kind(
            "orders",
            (
                *("shipment_id", "sku", "location", "supplier", "quantity", "received", "ordered_at", "expected_at"),
                *("promised_at", "received_at", "status", "line", "carrier", "unit", "outstanding"),
            ),
            ("shipment_id", "sku", "quantity"),
            orders.line,
            begin=lambda _: orders.Orders(),
            finish=orders.finished,
            at="ordered_at",
            inherited=frozenset(("shipment_id", "supplier", "location", "ordered_at", "status", "carrier")),
            document=("shipment_id", "ordered_at"),
        ),
        Kind(
            "suppliers",
            (
                *("supplier", "description", "time_zone", "order_weekdays", "delivery_weekdays", "open_weekdays"),
                *("order_cutoff", "minimum_order_value", "minimum_order_units", "minimum_order_weight", "lead_times_in", "closed"),
                *("currency", "free_freight_from", "freight_cost", "capacity_units", "capacity_per", "updated_at"),
            ),
            ("supplier",),
            master.supplier,
            once="keep one of them",
            begin=lambda at: at,
        ),
        Kind(
            "locations",
            ("location", "name", "time_zone", "receiving_weekdays", "closed", "updated_at"),
            ("location",),
            master.place,
            once="keep one of them",
            begin=lambda at: at,
        ),
    )
}  # fmt: skip
