"""Supply risk: what a planner looks at."""

from typing import Any

from grafana_foundation_sdk.builders import dashboard

from parts import Panel, board, choice, falling, rising, window

_OF = 'location=~"$location", class=~"$class"'


def _sum(metric: str, by: str = "") -> str:
    return f"sum{f' by ({by}) ' if by else ''}({metric}{{{_OF}}})"


def _rise(metric: str, by: str = "") -> str:
    return f"sum{f' by ({by}) ' if by else ''}(increase({metric}{{{_OF}}}[$window]))"


def _fill_rate(by: str = "") -> str:
    sold, short = _rise("andon_units_sold_total", by), _rise("andon_units_short_total", by)
    return f"{sold} / ({sold} + {short} > 0)"


_NOW = (
    Panel(
        "Items at risk",
        "stat",
        "short",
        {"": _sum("andon_items_at_risk")},
        "Items with an open stock-out risk alert: they are out, or will be before the next delivery.",
        "open `andon alerts --open --kind stockout_risk`; each alert lists its ways out, cheapest first. "
        "Answer it, so that it stops repeating.",
        "items-at-risk",
        rising(1, 10),
    ),
    Panel(
        "Out of stock",
        "stat",
        "percentunit",
        {"": f"{_sum('andon_items_out_of_stock')} / {_sum('andon_items')}"},
        "Share of the planned items with nothing on hand.",
        "look below where it happens. One location: its deliveries are stuck, or its counts are wrong. "
        "One class: its service level is too low for its demand.",
        "andonoutofstock",
        rising(0.02, 0.05),
        decimals=1,
    ),
    Panel(
        "Fill rate",
        "stat",
        "percentunit",
        {"": _fill_rate()},
        "Share of the units wanted that were served from the shelf, on the days that closed in this window. What was "
        "wanted on an empty shelf is an estimate.",
        "compare with *Out of stock* and *Suppliers*: either too little is ordered, or it comes too late.",
        "andonfillratelow",
        falling(0.9, 0.95),
        empty="no day has closed",
        decimals=1,
        most=1,
    ),
    Panel(
        "Waiting for an order",
        "stat",
        "short",
        {"": _sum("andon_items_to_order")},
        "Items whose replenishment alert nobody has answered yet.",
        "procurement does not keep up, or does not acknowledge: see whether the consumer of the "
        "replenishment topic runs.",
        "alerts-nobody-answers",
        rising(20, 100),
    ),
    Panel(
        "Money at stake",
        "stat",
        "short",
        {"{{currency}}": _sum("andon_value_at_risk", "currency")},
        "What the open stock-out risks may cost, in money of each currency.",
        "begin with the alert that has the most at stake; `andon alerts --open --json` has `value_at_risk`.",
        "items-at-risk",
        rising(1000, 10000),
        decimals=0,
    ),
    Panel(
        "Critical alerts open",
        "stat",
        "short",
        {"": 'sum(andon_alerts_open{severity="critical"}) or vector(0)'},
        "Of all kinds, everywhere: the variables do not narrow this down.",
        "these are about days, not weeks: answer them first.",
        "items-at-risk",
        rising(1, 10),
    ),
)

