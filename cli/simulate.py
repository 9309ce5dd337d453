"""`andon simulate`: the simulated network against any broker, closing the loop from alerts to orders."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from kafka import KafkaConsumer, KafkaProducer

from andon.cli.clients import consumer, producer
from andon.cli.network import DAY, HOUR, Event, Network
from andon.cli.spans import seconds_of
from andon.cli.state import console, settings_of
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, encode
from andon.schemas.families import FAMILIES
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

#: A simulated day lasts three seconds unless told otherwise.
SPEED = DAY / 3
_BEGIN_DAYS_AGO = 730


class Driver:
    """Moves a network on in real time, publishes its events, and lets it react to alerts."""

    def __init__(
        self,
        settings: Settings,
        network: Network,
        speed: float,
        on_alert: Callable[[Alert], None] | None = None,
    ) -> None:
        self.network = network
        self._settings = settings
        self._speed = speed
        self._on_alert = on_alert
        self._producer: KafkaProducer = producer(settings)
        self._alerts: KafkaConsumer = consumer(
            settings,
            *(topic_name(settings, family) for family in ("replenishment", "disruptions")),
            from_end=True,
        )

    def run(self, stop: threading.Event) -> None:
        """Run until told to stop."""
        self._publish(self.network.opening())
        self._producer.flush()
        begun, simulated = time.monotonic(), self.network.now
        while not stop.is_set():
            self._react()
            due = min(simulated + (time.monotonic() - begun) * self._speed, time.time())
            if self.network.now + HOUR > due:
                stop.wait(min(HOUR / self._speed, 0.05))
                continue
            self._publish(self.network.step())
        self._producer.flush()

    def close(self) -> None:
        """Disconnect."""
        self._producer.close()
        self._alerts.close()

    def _react(self) -> None:
        for records in self._alerts.poll(timeout_ms=0).values():
            for record in records:
                alert = decode(record.value, Alert)
                if self._on_alert is not None:
                    self._on_alert(alert)
                self._publish(self.network.react(alert))

    def _publish(self, events: list[Event]) -> None:
        for family, record in events:
            key = FAMILIES[family].key_of(record)
            topic = topic_name(self._settings, family)
            self._producer.send(topic, key=key.encode(), value=encode(record))


def new_network(seed: int, locations: int, items: int) -> Network:
    """Return a network that begins two years ago, so that its clock stays behind the real one for long."""
    now = datetime.now(UTC)
    return Network(
        seed=seed,
        start=now.timestamp() - _BEGIN_DAYS_AGO * DAY,
        locations=locations,
        items=items,
        run=f"{now:%Y%m%d%H%M%S}",
    )


def simulate(
    context: typer.Context,
    duration: Annotated[str | None, typer.Option("--for", help="stop after, such as 60s")] = None,
    seed: Annotated[int, typer.Option(help="the same seed, the same network")] = 1,
    speed: Annotated[float, typer.Option(help="simulated seconds a second")] = SPEED,
    locations: Annotated[int, typer.Option(min=1, help="stores")] = 3,
    items: Annotated[int, typer.Option(min=1, help="items in each store")] = 100,
) -> None:
    """Feed a broker from a simulated network, and order what the alerts ask for.

    Example: andon --broker kafka:9092 simulate --for 5m --seed 7
    """
    settings = settings_of(context)
    driver = Driver(settings, new_network(seed, locations, items), speed)
    stop = threading.Event()
    timer: Any = None
    if duration is not None:
        timer = threading.Timer(seconds_of(duration), stop.set)
        timer.start()
    try:
        driver.run(stop)
    except KeyboardInterrupt:
        stop.set()
    finally:
        if timer is not None:
            timer.cancel()
        driver.close()
    tally = driver.network.tally
    console.print(
        f"{driver.network.days:.1f} simulated days, {tally.events.total():,} events, "
        f"{tally.orders:,} orders, fill rate {tally.fill_rate:.1%}"
    )
