"""The desk: what the console knows, read from topics without a group, and the answers that it sends; nothing else is written."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from andon.console.answers import AlreadyAnswered, Wish, answer_to, in_words
from andon.console.columns import Columns, Slots
from andon.console.letters import FAMILY as LETTERS
from andon.console.letters import MOST as MOST_LETTERS
from andon.console.letters import Letters
from andon.console.master import Master
from andon.console.reference import SCORECARDS, SUPPLIERS, Reference
from andon.console.rows import Filters, Known, Ranked, Row, ranked, row_of
from andon.console.taken import FAMILY as FILES
from andon.console.taken import MOST as MOST_FILES
from andon.console.taken import TakenFiles
from andon.console.trail import FAMILY as TRAIL
from andon.console.trail import MOST as MOST_ANSWERS
from andon.console.trail import ORDER_EVENTS, Trail
from andon.schemas.acks import Ack
from andon.schemas.board import BoardEntry, answer_of
from andon.schemas.common import encode
from andon.streams.board_feed import FAMILY as BOARD
from andon.streams.board_feed import OpenBoard, time_on_board
from andon.streams.order_feed import FAMILY as ORDERS
from andon.streams.order_feed import Orders
from andon.streams.producer import Outgoing
from andon.streams.reader import read_whole
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

logger = logging.getLogger("andon.console")

ITEMS: Final = "items"
#: What is read.
FAMILIES: Final = (BOARD, ITEMS, LETTERS, TRAIL, SUPPLIERS, SCORECARDS, ORDERS, ORDER_EVENTS, FILES)
#: So long an answer may be on its way to the board, and counts meanwhile as if it were there.
_ON_ITS_WAY_SECONDS: Final = 60.0


class Sender(Protocol):
    """What publishes records and waits until they are durable."""

    async def publish(self, records: Iterable[Outgoing]) -> None:
        """Publish records and return when all are acknowledged."""
        ...


class Desk:
    """What is open, what is known of its items, and what was answered here and is not on the board yet.

    Args:
        settings: prefix of the topics.
        sender: publishes answers; without one nothing can be sent.
        wall: returns the time.
        clock: returns seconds that only grow.
    """

    def __init__(
        self,
        settings: Settings,
        sender: Sender | None = None,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.board = OpenBoard(packed=True)
        self.columns = Columns()
        self.items: dict[str, Known] = {}
        self.letters = Letters()
        self.trail = Trail()
        self.files = TakenFiles()
        self.reference = Reference()
        self.orders = Orders()
        #: Items whose master data do not say what a unit costs.
        self.unpriced: set[str] = set()
        #: The alerts of each item, and those that each cause holds up.
        self._alerts_of: dict[str, tuple[str, ...]] = {}
        self._held_by: dict[str, tuple[str, ...]] = {}
        #: When an alert changed last.
        self._newest: datetime | None = None
        #: Grows with every change of what is shown.
        self.version = 0
        self.is_read = False
        self.changed = asyncio.Event()
        self._sender = sender
        self._wall = wall
        self.clock = clock
        self._topic = topic_name(settings, "acks")
        self.settings = settings
        self._topics = {topic_name(settings, family): family for family in FAMILIES}
        self._master = Master()
        self._on_their_way: dict[str, tuple[Ack, float]] = {}
        #: One at a time: of two answers to an alert that come at once the first is known to the second.
        self.sending = asyncio.Lock()

    @property
    def now(self) -> datetime:
        """The time on the board."""
        now = self._wall()
        return time_on_board(now if self._newest is None else self._newest, now)

    def take(self, record: Any) -> None:
        """Take in a record of one of the topics."""
        family = self._topics[record.topic]
        if family == BOARD:
            self._take_board(record)
        elif family == ITEMS:
            self._learn(record)
        elif family == SUPPLIERS:
            self.reference.take_terms(record)
        elif family == SCORECARDS:
            self.reference.take_card(record)
        elif family == ORDERS:
            if self.orders.take(record) is not None:
                self._turn()
        else:
            if family == LETTERS:
                self.letters.take(record)
            elif family == FILES:
                self.files.take(record)
            elif family == ORDER_EVENTS:
                self.trail.take_order(record)
            else:
                self.trail.take(record)
            self._turn()

    def _take_board(self, record: Any) -> None:
        change = self.board.take(record)
        if change is None:
            return
        name = change.alert_id
        if change.entry is None:
            if change.before is not None:
                self._drop(name, change.before)
            self._on_their_way.pop(name, None)
        else:
            answer = change.entry.answer
            self._put(name, change.entry, change.before)
            sent = self._on_their_way.get(name)
            if sent is not None and answer is not None and answer.event_id == sent[0].event_id:
                del self._on_their_way[name]
        self._turn()

    def _learn(self, record: Any) -> None:
        key = (record.key or b"").decode("utf-8", "replace")
        if not record.value:
            self.items.pop(key, None)
            self.unpriced.discard(key)
            return
        read = self._master.read(record.value)
        if read is None:
            return
        known, is_priced = read
        (self.unpriced.discard if is_priced else self.unpriced.add)(key)
        if self.items.get(key) == known:
            return
        self.items[key] = known
        for name in self._alerts_of.get(key, ()):
            self.columns.put(row_of(self.board.entries[name], known))

    def _put(self, name: str, entry: BoardEntry, before: BoardEntry | None) -> None:
        item, changed = item_of(entry), entry.alert.changed_at
        if self._newest is None or changed > self._newest:
            self._newest = changed
        self.columns.put(row_of(entry, self.items.get(item), name))
        if before is None:
            _add(self._alerts_of, item, name)
        elif _causes_of(before) != _causes_of(entry):
            self._release(name, before)
            before = None
        if before is None:
            for cause in _causes_of(entry):
                _add(self._held_by, cause, name)

    def _drop(self, name: str, before: BoardEntry) -> None:
        self.columns.drop(name)
        _remove(self._alerts_of, item_of(before), name)
        self._release(name, before)

    def _release(self, name: str, before: BoardEntry) -> None:
        for cause in _causes_of(before):
            _remove(self._held_by, cause, name)

    def _turn(self) -> None:
        self.version += 1
        self.changed.set()

    def rows_of(self, item: str) -> list[Row]:
        """Return what is open of an item, `location/sku`."""
        return self._rows(self._alerts_of.get(item, ()))

    def rows_where(self, **filters: str) -> list[Row]:
        """Return what is open and live, answered or not, of what some filters ask for."""
        asked = Filters(answered="all", **filters)
        return self._rows(self.columns.first(self.wanted(asked), self.now))

    def row(self, alert_id: str) -> Row | None:
        """Return an open alert."""
        return next(iter(self._rows([alert_id])), None)

    def wanted(self, filters: Filters) -> Slots:
        """Return where the rows are that are asked for, in no order."""
        if not filters.cause:
            return self.columns.wanted(filters, self.now)
        held = self.columns.slots_of(self._held_up_by(filters.cause))
        return self.columns.wanted(filters, self.now, held)

    def first(self, slots: Slots, most: int | None = None) -> list[Ranked]:
        """Return rows in the order of the queue, `most` at most."""
        return ranked(self._rows(self.columns.first(slots, self.now, most)), self.now)

    def _held_up_by(self, alert_id: str) -> set[str]:
        """Return the alerts of items that an alert of a shipment or a disruption holds up; none if it is not open."""
        entry = self.board.entries.get(alert_id)
        if entry is None:
            return set()
        alert = entry.alert
        causes = (alert.alert_id, alert.cause, alert.shipment_id)
        return {name for one in causes if one for name in self._held_by.get(one, ())}

    def _rows(self, names: Iterable[str]) -> list[Row]:
        found = []
        for name in names:
            entry = self.board.entries.get(name)
            if entry is not None:
                found.append(row_of(entry, self.items.get(item_of(entry)), name))
        return found

    def have_read(self) -> None:
        """Take it that all was read that was there at the start."""
        self.is_read = True
        self._turn()

    async def answer(self, alert_id: str, wish: Wish) -> Ack:
        """Send an answer, once, and return it.

        Raises:
            NotOpen: no such alert is open.
            AlreadyAnswered: somebody was first.
            Unfit: the answer does not fit the alert.
        """
        async with self.sending:
            told, is_new = self.told(alert_id, wish)
            if is_new:
                record = Outgoing(self._topic, alert_id.encode(), encode(told))
                await self.publish([record])
                self.send_off([told])
            return told

    async def publish(self, records: Iterable[Outgoing]) -> None:
        """Publish records, and return once they are durable.

        Raises:
            RuntimeError: nothing can be sent from here.
        """
        if self._sender is None:
            raise RuntimeError("this desk was made without a sender, to be looked at")
        await self._sender.publish(records)

    def told(self, alert_id: str, wish: Wish) -> tuple[Ack, bool]:
        """Return an answer, and whether it is still to be sent (errors as `answer`)."""
        told = answer_to(self.board, alert_id, wish, self.now, self._sellers_of(alert_id))
        sent = self._on_its_way(alert_id)
        if sent is not None and sent.event_id == told.event_id:
            return sent, False
        entry = self.board.entries[alert_id]
        if sent is not None and not wish.again:
            first = answer_of(sent, entry.alert.revision)
            msg = f"{alert_id} is answered already, and that is on its way: {in_words(first)}"
            raise AlreadyAnswered(msg, first)
        return told, entry.answer is None or entry.answer.event_id != told.event_id

    def _sellers_of(self, alert_id: str) -> tuple[str, ...]:
        entry = self.board.entries.get(alert_id)
        known = None if entry is None else self.items.get(item_of(entry))
        return () if known is None else known.sellers

    def send_off(self, sent: Iterable[Ack]) -> None:
        """Take it that answers are on their way to the board."""
        until = self.clock() + _ON_ITS_WAY_SECONDS
        self._on_their_way.update({told.alert_id: (told, until) for told in sent})
        self._turn()

    def is_on_its_way(self, alert_id: str) -> bool:
        """Return whether an answer was sent that the board does not show yet."""
        return self._on_its_way(alert_id) is not None

    def _on_its_way(self, alert_id: str) -> Ack | None:
        sent, until = self._on_their_way.get(alert_id, (None, 0.0))
        if sent is not None and self.clock() >= until:
            del self._on_their_way[alert_id]
            return None
        return sent

    async def read(self, consumer_options: dict[str, Any]) -> None:
        """Read the topics from their beginning, the last of the dead letters, of the answers and of the files, for good.

        Args:
            consumer_options: aiokafka's: broker and security.
        """
        most = {
            LETTERS: MOST_LETTERS,
            TRAIL: MOST_ANSWERS,
            ORDER_EVENTS: MOST_ANSWERS,
            FILES: MOST_FILES,
        }
        last = {topic: most[name] for topic, name in self._topics.items() if name in most}
        await read_whole(self._topics, consumer_options, self.take, self.have_read, last=last)


def item_of(entry: BoardEntry) -> str:
    """Return the item of an alert, `location/sku`."""
    return f"{entry.alert.location}/{entry.alert.sku}"


def _causes_of(entry: BoardEntry) -> set[str]:
    """Return by what an item's alert may be held up."""
    alert = entry.alert
    if alert.location is None:
        return set()
    return {one for one in (alert.parent_id, alert.cause) if one}


def _add(index: dict[str, tuple[str, ...]], key: str, name: str) -> None:
    index[key] = (*index.get(key, ()), name)


def _remove(index: dict[str, tuple[str, ...]], key: str, name: str) -> None:
    left = tuple(one for one in index.get(key, ()) if one != name)
    if left:
        index[key] = left
    else:
        index.pop(key, None)
