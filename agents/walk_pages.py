"""Read-only pages of a worker over many records: what is at a location, what a supplier has open, and what could be ordered of it.

Each walks the records of the worker's own partitions, in slices, so that events go on between them; one walk at a time.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from aiohttp import web

from andon.agents.books import zone_of_key
from andon.agents.context import Context
from andon.agents.shipments import delay_multiplier_of
from andon.agents.tables import BOOKS, LOOPS, PARTITION_STATE, PARTITIONS, PRODUCTION, SHIPMENTS
from andon.planning.book.book import Book
from andon.planning.book.promises import free
from andon.planning.decision.candidate import standing_of
from andon.planning.decision.situation import situation_of
from andon.planning.production.line import ProductionLine
from andon.planning.production.loops import KanbanLoop
from andon.planning.production.standing import line_stands, loop_stands
from andon.planning.supply.facts import split_line_key
from andon.planning.supply.inbound import Shipment
from andon.schemas.common import split_item_key
from andon.streams.engine import Engine
from andon.streams.sockets import Handler
from andon.streams.state import Shard

#: No answer has more rows; it then says that there are more.
MOST_ROWS: Final = 5000
#: So many keys are looked through, or so many records decoded, before events have their turn.
_KEYS: Final = 20_000
_RECORDS: Final = 100
_DAY: Final = 86400.0

#: In place of a location: all of them.
EVERYWHERE: Final = "*"

Rows = list[dict[str, Any]]
#: Yields what a shard has to say of one of its records, by its key, at a time, to who asks for a name.
Tell = Callable[[str, Any, Shard, float, str], Iterator[dict[str, Any]]]


def location_page(engine: Callable[[], Engine]) -> Handler:
    """Return the page that answers /locations/{location}: what comes within a day, what is out, what is to spare."""

    def picks(key: str, location: str) -> bool:
        return key.startswith(f"{location}/")

    return _page(
        engine, "location", BOOKS, picks, lambda key, book, _, now, __: _standing(key, book, now)
    )


def supplier_page(engine: Callable[[], Engine], context: Context) -> Handler:
    """Return the page that answers /suppliers/{supplier}: what it still has to deliver, line by line."""

    def tell(
        _: str, shipment: Shipment, shard: Shard, __: float, ___: str
    ) -> Iterator[dict[str, Any]]:
        return _open_lines(shipment, shard, context)

    return _page(engine, "supplier", SHIPMENTS, None, tell)


def basket_page(engine: Callable[[], Engine], context: Context) -> Handler:
    """Return the page that answers /baskets/{supplier}: how each item that is usually bought there stands to its next order."""

    def tell(
        key: str, book: Book, shard: Shard, now: float, supplier: str
    ) -> Iterator[dict[str, Any]]:
        state = shard.get(PARTITIONS, PARTITION_STATE)
        view = situation_of(
            book, key, now, context.supply(state.disruptions, shard), looks_ahead=False
        )
        found = standing_of(view)
        if found is not None and view.source.supplier == supplier:
            location, sku = split_item_key(key)
            yield {"location": location, "sku": sku, **found._asdict()}

    def is_bought(book: Book, supplier: str) -> bool:
        return book.item is not None and any(one.supplier == supplier for one in book.item.sources)

    return _page(engine, "supplier", BOOKS, None, tell, is_bought)


def line_page(engine: Callable[[], Engine]) -> Handler:
    """Return the page that answers /lines/{location}: how each production line there stands; `*` is everywhere."""

    def tell(
        key: str, line: ProductionLine, _: Shard, __: float, ___: str
    ) -> Iterator[dict[str, Any]]:
        yield msgspec.structs.asdict(line_stands(line, key))

    return _page(engine, "location", PRODUCTION, _lies_at, tell)


def loop_page(engine: Callable[[], Engine]) -> Handler:
    """Return the page that answers /loops/{location}: how each kanban loop there stands; `*` is everywhere."""

    def tell(
        key: str, state: KanbanLoop, shard: Shard, _: float, __: str
    ) -> Iterator[dict[str, Any]]:
        stands = loop_stands(state, key, zone_of_key(shard, key))
        if stands is not None:
            yield msgspec.structs.asdict(stands)

    return _page(engine, "location", LOOPS, _lies_at, tell)


def _lies_at(key: str, location: str) -> bool:
    return location == EVERYWHERE or key.startswith(f"{location}/")


def _page(
    engine: Callable[[], Engine],
    named: str,
    table: str,
    picks: Callable[[str, str], bool] | None,
    tell: Tell,
    is_of: Callable[[Any, str], bool] = lambda record, name: record.supplier == name,
) -> Handler:
    walking = asyncio.Lock()

    async def page(request: web.Request) -> web.Response:
        name = request.match_info[named]
        rows: Rows = []
        now = 0.0
        async with walking:
            for shard in engine().shards:
                here = shard.get(PARTITIONS, PARTITION_STATE).watermark
                now = max(now, here)
                records = shard.tables[table]
                keys = list(records)
                for start in range(0, len(keys), _KEYS):
                    some = keys[start : start + _KEYS]
                    found = [
                        key
                        for key in some
                        if (picks(key, name) if picks else records.may_hold(key, name.encode()))
                    ]
                    for first in range(0, len(found), _RECORDS):
                        for key in found[first : first + _RECORDS]:
                            record = records.peek(key)
                            if record is not None and (picks or is_of(record, name)):
                                rows.extend(tell(key, record, shard, here, name))
                        await asyncio.sleep(0)
                        if len(rows) > MOST_ROWS:
                            return _answer(named, name, now, rows[:MOST_ROWS], is_whole=False)
                    await asyncio.sleep(0)
        return _answer(named, name, now, rows, is_whole=True)

    return page


def _answer(named: str, name: str, now: float, rows: Rows, *, is_whole: bool) -> web.Response:
    told = {named: name, "now": now, "is_whole": is_whole, "rows": rows}
    return web.Response(body=msgspec.json.encode(told), content_type="application/json")


def _standing(key: str, book: Book, now: float) -> Iterator[dict[str, Any]]:
    """Yield what there is to say of an item where it stands; nothing if all is as it should be."""
    item = book.item
    if item is None or book.off_shelf:
        return
    coming = [
        {
            "shipment_id": line.shipment_id,
            "quantity": line.open_quantity,
            "expected": line.expected,
            "from": line.supplier or line.transfer_from,
        }
        for line in book.lines.values()
        if line.open_quantity > 0 and line.expected < now + _DAY
    ]
    is_out = book.stock_is_known and book.stock <= 0
    if not (coming or is_out or book.surplus):
        return
    yield {
        "sku": split_item_key(key)[1],
        "name": item.description or None,
        "on_hand": book.on_hand,
        "free": free(book),
        "is_out": is_out,
        "surplus": book.surplus,
        "coming": coming,
    }


def _open_lines(shipment: Shipment, shard: Shard, context: Context) -> Iterator[dict[str, Any]]:
    if not shipment.is_open:
        return
    disruptions = shard.get(PARTITIONS, PARTITION_STATE).disruptions
    worth = delay_multiplier_of(context.scorecards, shipment)
    expected = shipment.arrival(disruptions, worth).expected
    for key, (quantity, received) in sorted(shipment.lines.items()):
        if quantity <= received:
            continue
        location, sku, _ = split_line_key(key)
        yield {
            "shipment_id": shipment.shipment_id,
            "order_id": shipment.order_id,
            "location": location,
            "sku": sku,
            "quantity": quantity,
            "received": received,
            "status": shipment.status,
            "ordered": shipment.ordered,
            "promised": shipment.promised,
            "expected": expected,
        }
