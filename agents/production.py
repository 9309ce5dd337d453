"""Production: keeps the orders of each line, tells the books of what is made, and says when a line will stand still."""

from typing import Final

from xxhash import xxh3_64_digest

from andon.agents.context import Context
from andon.agents.keyed import News, keyed_agent
from andon.agents.tables import PRODUCTION
from andon.planning.alerting.alerts import wakes_at
from andon.planning.production.line import (
    APPLIED,
    MOST_OPEN,
    MOST_REPORTS,
    OTHER_ITEM,
    TOO_MANY,
    TOO_MANY_REPORTS,
    TOO_MUCH,
    ProductionLine,
    hear,
    hear_coverage,
    orders_under,
)
from andon.planning.production.line_stop import line_stop
from andon.planning.production.orders import tell_orders
from andon.planning.production.remembered import FORGOTTEN
from andon.schemas.common import MOST_UNITS
from andon.schemas.production import Coverage, ProductionEvent
from andon.streams.engine import Apply

#: Applied, and what the line lacks may be another part, or later.
HEARD: Final = "heard"

_REFUSED: Final = {
    TOO_MANY: f"has {MOST_OPEN} open orders already: report those that are finished, or call some off",
    TOO_MANY_REPORTS: f"has an order of which {MOST_REPORTS:,} reports were made already: go on under another number",
    FORGOTTEN: "has forgotten the orders of that number, or of that time: if it was not booked then, count what was made, or give it a new number",
    TOO_MUCH: f"has an order of which more than {MOST_UNITS:,} units would be made, or scrapped: look at what was reported",
}


def production_agent(context: Context) -> Apply:
    """Return what applies a batch of news of production orders."""

    def act(line: ProductionLine, news: News) -> tuple[str, str | None]:
        event = news.event
        outcome = hear(line, event, news.at, xxh3_64_digest(event.event_id.encode()))
        tell_orders(line, news.key, news.at)
        return outcome, _why_refused(line, news.key, event, outcome)

    return keyed_agent(context, ProductionEvent, "production", PRODUCTION, act, key_of=_key_of)


def coverage_agent(context: Context) -> Apply:
    """Return what applies a batch of what the parts' books told the lines."""

    def act(line: ProductionLine, news: News) -> tuple[str, str | None]:
        outcome = hear_coverage(line, news.event)
        if outcome != APPLIED:
            return outcome, _why_refused(line, news.key, news.event, outcome)
        if news.event.gone:
            tell_orders(line, news.key, max(news.at, *(one.released for one in news.event.gone)))
        line_stop(line, news.key, news.now)
        news.shard.appoint(PRODUCTION, news.key, wakes_at(line.alerts, news.now))
        return HEARD, None

    return keyed_agent(context, Coverage, "coverages", PRODUCTION, act, key_of=_key_of)


def _key_of(event: ProductionEvent | Coverage) -> str:
    return f"{event.location}/{event.line}"


def _why_refused(
    line: ProductionLine, key: str, event: ProductionEvent | Coverage, outcome: str
) -> str | None:
    """Return why an event is a dead letter, None if it is not."""
    if outcome in _REFUSED:
        return f"{key} {_REFUSED[outcome]}"
    if outcome != OTHER_ITEM or not isinstance(event, ProductionEvent):
        return None
    made = " or ".join(one.sku for one in orders_under(line, event.order_id))
    return (
        f"order {event.order_id} on {key} makes {made}, not {event.sku}: "
        f"report what it makes, or release it for {event.sku} first"
    )
