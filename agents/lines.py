"""Lines: what the books are told of the shipments that bring their items, and by the books of codes that replace each other, of warehouses, and of what they are parts of."""

from collections.abc import Callable

import msgspec

from andon.agents.books import book_agent
from andon.agents.context import Context
from andon.agents.supply import NetworkSupply
from andon.planning.book import feeding, making, succession, transfers
from andon.planning.book.answers import withdraw
from andon.planning.book.arrivals import held_up_line
from andon.planning.book.book import LINES, Book, Line
from andon.planning.book.deliveries import is_done, learn_delivery
from andon.planning.book.memory import Blocks
from andon.planning.book.position import APPLIED, DUPLICATE, OVER_RECEIPT, TOO_MANY
from andon.planning.book.receiving import is_repeat
from andon.planning.book.urgency import matters
from andon.schemas.common import item_key
from andon.schemas.shipments import LineUpdate
from andon.streams.engine import Apply


def _judge(supply: NetworkSupply, book: Book, update: LineUpdate, now: float) -> Callable[[], bool]:
    """Compare the line before and after its news, as late as is known here: what a book knew already is no news to it."""
    if update.feed is not None or update.required is not None or update.run is not None:
        return lambda: True
    name, location = transfers.line_name(update), update.location

    def line() -> Line | None:
        known = book.lines.get(name)
        if known is None:
            return None
        return held_up_line(known, location, supply.disruptions(), supply.delay_multiplier)

    before = line()
    return lambda: matters(book, before, line(), now)


def _update(book: Book, update: LineUpdate, at: float, digest: bytes, blocks: Blocks) -> str:
    if update.successor is not None or update.legacy is not None:
        return succession.hear(book, update, at)
    if update.feed is not None:
        return feeding.hear_feed(book, update)
    if update.required is not None:
        return making.hear_requirement(book, update, at, digest)
    if making.has_no_room(book, update):
        return making.TOO_MANY_RUNS
    if is_repeat(book, update, digest, blocks):
        return DUPLICATE
    is_news = update.transfer_from is None and not is_done(book, update)
    outcome = transfers.update_line(book, update, at, digest)
    if outcome != TOO_MANY:
        making.hear_run(book, update)
    if is_news and outcome in (APPLIED, OVER_RECEIPT):
        learn_delivery(book, update)
    # What its supplier brings nothing of is off as well as what was cancelled.
    is_off = update.status == "cancelled" or not (update.quantity or update.received)
    if is_off and update.alert_id is not None:
        withdraw(book, update.alert_id, update.shipment_id, at)
    return outcome


def _identity(update: LineUpdate) -> str:
    """Return what makes two news the same; an order under a number that was used before counts its versions anew."""
    since = f":{update.begun}" if update.begun else ""
    return f"lines:{transfers.line_name(update)}:{update.version}{since}"


def line_agent(context: Context) -> Apply:
    """Return what applies a batch of line updates."""
    return book_agent(
        context,
        msgspec.json.Decoder(LineUpdate),
        LINES,
        _update,
        key_of=lambda update: item_key(update.location, update.sku),
        identity=_identity,
        always_reconsider=True,
        keeps_time=False,
        judge=_judge,
    )
