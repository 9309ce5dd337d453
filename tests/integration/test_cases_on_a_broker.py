"""The cases once more, on a worker and a broker: what is expected of them comes true there, too."""

import time

import msgspec
import pytest
from cases.test_cases import CASES, WRONG, marked
from support.clients import Clients
from support.workers import WorkerProcess, until

from andon.rehearsal.expectations import DEADLETTERS
from andon.rehearsal.script import Expect, Send, Wait
from andon.rehearsal.script import read as steps_of
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc
from andon.schemas.families import FAMILIES
from andon.schemas.orders import PurchaseOrder
from andon.streams.admin import TopicAdmin
from andon.streams.deadletters import REASON
from andon.streams.settings import load_settings

#: Slow: they are played on the embedded broker only, as nothing in them is Apache Kafka's own.
pytestmark = [pytest.mark.integration, pytest.mark.slow]

HOUR = 3600.0
#: What is expected comes true at once or with a look of the timers.
PATIENCE = 180.0
FLOWING = tuple(name for name, family in FAMILIES.items() if family.direction in ("in", "internal"))
APPLIED = tuple(name for name in FLOWING if name != "fits")
#: Events of these move the clock by themselves.
TIMED = ("pos", "stock")
#: Cases that are only rehearsed, and why.
REHEARSED = {
    "a_snoozed_alert_speaks_again": "hours do not pass one by one here",
    "a_warehouse_feeds_shops": "its two topics take turns eighty times",
}
SAID = ("replenishment", "replenishment.shadow", "disruptions")


@pytest.fixture
def settings(settings):
    """Settings with one partition, so that all items of a case share its clock, as in a rehearsal."""
    chosen = load_settings(
        broker=settings.broker,
        prefix=settings.prefix,
        partitions=1,
        metrics_port=0,
        data_dir=settings.data_dir,
        checkpoint_interval_seconds=0.1,
    )
    with TopicAdmin(chosen) as admin:
        admin.create()
    return chosen


class Stage:
    """A worker that is told the steps of a case."""

    def __init__(self, clients, worker):
        self.clients, self.worker = clients, worker
        self.now, self.ticks = 0.0, 0
        self.unsent = []

    def play(self, step):
        match step:
            case Send():
                at = step.at or 0.0
                if step.family not in (*TIMED, "items") and self.now and at > self.now + HOUR:
                    self.tick(at)
                self.send(step.family, step.key, step.value)
                if step.family != "items":
                    self.now = max(self.now, at)
            case Wait():
                self.tick(step.at)
            case Expect():
                self.settle()
                self.judge(step)

    def send(self, family, key, value):
        """Send a record, after all that was sent on other topics: they share the clock."""
        if any(family != other for other, _, _ in self.unsent):
            self.settle()
        self.unsent.append((family, key, value))

    def tick(self, at):
        """Let time come as far as `at`, by an event of another item."""
        self.ticks += 1
        event = {
            "event_id": f"tick-{self.ticks}",
            "occurred_at": utc(at),
            "location": "clock",
            "sku": "clock",
            "kind": "adjustment",
            "quantity": 1,
        }
        self.settle()
        self.send("stock", b"clock/clock", msgspec.json.encode(event))
        self.now = max(self.now, at)

    def settle(self):
        """Wait until all that was sent is applied, and what that brought about."""
        self.clients.publish(self.unsent)
        self.unsent = []
        for _ in range(2):
            until(lambda: self.clients.all_committed(*APPLIED), "all is applied")

    def judge(self, step):
        deadline = time.monotonic() + PATIENCE
        while (failures := self.failures(step.expected)) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert failures == [], f"line {step.line}: {step.expected.expect}"

    def failures(self, expected):
        said, reasons = [], []
        for family in SAID:
            said += [decode(record.value, Alert) for record in self.clients.read(family)]
        for record in self.clients.read("deadletters"):
            reasons += [value.decode() for name, value in record.headers if name == REASON]
        page = None
        if expected.expect != DEADLETTERS:
            page = self.worker.page(f"/books/{expected.expect}")
        book = None if page is None else msgspec.json.decode(page)
        return expected.failures(book, said, tuple(reasons), self.order(expected))

    def order(self, expected):
        """Return the purchase order of an expectation as its topic has it; None if there is none, or none is asked for."""
        found = None
        if expected.order is not msgspec.UNSET:
            for record in self.clients.read("orders"):
                if record.key == expected.expect.encode():
                    order = decode(record.value, PurchaseOrder) if record.value else None
                    found = order and msgspec.to_builtins(msgspec.structs.asdict(order))
        return found


@pytest.mark.parametrize(
    "path", [marked(path) for path in CASES if path.stem not in {*WRONG, *REHEARSED}]
)
def test_a_case_comes_out_on_a_broker_as_in_a_rehearsal(settings, path):
    steps = steps_of(path.read_text(encoding="utf-8"), path.name)
    with WorkerProcess(settings) as worker, Clients(settings) as clients:
        stage = Stage(clients, worker)
        for step in steps:
            stage.play(step)
        assert worker.stop() == 0
