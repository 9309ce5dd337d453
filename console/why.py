"""Why an item is ordered as it is: each number of its book, where it comes from, and the sentences that say it.

Nothing is reckoned here: a number is the one that the worker has, as `andon item --json` prints it.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from andon.planning.alerting.sentences import money, rate


class Reason(NamedTuple):
    """A number of a decision."""

    name: str
    #: Where it stands in what `andon item --json` prints.
    path: str
    #: What it is made of, in words.
    words: str
    #: What it is counted in.
    unit: str = "units"


_REASONS: Final = (
    Reason("on hand", "on_hand", "the last count, and every receipt, sale and adjustment since"),
    Reason("on hold", "on_hold", "on hand, but held back for its quality: not free"),
    Reason("promised", "backorders", "customers wait for it, or it is due to them now"),
    Reason("free", "free", "on hand, less what is promised and what is on hold"),
    Reason("on order", "on_order", "open lines of shipments and transfers"),
    Reason(
        "ordered, not seen", "reserved", "answers that say it is ordered, until a shipment is seen"
    ),
    Reason(
        "inventory position",
        "inventory_position",
        "on hand and on order and ordered, less what is promised: what is compared with the reorder point",
    ),
    Reason(
        "sells",
        "forecast.level",
        "the forecast's level, learned from the days that are over",
        unit="a day",
    ),
    Reason("learned over", "forecast.days", "sales of days that are over", unit="days"),
    Reason("sold today", "forecast.sold_today", "sales of the open day so far"),
    Reason(
        "dispersion",
        "forecast.dispersion",
        "the variance of a day's demand over that of pure chance",
        unit="times",
    ),
    Reason(
        "error", "forecast.wape", "of one-day forecasts, as a share of what was sold", unit="share"
    ),
    Reason(
        "bias", "forecast.bias", "of one-day forecasts, as a share of what was sold", unit="share"
    ),
    Reason(
        "protection",
        "targets.protection_days",
        "the lead time and the review, that the stock must last",
        unit="days",
    ),
    Reason("sells until then", "targets.protection_mean", "expected over the protection days"),
    Reason(
        "give or take",
        "targets.protection_sd",
        "the standard deviation of that: of demand, of its level, and of the lead time",
    ),
    Reason(
        "service level",
        "targets.service_level",
        "the chance of not running out in a cycle: what a unit short costs against one kept, within the class",
        unit="share",
    ),
    Reason(
        "reorder point",
        "targets.reorder_point",
        "what is enough over the protection days with that chance",
    ),
    Reason("safety stock", "targets.safety_stock", "what of it is beyond the expected sales"),
    Reason(
        "an order covers",
        "targets.cycle_days",
        "the review, a pack or the cheapest size, whichever is longest",
        unit="days",
    ),
    Reason(
        "order up to", "targets.order_up_to", "the reorder point and what sells over those days"
    ),
    Reason("safety stock costs", "targets.insurance_cost", "to keep", unit="money a year"),
    Reason(
        "and saves", "targets.insured_cost", "of shortages that it prevents", unit="money a year"
    ),
    Reason("unit cost", "item.unit_cost", "the master data", unit="money"),
    Reason(
        "holding cost",
        "item.holding_cost_rate",
        "a year, as a share of the value; the master data",
        unit="share",
    ),
    Reason(
        "a unit short costs",
        "item.shortage_cost",
        "the master data; else the margin, or half the unit cost",
        unit="money",
    ),
    Reason("pack", "item.pack_size", "the master data"),
    Reason("minimum order", "item.minimum_order", "the master data"),
    Reason("shelf life", "item.shelf_life_days", "the master data", unit="days"),
)


def reasons(book: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the numbers of a book with where each stands and what it is made of; those that it does not have are left out."""
    found = []
    for one in _REASONS:
        value: Any = book
        for name in one.path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is not None:
            found.append({**one._asdict(), "value": value})
    return found


def why(book: Mapping[str, Any]) -> str:
    """Return, in plain sentences, why the reorder point is what it is."""
    targets, item = book.get("targets"), book.get("item")
    if item is None:
        return (
            "No planning master data: the book is kept, but nothing is decided. "
            "Send an `items` event to name its suppliers and lead times."
        )
    if targets is None:
        return "No reorder point yet: it is set with the next event."
    forecast = book.get("forecast") or {}
    service = targets["service_level"]
    currency = item.get("currency", "EUR")
    explicit = item.get("service_level") is not None
    reason = "as set" if explicit else f"class {item.get('service_class', 'balanced')}"
    level, wape = forecast.get("level"), forecast.get("wape")
    point, safety, most = (
        f"{targets[name]:,}" for name in ("reorder_point", "safety_stock", "order_up_to")
    )
    # Where an order goes up by one to what is enough, what is enough is one more than the point.
    enough = targets["reorder_point"]
    if targets["safety_stock"] > round(max(enough - targets["protection_mean"], 0.0)):
        enough += 1
    mean, sd = f"{targets['protection_mean']:,.1f}", f"{targets['protection_sd']:,.1f}"
    below = ", one below what is enough" if enough > targets["reorder_point"] else ""
    needed = (
        f"The reorder point is {point}{below}: over {targets['protection_days']:.1f} days of lead time and "
        f"review, {mean} are expected to sell, give or take {sd}; {enough:,} is enough in "
        f"{service:.1%} of cases ({reason})."
    )
    insured = (
        f"{safety} of it is safety stock, which costs {money(targets['insurance_cost'], currency)} "
        f"a year to keep; without it, shortages would cost {money(targets['insured_cost'], currency)}."
    )
    ordered = (
        f"An order goes up to {most}, which adds what sells in the "
        f"{targets['cycle_days']:.1f} days to the next order."
        if targets["order_up_to"] > enough
        else f"An order goes up to {most}, which is enough until the next review."
    )
    sentences = [needed, insured, ordered]
    if level is not None:
        error = f", off by {wape:.0%} a day so far" if wape is not None else ""
        days = forecast.get("days", 0)
        sentences.append(f"The forecast is {rate(level)}, learned over {days:g} days{error}.")
    return "\n".join(sentences)
