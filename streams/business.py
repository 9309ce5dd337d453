"""What the pipeline tells of the business: service, stock, money, forecast and suppliers, by location and class.

Of SKUs there are the few with the most at stake, and no more. Every other figure is a sum, so that workers, locations and classes can be added up; shares and turns are quotients of sums, and
are formed in Prometheus (grafana/prometheus/rules.yml). Days are event time: a replay of a year counts a year.
"""

from typing import Final

from andon.streams.figures import Figure

_ITEMS: Final = ("location", "class")
_MONEY: Final = ("location", "class", "currency")
_FORECAST: Final = ("model", "class")
_SUPPLIER: Final = ("supplier",)

BUSINESS: Final = (
    # What is so now, from a look at every book in turn.
    Figure("andon_items", "gauge", "Items that are planned.", _ITEMS),
    Figure(
        "andon_items_out_of_stock",
        "gauge",
        "Items with nothing on hand, where the stock is known.",
        _ITEMS,
    ),
    Figure("andon_items_at_risk", "gauge", "Items with an open stock-out risk alert.", _ITEMS),
    Figure(
        "andon_items_to_order",
        "gauge",
        "Items with an open replenishment alert that nobody has answered; those in shadow are not counted.",
        _ITEMS,
    ),
    Figure("andon_stock_value", "gauge", "Stock on hand at unit cost.", _MONEY),
    Figure("andon_on_order_value", "gauge", "What is on order at unit cost.", _MONEY),
    Figure(
        "andon_just_in_case_stock_value",
        "gauge",
        "Stock that a just-in-case policy would hold, at unit cost: ANDON_JUST_IN_CASE_DAYS of expected demand on top of "
        "half an order cycle.",
        _MONEY,
    ),
    Figure(
        "andon_expected_daily_demand_value",
        "gauge",
        "Expected demand of a day at unit cost.",
        _MONEY,
    ),
    Figure("andon_value_at_risk", "gauge", "Money at stake in open stock-out risk alerts.", _MONEY),
    Figure(
        "andon_item_at_risk_value",
        "gauge",
        "Money at stake in the open stock-out risk alert of an item, of the 20 items of a worker with the most.",
        ("sku", *_MONEY),
    ),
    # What happened, counted when a day closes.
    Figure("andon_item_days_total", "counter", "Days closed, of all items.", _ITEMS),
    Figure(
        "andon_out_of_stock_item_days_total",
        "counter",
        "Days closed at the end of which an item had nothing on hand.",
        _ITEMS,
    ),
    Figure(
        "andon_units_sold_total", "counter", "Units sold from the shelf on closed days.", _ITEMS
    ),
    Figure(
        "andon_units_short_total",
        "counter",
        "Units wanted and not served from the shelf: backordered, or expected and not sold on days that ended with an "
        "empty shelf (an estimate).",
        _ITEMS,
    ),
    Figure("andon_units_wasted_total", "counter", "Units thrown away as spoiled.", _ITEMS),
    Figure("andon_sold_value_total", "counter", "Units sold at unit cost.", _MONEY),
    Figure("andon_wasted_value_total", "counter", "Units thrown away at unit cost.", _MONEY),
    Figure(
        "andon_stock_value_days_total",
        "counter",
        "Stock at unit cost at the end of each closed day, added up.",
        _MONEY,
    ),
    Figure(
        "andon_holding_cost_total", "counter", "What holding that stock for a day costs.", _MONEY
    ),
    # How good the forecasts of the next day were.
    Figure("andon_forecast_over_units_total", "counter", "Units forecast and not sold.", _FORECAST),
    Figure(
        "andon_forecast_under_units_total", "counter", "Units sold and not forecast.", _FORECAST
    ),
    Figure(
        "andon_forecast_actual_units_total",
        "counter",
        "Units sold on the days that were forecast.",
        _FORECAST,
    ),
    Figure(
        "andon_forecast_days_total",
        "counter",
        "Days that were compared with their forecast's 80% interval.",
        _FORECAST,
    ),
    Figure(
        "andon_forecast_covered_days_total",
        "counter",
        "Days whose sales fell into their forecast's 80% interval.",
        _FORECAST,
    ),
    # The suppliers with the most deliveries.
    Figure(
        "andon_supplier_deliveries",
        "gauge",
        "Deliveries that a supplier's scorecard rests on.",
        _SUPPLIER,
    ),
    Figure(
        "andon_supplier_on_time_ratio",
        "gauge",
        "Share of a supplier's deliveries that came when promised, recent ones counting more.",
        _SUPPLIER,
    ),
    Figure(
        "andon_supplier_delay_seconds",
        "gauge",
        "How late a supplier's deliveries are on average.",
        _SUPPLIER,
    ),
    Figure(
        "andon_supplier_lead_time_seconds",
        "gauge",
        "A supplier's mean lead time, as learned.",
        _SUPPLIER,
    ),
)
