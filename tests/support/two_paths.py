"""One story told to two shards, one of which takes the clear path alone: whatever is asked of them, they must answer alike."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
from support.batches import PARTITIONS, Bench

from andon.agents.items import item_agent
from andon.agents.sales import sale_agent
from andon.agents.stock import stock_agent
from andon.planning.book.book import NEVER, NEVER_SOLD, Book
from andon.schemas.common import encode, utc
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.schemas.stock import StockMovement
from andon.streams.producer import partition_of

DAY = 86400.0
NOW = 20_000 * DAY + 9 * 3600
MOST_BYTES = 1024
HOME = partition_of(b"S/A", PARTITIONS)


def skus(*, at_home: bool) -> list[str]:
    """Return two items whose keys belong to the partition of the shards, or to others."""
    names = (f"K{number}" for number in range(1000))
    found = (
        name
        for name in names
        if (partition_of(f"S/{name}".encode(), PARTITIONS) == HOME) is at_home
    )
    return [next(found) for _ in range(2)]


@dataclass
class TwoPaths:
    """Two shards that are told the same, and the sales that wait to come to both."""

    settings: dict[str, Any]
    clock: float = NOW
    waiting: list[Any] = field(default_factory=list)
    cuts: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clear, self.fast = (
            Bench(max_message_bytes=MOST_BYTES, clear_path=clear, **self.settings)
            for clear in (True, False)
        )
        self.sent: list[Any] = []
        self._begun: list[list[tuple[Any, int, tuple[str, str]]]] = [[], []]

    @property
    def benches(self) -> tuple[Bench, Bench]:
        """The clear one and the fast one."""
        return self.clear, self.fast

    def sale(
        self,
        sku: str,
        kind: str = "sale",
        *,
        ago: float = 0.0,
        written: float | None = None,
        pad: int = 0,
        headers: tuple[tuple[str, bytes], ...] = (),
        **fields: Any,
    ) -> None:
        """Have a sale wait that happened so many seconds ago; it is written now, if `written` does not say otherwise."""
        at = self.clock - ago
        event = Sale(occurred_at=utc(at), location="S", sku=sku, kind=kind, **fields)
        value = encode(event)
        if pad:
            value = value[:-1] + b',"note":"' + b"x" * pad + b'"}'
        self.record(value, written=self.clock if written is None else written, headers=headers)

    def record(self, value: bytes | None, **fields: Any) -> None:
        """Have a record wait."""
        fields["timestamp"] = fields.pop("written", self.clock)
        record = self.clear.record("andon.pos.v1", value, **fields)
        self.sent.append(record)
        self.waiting.append(record)

    def again(self, place: int) -> None:
        """Have the broker deliver what it has delivered before."""
        if self.sent:
            self.waiting.append(self.sent[place % len(self.sent)])

    def flush(self, *, clear: int, fast: int) -> None:
        """Give the waiting sales to both, in batches of such sizes."""
        for bench, size in ((self.clear, clear), (self.fast, fast)):
            agent = sale_agent(bench.context)
            for begin in range(0, len(self.waiting), size):
                bench.apply(agent, *self.waiting[begin : begin + size])
        self.waiting.clear()

    def plan(self, sku: str, *, daily: float, active: bool = True) -> None:
        """Give both an item's master data."""
        source = Source(supplier="ACME", lead_time_days=3.0)
        item = Item(
            location="S",
            sku=sku,
            updated_at=utc(self.clock),
            sources=(source,),
            expected_daily_demand=daily,
            active=active,
        )
        record = self.clear.record("andon.items.v1", encode(item), timestamp=self.clock)
        for bench in self.benches:
            bench.apply(item_agent(bench.context), record)

    def move(self, sku: str, kind: str, quantity: int, *, ago: float = 0.0) -> None:
        """Give both a movement of stock."""
        event = StockMovement(
            event_id=f"{kind}-{len(self.sent)}-{self.clock}-{ago}",
            occurred_at=utc(self.clock - ago),
            location="S",
            sku=sku,
            kind=kind,
            quantity=quantity,
        )
        record = self.clear.record("andon.stock.v1", encode(event), timestamp=self.clock)
        for bench in self.benches:
            bench.apply(stock_agent(bench.context), record)

    def wake_at(self, sku: str, level: str, distance: int) -> None:
        """Have a book be looked at again only when it has sold, or lost, so many units more."""
        for bench in self.benches:
            book: Book | None = bench.shard.tables["books"].get(f"S/{sku}")
            if book is None:
                continue
            book.wake_on_hand = book.wake_position = NEVER
            book.wake_sold = NEVER_SOLD
            if level == "on_hand":
                book.wake_on_hand = book.on_hand - distance
            elif level == "sold":
                book.wake_sold = book.demand.sold + distance
            else:
                book.wake_position = book.inventory_position - distance

    def begin_publishing(self) -> None:
        """Begin to publish what waits, as the engine does."""
        for bench, begun in zip(self.benches, self._begun, strict=True):
            if begun:
                continue
            pending, bench.shard.pending_outboxes = bench.shard.pending_outboxes, {}
            for place in pending:
                record = bench.shard.tables[place[0]][place[1]]
                bench.shard.publishing[place] = len(record.outbox)
                begun.append((record, len(record.outbox), place))

    def end_publishing(self) -> None:
        """Forget what is published by now."""
        for bench, begun in zip(self.benches, self._begun, strict=True):
            bench.shard.publishing.clear()
            for record, count, (table, key) in begun:
                del record.outbox[:count]
                bench.shard.dirty[table].add(key)
            begun.clear()

    def checkpoint(self, live: int) -> None:
        """Take what changed as written, and pack all but so many books."""
        for bench in self.benches:
            bench.shard.take_dirty()
            bench.shard.pack(live)


def all_of(bench: Bench) -> dict[str, Any]:
    """Return everything that a shard, its metrics and its effects have to show."""
    shard, effects = bench.shard, bench.effects
    encoded = msgspec.msgpack.Encoder()
    lines = bench.context.metrics.exposition().decode().splitlines()
    return {
        "state": {
            name: {key: encoded.encode(table.peek(key)) for key in table}
            for name, table in shard.tables.items()
        },
        "dirty": shard.dirty,
        "pending": shard.pending_outboxes,
        "outgoing": effects.outgoing,
        "newest": effects.newest,
        "written": effects.written,
        "metrics": [line for line in lines if not line.startswith(("process_", "#"))],
    }
