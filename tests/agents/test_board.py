"""The board shows exactly what is open, with its answers, whatever happened before or is written there by others."""

import asyncio

import msgspec
import pytest

from andon.agents.tables import BOOKS, PARTITION_STATE, PARTITIONS
from andon.rehearsal.machine import Machine
from andon.schemas.acks import Ack
from andon.schemas.board import BoardEntry
from andon.schemas.common import decode, encode, utc
from andon.schemas.delays import DelayEvent, Scope
from andon.schemas.items import Item, Source
from andon.schemas.shipments import ShipmentEvent, ShipmentLine
from andon.schemas.stock import StockMovement
from andon.streams.board_feed import OpenBoard
from andon.streams.settings import load_settings

START = 1_772_000_000.0
HOUR = 3600.0
KEY = "S/A"
REPLENISH = f"replenish:{KEY}:1"


class Shop(Machine):
    """A machine whose board is listened to."""

    def __init__(self):
        self.written = []
        super().__init__(load_settings(partitions=2))
        self.now = START

    def publishes(self, record):
        if self.families[record.topic] == "board":
            self.written.append(record)
        super().publishes(record)

    def hear(self, family, key, event):
        self.send(family, key.encode(), encode(event))

    def go(self):
        asyncio.run(self.settle())

    def look(self, times=1):
        for _ in range(times):
            asyncio.run(super().look())

    @property
    def board(self):
        return OpenBoard().fold(self.written).entries

    @property
    def raw(self):
        """What a reader has who only knows the last record of each key."""
        last = {record.key.decode(): record.value for record in self.written}
        return {name: decode(value, BoardEntry) for name, value in last.items() if value}

    @property
    def open(self):
        return {
            alert.alert_id: alert
            for shard in self.engine.shards
            for table in ("books", "shipments", "scorecards", "incidents")
            for record in shard.tables[table].values()
            for alert in record.alerts.values()
        }

    def answer(self, alert_id, action, name="a1", hours=1.0, **fields):
        ack = Ack(
            event_id=name,
            occurred_at=utc(self.now + hours * HOUR),
            alert_id=alert_id,
            action=action,
            **fields,
        )
        self.hear("acks", alert_id, ack)
        self.go()

    def count(self, quantity, sku="A"):
        self.now += HOUR
        fields = {"event_id": f"c{sku}{self.now}", "occurred_at": utc(self.now), "kind": "count"}
        event = StockMovement(location="S", sku=sku, quantity=quantity, **fields)
        self.hear("stock", f"S/{sku}", event)
        self.go()


def agree(shop):
    """Whether the board is what is open, for those who know epochs and for those who do not."""
    assert shop.board == shop.raw
    assert shop.board.keys() == shop.open.keys()
    for name, entry in shop.board.items():
        assert entry.alert.alert_id == name
        assert entry.alert.revision == shop.open[name].revision
    return True


@pytest.fixture
def shop():
    shop = Shop()
    for sku, stage in (("A", "live"), ("B", "shadow")):
        item = Item(
            location="S",
            sku=sku,
            updated_at=utc(START),
            sources=(Source(supplier="ACME", lead_time_days=5.0, lane="SUEZ"),),
            unit_cost=2.0,
            unit_price=4.0,
            expected_daily_demand=10.0,
            stage=stage,
        )
        shop.hear("items", f"S/{sku}", item)
        shop.count(20, sku)
    return shop


def test_what_is_opened_is_on_the_board_as_it_was_said(shop):
    assert REPLENISH in shop.board
    assert agree(shop)
    alert = shop.board[REPLENISH].alert
    assert alert.sentence.startswith("Order ")
    assert alert.epoch == 1
    assert alert.event_id == f"{REPLENISH}:1:1"
    assert shop.board[REPLENISH].answer is None


def test_an_alert_in_shadow_says_so(shop):
    assert shop.board["replenish:S/B:1"].alert.stage == "shadow"


