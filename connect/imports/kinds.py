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
            "minimum_order_value",
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
                *("till", "kind", "cancelled", "unit"),
            ),
            ("sku", "occurred_at", "quantity"),
            sales.sale,
            begin=lambda _: sales.Days(),
            inherited=frozenset(("transaction_id", "location", "occurred_at", "time", "cancelled", "till")),
        ),
        Kind(
            "stock",
            ("sku", "location", "area", "occurred_at", "time", "quantity", "unit"),
            ("sku", "quantity"),
            sales.count,
            repeats="refuse",
            at="occurred_at",
        ),
        Kind(
            "items",
            (
                *("sku", "location", "description", "category", "currency", "unit_cost", "unit_price", "supplier"),
                *("lead_time_days", "lead_time_sd_days", "pack_size", "minimum_order", "order_cost", "shelf_life_days"),
                *("service_class", "service_level", "expected_daily_demand", "country", "item_code", "active", "stage"),
                "updated_at",
            ),
            ("sku", "supplier", "lead_time_days"),
            master.item,
            begin=lambda at: at,
        ),
        Kind(
            "orders",
            (
                *("shipment_id", "sku", "location", "supplier", "quantity", "received", "ordered_at", "expected_at"),
                *("promised_at", "received_at", "status", "line", "carrier", "unit"),
            ),
            ("shipment_id", "sku", "quantity"),
            orders.line,
            begin=lambda _: orders.Orders(),
            finish=orders.finished,
            at="ordered_at",
        ),
        Kind(
            "suppliers",
            (
                *("supplier", "description", "time_zone", "order_weekdays", "delivery_weekdays", "open_weekdays"),
                *("order_cutoff", "minimum_order_value", "lead_times_in", "closed", "updated_at"),
            ),
            ("supplier",),
            master.supplier,
            begin=lambda at: at,
        ),
        Kind(
            "locations",
            ("location", "name", "time_zone", "receiving_weekdays", "closed", "updated_at"),
            ("location",),
            master.place,
            begin=lambda at: at,
        ),
    )
}  # fmt: skip
