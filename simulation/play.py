"""Plays a simulated network onto a broker at a pace, and lets it hear the alerts that come back."""

import asyncio
import itertools
import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import Any, Final

from andon.schemas.alerts import Alert
from andon.schemas.common import decode, encode
from andon.schemas.families import FAMILIES as REGISTRY
from andon.schemas.orders import PurchaseOrder
from andon.simulation.agenda import Message
from andon.simulation.network import Network
from andon.streams.alert_feed import FAMILIES, decoded
from andon.streams.bulk import BulkPublisher
from andon.streams.clients import consumer
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

#: One simulated day in a second and a half.
SPEED: Final = 57_600.0
DAYS_BACK: Final = 730
_TICK_SECONDS = 0.05
_HEAD_START_SECONDS = 1.0
#: No step is longer, so that a slow machine slows the simulated time down instead of being flooded.
_STEP_SECONDS = 6 * 3600.0
_FAMILIES = ("items", "stock", "pos", "shipments", "delays", "acks", "orders.events")
#: What is published besides where there is a plant.
_OF_A_PLANT: Final = ("boms", "production", "loops", "cards")
#: The purchase orders, those that people give among them.
_ORDERS: Final = "orders"
#: So long the buyer leaves an alert of an item that is left to people, in seconds of whoever looks on.
PATIENCE_SECONDS: Final = 30.0


class Player(threading.Thread):
    """A thread that plays the network: faster than time at first, with the time of day once it has caught up."""

    def __init__(
        self,
        settings: Settings,
        network: Network,
        speed: float,
        *,
        cancel: bool,
        left: Iterable[str] = (),
    ) -> None:
        """Prepare.

        Args:
            settings: where to.
            network: what to play.
            speed: simulated seconds a second.
            cancel: whether open shipments are cancelled at the end, because somebody will read on.
            left: the keys of items that are left to people for a while, before the buyer orders them.
        """
        super().__init__(name="player", daemon=True)
        self.published: Counter[str] = Counter()
        self.error: BaseException | None = None
        self._settings = settings
        self._network = network
        self._speed = speed
        self._cancel = cancel
        self._alerts: queue.SimpleQueue[Alert] = queue.SimpleQueue()
        self._orders: queue.SimpleQueue[PurchaseOrder] = queue.SimpleQueue()
        self._left = frozenset(left)
        self._put_off: deque[tuple[float, Alert]] = deque()
        self._ended = threading.Event()
        self._held = threading.Event()

    def hold(self, *, still: bool) -> None:
        """Let simulated time stand still, as when a pipeline has fallen behind, or go on."""
        if still:
            self._held.set()
        else:
            self._held.clear()

    def hear(self, alert: Alert) -> None:
        """Pass an alert on to the network's buyer."""
        self._alerts.put(alert)

    def hear_of(self, order: PurchaseOrder) -> None:
        """Pass a purchase order on to the network's suppliers."""
        self._orders.put(order)

    def stop(self) -> None:
        """End within a moment."""
        self._ended.set()

    def run(self) -> None:
        """Play until told to stop; what fails is kept in `error`."""
        try:
            asyncio.run(self._play())
        except Exception as error:
            self.error = error

    async def _play(self) -> None:
        network = self._network
        async with BulkPublisher(self._settings) as publisher:
            await publisher.check(_FAMILIES + (() if network.plant is None else _OF_A_PLANT))
            for _, family in itertools.groupby(network.opening(), lambda message: message[0]):
                # Topics have no order between them: what belongs before something else needs a head start.
                await self._publish(publisher, list(family))
                if await asyncio.to_thread(self._ended.wait, _HEAD_START_SECONDS):
                    break
            before = time.monotonic()
            while not self._ended.is_set():
                await asyncio.sleep(_TICK_SECONDS)
                now = time.monotonic()
                step = min((now - before) * self._speed, _STEP_SECONDS)
                if self._held.is_set():
                    step = 0.0
                before = now
                until = min(network.now + step, time.time())
                messages = network.advance(until)
                while not self._orders.empty():
                    network.supply_others(self._orders.get(), network.now)
                for alert in self._due(now):
                    messages += network.hear(alert, network.now)
                await self._publish(publisher, messages)
            if self._cancel:
                await self._publish(publisher, network.closing(network.now))

    def _due(self, now: float) -> list[Alert]:
        """Return what the buyer is to hear now; of what is left to people it hears later."""
        found: list[Alert] = []
        while not self._alerts.empty():
            alert = self._alerts.get()
            if f"{alert.location}/{alert.sku}" in self._left:
                self._put_off.append((now + PATIENCE_SECONDS, alert))
            else:
                found.append(alert)
        while self._put_off and self._put_off[0][0] <= now:
            found.append(self._put_off.popleft()[1])
        return found

    async def _publish(self, publisher: BulkPublisher, messages: list[Message]) -> None:
        for family, record in messages:
            key_of = REGISTRY[family].key_of
            key = key_of(record).encode() if key_of is not None else b""
            await publisher.add(family, key, encode(record))
            self.published[family] += 1
        await publisher.flush()


class Follower(threading.Thread):
    """A thread that reads the alerts as they come, counts them, and keeps the last for whoever shows them.

    The network hears of them, and of purchase orders, if there is one.
    """

    def __init__(self, settings: Settings, player: Player | None) -> None:
        """Connect, so that no alert published from now on is missed.

        Raises:
            BrokerUnavailable: no broker answers.
            UserError: a topic is missing.
        """
        super().__init__(name="follower", daemon=True)
        self.changes: Counter[tuple[str, str]] = Counter()
        self.arrived: deque[Alert] = deque(maxlen=5000)
        self.error: BaseException | None = None
        self._player = player
        self._ended = threading.Event()
        self._orders = topic_name(settings, _ORDERS)
        families = FAMILIES if player is None else (*FAMILIES, _ORDERS)
        self._client = consumer(settings, families, from_start=False)

    def stop(self) -> None:
        """End within a moment."""
        self._ended.set()

    def run(self) -> None:
        """Read until told to stop; what fails is kept in `error`."""
        try:
            for record in self._records():
                if record.topic == self._orders:
                    self._hear_of(record)
                    continue
                for alert in decoded([record]):
                    self._take(alert)
        except Exception as error:
            self.error = error
        finally:
            self._client.close()

    def _hear_of(self, record: Any) -> None:
        if self._player is not None and record.value:
            self._player.hear_of(decode(record.value, PurchaseOrder))

    def _take(self, alert: Alert) -> None:
        self.changes[alert.kind, alert.status] += 1
        self.arrived.append(alert)
        if self._player is not None:
            self._player.hear(alert)

    def _records(self) -> Iterator[Any]:
        while not self._ended.is_set():
            for records in self._client.poll(timeout_ms=100).values():
                yield from records