def test_what_is_resolved_is_removed_by_a_record_without_a_value(shop):
    shop.count(500)
    assert REPLENISH not in shop.board
    assert agree(shop)
    (removal,) = [one for one in shop.written if one.key == REPLENISH.encode() and not one.value]
    assert dict(removal.headers)["ce_type"] == b"andon.board.removed"
    assert dict(removal.headers)["andon-epoch"] == b"1"


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("acknowledged", {}),
        ("snoozed", {"snooze_until": utc(START + 50 * HOUR)}),
        ("rejected", {"comment": "not in season"}),
    ],
)
def test_an_answer_stands_beside_what_was_said(shop, action, fields):
    said = shop.board[REPLENISH].alert
    shop.answer(REPLENISH, action, by="lena", **fields)
    entry = shop.board[REPLENISH]
    assert entry.alert == said
    assert (entry.answer.action, entry.answer.by, entry.answer.revision) == (action, "lena", 1)
    for name, value in fields.items():
        assert getattr(entry.answer, name) == value
    assert agree(shop)


def test_an_order_is_shown_before_its_alert_goes(shop):
    shop.answer(REPLENISH, "ordered", by="lena", quantity=300, shipment_id="PO-1")
    assert REPLENISH not in shop.board
    *_, answered, removed = [one for one in shop.written if one.key == REPLENISH.encode()]
    answer = decode(answered.value, BoardEntry).answer
    assert (answer.action, answer.quantity, answer.shipment_id) == ("ordered", 300, "PO-1")
    assert removed.value is None


def test_an_order_that_is_too_small_leaves_the_alert_open_with_its_answer(shop):
    shop.answer(REPLENISH, "ordered", quantity=1)
    assert shop.board[REPLENISH].answer.quantity == 1
    assert agree(shop)


def test_the_same_answer_twice_is_shown_once_and_of_two_the_later_counts(shop):
    shop.answer(REPLENISH, "acknowledged", "a2", 2.0, by="lena")
    count = len(shop.written)
    shop.answer(REPLENISH, "acknowledged", "a2", 2.0, by="lena")
    shop.answer(REPLENISH, "rejected", "a1", 1.0, by="max")
    assert len(shop.written) == count
    shop.answer(REPLENISH, "rejected", "a3", 3.0, by="max")
    assert shop.board[REPLENISH].answer.by == "max"
    assert agree(shop)


def test_an_answer_outlives_a_change_and_says_which_revision_was_meant(shop):
    shop.answer(REPLENISH, "snoozed", hours=0.1, snooze_until=utc(shop.now + 2 * HOUR))
    shop.count(19)
    shop.count(18)
    shop.look()
    entry = shop.board[REPLENISH]
    assert entry.alert.revision > entry.answer.revision == 1
    assert agree(shop)


def test_alerts_of_the_network_are_on_the_board_and_answered_there(shop):
    lines = (ShipmentLine(location="S", sku="A", quantity=60),)
    dates = {"occurred_at": utc(START), "promised_at": utc(START + 48 * HOUR)}
    fields = {"supplier": "ACME", "status": "ordered", **dates}
    ordered = ShipmentEvent(event_id="o1", shipment_id="PO-1", lines=lines, **fields)
    shop.hear("shipments", "PO-1", ordered)
    closed = DelayEvent(
        event_id="d1",
        occurred_at=utc(shop.now),
        delay_id="storm",
        scope=Scope(type="lane", id="SUEZ"),
        ends_at=utc(shop.now + 900 * HOUR),
    )
    shop.hear("delays", "storm", closed)
    late = msgspec.structs.replace(
        closed,
        event_id="d2",
        delay_id="flat",
        scope=Scope(type="shipment", id="PO-1"),
        delay_hours=96.0,
    )
    shop.hear("delays", "flat", late)
    shop.go()
    shop.look(2)
    kinds = {name.partition(":")[0] for name in shop.board}
    assert {"disruption", "late_shipment"} <= kinds
    for number, name in enumerate(shop.open):
        shop.answer(name, "acknowledged", f"n{number}", by="lena")
    assert {entry.answer.by for entry in shop.board.values()} == {"lena"}
    assert agree(shop)


# What the board should show and does not


def test_what_is_right_is_left_alone(shop):
    count = len(shop.written)
    shop.look(4)
    assert len(shop.written) == count


