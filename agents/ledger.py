"""The ledger: adds up how the stock of each location and class did, day by day, as the books close them."""

from typing import Final

from andon.planning.book.book import Book
from andon.planning.decision.service import Closed, advance
from andon.planning.forecasting.candidates import LEVEL, NAMES
from andon.planning.forecasting.models import Models
from andon.planning.policy.policy import holding_cost
from andon.streams.figures import Figures

#: The class of a book whose item is not planned, or not known yet.
_UNPLANNED: Final = "unplanned"


def close_days(
    book: Book,
    key: str,
    watermark: float,
    lateness_seconds: float,
    figures: Figures,
    models: Models | None = None,
) -> int:
    """Close a book's days that are over, count what they were like, and return how many were learned from.

    Args:
        book: an item's book.
        key: its `location/sku`.
        watermark: the latest event time seen, seconds since 1970.
        lateness_seconds: how long a day waits for late events.
        figures: where to count.
        models: what competes to speak of the item's demand.
    """
    champion = LEVEL if models is None else NAMES[models.active]
    learned, closed = advance(book, watermark, lateness_seconds, models)
    if closed is not None:
        _count(book, key, closed, champion, figures)
    return learned


def _count(book: Book, key: str, closed: Closed, champion: str, figures: Figures) -> None:
    item = book.item
    location = key.partition("/")[0]
    service_class = _UNPLANNED if item is None else item.service_class
    place = (location, service_class)
    add = figures.add
    add("andon_item_days_total", place, closed.days)
    add("andon_out_of_stock_item_days_total", place, closed.out_of_stock_days)
    add("andon_units_sold_total", place, closed.sold)
    add("andon_units_short_total", place, closed.short)
    add("andon_units_wasted_total", place, closed.wasted)
    model = (champion, service_class)
    add("andon_forecast_over_units_total", model, closed.over)
    add("andon_forecast_under_units_total", model, closed.under)
    add("andon_forecast_actual_units_total", model, closed.actual)
    add("andon_forecast_days_total", model, closed.judged)
    add("andon_forecast_covered_days_total", model, closed.covered)
    if item is None:
        return
    money = (*place, item.currency)
    stock = max(book.on_hand, 0)
    add("andon_sold_value_total", money, closed.sold * item.unit_cost)
    add("andon_wasted_value_total", money, closed.wasted * item.unit_cost)
    add("andon_stock_value_days_total", money, stock * item.unit_cost * closed.days)
    add("andon_holding_cost_total", money, stock * holding_cost(item, closed.days))