_WHERE = (
    Panel(
        "Most at stake",
        "bars",
        "short",
        {
            "{{sku}} at {{location}}, {{currency}}": f"topk(15, max by (sku, location, currency) (andon_item_at_risk_value{{{_OF}}}))"
        },
        "The items whose stock-out risk may cost the most, of the 20 that each worker tells of. A click leads to the item in the "
        "console (variable *Console*).",
        "open the item: it says when it runs out, why, and the ways out, cheapest first.",
        "items-at-risk",
        rising(100, 1000),
        empty="nothing is at risk",
        width=24,
        leads_to=(
            "Open in the console",
            "${console}/items/${__field.labels.location:percentencode}/${__field.labels.sku:percentencode}",
        ),
    ),
    Panel(
        "At risk by location",
        "bars",
        "short",
        {"{{location}}": f"sort_desc({_sum('andon_items_at_risk', 'location')})"},
        "Items with an open stock-out risk alert.",
        "one location far above the others has a delivery or a count problem of its own.",
        "items-at-risk",
        rising(5, 20),
    ),
    Panel(
        "Out of stock by location",
        "bars",
        "percentunit",
        {
            "{{location}}": f"{_sum('andon_items_out_of_stock', 'location')} / "
            f"{_sum('andon_items', 'location')}"
        },
        "Share of a location's items with nothing on hand.",
        "see whether its deliveries were booked: goods that stand in the yard are not in the book.",
        "andonoutofstock",
        rising(0.02, 0.05),
        decimals=1,
    ),
    Panel(
        "Fill rate by class",
        "bars",
        "percentunit",
        {"{{class}}": _fill_rate("class")},
        "Share of the units wanted that were served from the shelf; critical should be highest, lean lowest.",
        "a class below its service level for weeks needs a higher one, or better lead times.",
        "andonfillratelow",
        falling(0.9, 0.95),
        empty="no day has closed",
        decimals=1,
        most=1,
    ),
    Panel(
        "Alerts open, by kind",
        "stack",
        "short",
        {"{{kind}}": "sum by (kind) (andon_alerts_open)"},
        "All locations and classes.",
        "a kind that only grows is not answered, or does not resolve: look at one of its alerts.",
        "alerts-nobody-answers",
    ),
    Panel(
        "Changes of alerts a minute",
        "lines",
        "short",
        {"{{change}}": "60 * sum by (change) (rate(andon_alerts_total[$__rate_interval]))"},
        "Opened, updated, resolved. Many updates of few alerts are flapping.",
        "see which kind it is, and whether one item's data change to and fro.",
        "alerts-nobody-answers",
    ),
    Panel(
        "Alerts that came true",
        "lines",
        "percentunit",
        {
            "{{kind}}": "sum by (kind) (increase(andon_alert_outcomes_total"
            '{outcome=~"true|late"}[$window])) / sum by (kind) (increase('
            'andon_alert_outcomes_total{outcome!="overtaken"}[$window]))'
        },
        "Share of the alerts that ended and of which it is known: the shelf went empty, the advice was followed, the shipment was late.",
        "a share that stays below half for a kind cries wolf: look at the forecasts of its items, and at the lead times.",
        "alerts-nobody-answers",
        falling(0.3, 0.5),
        empty="none has ended",
        most=1,
    ),
    Panel(
        "Out of stock over time",
        "lines",
        "percentunit",
        {
            "{{class}}": f"{_sum('andon_items_out_of_stock', 'class')} / "
            f"{_sum('andon_items', 'class')}"
        },
        "Share of the items with nothing on hand.",
        "a step up is a disruption or a feed that stopped; a slope is a demand that outgrew its targets.",
        "andonoutofstock",
        rising(0.02, 0.05),
    ),
    Panel(
        "Time to the first answer",
        "lines",
        "s",
        {
            f"{share}": f"histogram_quantile({quantile}, sum by (le) "
            "(rate(andon_alert_acknowledge_seconds_bucket[$window])))"
            for share, quantile in (("half", 0.5), ("nine in ten", 0.9))
        },
        "Event time from an alert's opening to procurement's acknowledgement, snooze or order.",
        "an answer that takes longer than the lead time leaves is none: let somebody watch the board.",
        "alerts-nobody-answers",
        rising(4 * 3600, 24 * 3600),
        empty="nothing was answered",
    ),
)