def before_the_board(shop):
    """Let the state be as it was written before there was a board."""
    for name in shop.board:
        shop.send("board", name.encode(), None)
    shop.go()
    shop.written.clear()
    for alert in shop.open.values():
        alert.said = alert.answer = b""


def test_alerts_from_before_the_board_are_put_there_once(shop):
    before_the_board(shop)
    shop.look()
    assert shop.written == [], "words may be on their way for a while"
    shop.look()
    assert agree(shop)
    assert shop.board[REPLENISH].alert.kind == "replenish"
    assert (shop.board[REPLENISH].alert.location, shop.board[REPLENISH].alert.sku) == ("S", "A")
    count = len(shop.written)
    shop.look(3)
    assert len(shop.written) == count


def test_an_alert_from_before_the_board_is_told_whole_when_its_item_is_looked_at(shop):
    before_the_board(shop)
    shop.look(2)
    assert "before the board" in shop.board[REPLENISH].alert.sentence
    shop.count(20)
    assert shop.board[REPLENISH].alert.sentence.startswith("Order ")
    assert agree(shop)


def test_an_alert_from_before_the_board_can_be_answered(shop):
    before_the_board(shop)
    shop.answer(REPLENISH, "acknowledged", by="lena")
    assert shop.board[REPLENISH].answer.by == "lena"


def zombie(shop, name, entry):
    """Write on the board what a worker says that had lost its partition."""
    value = None if entry is None else encode(entry)
    shop.written = [*shop.written]
    shop.send("board", name.encode(), value)
    shop.go()


@pytest.mark.parametrize("revision", [None, 0, 7])
def test_what_a_zombie_writes_last_is_put_right(shop, revision):
    before = shop.raw[REPLENISH]
    entry = None
    if revision is not None:
        alert = msgspec.structs.replace(before.alert, revision=revision)
        entry = BoardEntry(alert=alert)
    zombie(shop, REPLENISH, entry)
    count = len(shop.written)
    shop.look(2)
    assert [one.key for one in shop.written[count:]] == [REPLENISH.encode()]
    assert shop.raw[REPLENISH] == before


def test_what_nobody_has_open_is_taken_off(shop):
    alert = msgspec.structs.replace(shop.board[REPLENISH].alert, alert_id="replenish:S/X:1")
    zombie(shop, "replenish:S/X:1", BoardEntry(alert=alert))
    count = len(shop.written)
    shop.look(2)
    assert [(one.key, one.value) for one in shop.written[count:]] == [(b"replenish:S/X:1", None)]
    assert agree(shop)


def test_nothing_is_said_before_the_board_was_read(shop):
    before_the_board(shop)
    shop.context.board.is_read = False
    shop.look(3)
    assert shop.written == []


def test_what_cannot_be_read_on_the_board_is_said_anew(shop):
    with pytest.raises(msgspec.MsgspecError):
        shop.context.board.learn(REPLENISH.encode(), b"{")
    count = len(shop.written)
    shop.look(2)
    assert [one.key for one in shop.written[count:]] == [REPLENISH.encode()]


def test_a_key_that_is_no_alert_is_refused(shop):
    with pytest.raises(ValueError, match="expected kind:key:episode"):
        shop.context.board.learn(b"words", b"{}")


def test_many_differences_are_mended_a_hundred_at_a_time(shop):
    for number in range(250):
        name = f"replenish:S/X{number}:1"
        shop.context.board.learn(name.encode(), b'{"alert":{"revision":1}}')
    counts = []
    for _ in range(8):
        count = len(shop.written)
        shop.look()
        counts.append(len(shop.written) - count)
    assert sum(counts) == 250
    assert max(counts) <= 200
    here = [shard.get(PARTITIONS, PARTITION_STATE) for shard in shop.engine.shards]
    assert all(not one.outbox for one in here)


def test_the_words_kept_for_the_board_are_those_that_were_published(shop):
    alert = shop.record(BOOKS, KEY).alerts["replenish"]
    assert alert.said == encode(shop.board[REPLENISH].alert)