_MONEY = (
    Panel(
        "Cash released",
        "stat",
        "short",
        {
            "{{currency}}": f"{_sum('andon_just_in_case_stock_value', 'currency')} - "
            f"{_sum('andon_stock_value', 'currency')}"
        },
        "Stock that a just-in-case policy would hold (ANDON_JUST_IN_CASE_DAYS of demand and half an order cycle) less "
        "the stock there is, at unit cost.",
        "below nothing there is more stock than just-in-case would hold: look at the overstock alerts.",
        "too-much-stock",
        (("red", None), ("green", 0)),
        decimals=0,
        least=None,
    ),
    Panel(
        "Stock",
        "stat",
        "short",
        {"{{currency}}": _sum("andon_stock_value", "currency")},
        "On hand at unit cost.",
        "it has no threshold: compare it with *Days of supply*.",
        "too-much-stock",
        decimals=0,
    ),
    Panel(
        "Days of supply",
        "stat",
        "d",
        {
            "": f"{_sum('andon_stock_value')} / ({_sum('andon_expected_daily_demand_value')} > 0)",
        },
        "How long the stock lasts at the expected demand, all of it taken together.",
        "more than two months is money that sleeps; look at the overstock alerts.",
        "too-much-stock",
        rising(30, 60),
        decimals=1,
    ),
    Panel(
        "Inventory turns",
        "stat",
        "short",
        {
            "": f"365.25 * {_rise('andon_sold_value_total')} / "
            f"({_rise('andon_stock_value_days_total')} > 0)"
        },
        "How often a year the stock is sold, at the pace of the days that closed in this window.",
        "few turns are much stock for little demand; few turns and a low fill rate are the wrong stock.",
        "too-much-stock",
        falling(4, 8),
        empty="no day has closed",
        decimals=1,
    ),
    Panel(
        "Holding cost a day",
        "stat",
        "short",
        {
            "{{currency}}": f"{_rise('andon_holding_cost_total', 'currency')} / ignoring (currency) group_left () "
            f"({_rise('andon_item_days_total')} / {_sum('andon_items')})"
        },
        "What the stock costs by being there, on a day of event time.",
        "it has no threshold: it follows the stock.",
        "too-much-stock",
        empty="no day has closed",
        decimals=2,
    ),
    Panel(
        "Waste",
        "stat",
        "percentunit",
        {"": f"{_rise('andon_wasted_value_total')} / ({_rise('andon_sold_value_total')} > 0)"},
        "What spoiled as a share of what was sold, at unit cost.",
        "see which class and location: order less and more often, or check the shelf life in the master data.",
        "waste",
        rising(0.02, 0.05),
        empty="no day has closed",
        decimals=2,
    ),
    Panel(
        "Stock and what just-in-case would hold",
        "lines",
        "short",
        {
            "stock, {{currency}}": _sum("andon_stock_value", "currency"),
            "on order, {{currency}}": _sum("andon_on_order_value", "currency"),
            "just-in-case, {{currency}}": _sum("andon_just_in_case_stock_value", "currency"),
        },
        "At unit cost.",
        "stock above just-in-case for weeks is too much: look at the overstock alerts.",
        "too-much-stock",
    ),
    Panel(
        "Days of supply by class",
        "lines",
        "d",
        {
            "{{class}}": f"{_sum('andon_stock_value', 'class')} / "
            f"({_sum('andon_expected_daily_demand_value', 'class')} > 0)"
        },
        "How long the stock lasts at the expected demand.",
        "lean above critical is the dial the wrong way round: see the items' classes.",
        "too-much-stock",
    ),
)

_SUPPLIERS = (
    Panel(
        "On time",
        "bars",
        "percentunit",
        {"{{supplier}}": "sort(max by (supplier) (andon_supplier_on_time_ratio))"},
        "Share of the deliveries that came when promised, recent ones counting more: the twenty suppliers with the most.",
        "talk to the supplier, and see whether a second source is worth its price: the alerts rank them.",
        "a-supplier-is-late",
        falling(0.5, 0.8),
        empty="nothing was delivered",
        most=1,
    ),
    Panel(
        "Late by, on average",
        "bars",
        "s",
        {"{{supplier}}": "sort_desc(max by (supplier) (andon_supplier_delay_seconds))"},
        "Less than nothing is early.",
        "the reorder points already allow for it; what it costs is the safety stock it forces.",
        "a-supplier-is-late",
        rising(86400, 3 * 86400),
        empty="nothing was delivered",
        least=None,
    ),
    Panel(
        "Lead time",
        "bars",
        "s",
        {"{{supplier}}": "sort_desc(max by (supplier) (andon_supplier_lead_time_seconds))"},
        "The mean, as learned from deliveries.",
        "it has no threshold: compare with the master data, which new items begin with.",
        "a-supplier-is-late",
        empty="nothing was delivered",
    ),
)


def build() -> Any:
    """Return the dashboard."""
    return board(
        "andon-supply-risk",
        "Andon: supply risk",
        "What runs short, where, what it may cost, and what the stock costs. For planners.",
        [
            choice("location", "Location", "label_values(andon_items, location)"),
            choice("class", "Class", 'label_values(andon_items{location=~"$location"}, class)'),
            window(),
            dashboard.TextBoxVariable("console")
            .label("Console")
            .default_value("http://127.0.0.1:9180"),
        ],
        {"Now": _NOW, "Where": _WHERE, "Money": _MONEY, "Suppliers": _SUPPLIERS},
    )
