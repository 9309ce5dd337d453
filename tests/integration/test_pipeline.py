"""The whole worker on a real broker: what comes in, what comes out, and what survives."""

import random
import signal
from collections import Counter

import pytest
from support.workers import (
    WorkerProcess,
    alerts,
    all_committed,
    homes,
    publish,
    read,
    send,
    state,
    until,
    until_committed,
)

from andon.cli.drill import run_drill
from andon.planning.supply.incident import totals
from andon.schemas.acks import Ack
from andon.schemas.common import encode, utc
from andon.schemas.delays import DelayEvent, Scope
from andon.schemas.families import FAMILIES
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.schemas.shipments import ShipmentEvent, ShipmentLine
from andon.schemas.stock import StockMovement

pytestmark = pytest.mark.integration

DAY = 86400.0
START = 20_000 * DAY
SKUS = [f"A{number}" for number in range(12)]


def item(sku, **fields):
    sources = (
        Source(supplier="ACME", lead_time_days=4.0, lane="L1"),
        Source(supplier="FAST", lead_time_days=1.0, unit_cost=1.2, expedite=True),
    )
    defaults = {"unit_price": 4.0, "expected_daily_demand": 10.0}
    return Item(
        location="S", sku=sku, updated_at=utc(START), sources=sources, **{**defaults, **fields}
    )


def count(sku, quantity, at=START):
    return StockMovement(
        event_id=f"count-{sku}-{at}",
        occurred_at=utc(at),
        location="S",
        sku=sku,
        kind="count",
        quantity=quantity,
    )


def sale(name, sku, quantity=1, at=START + 60):
    return Sale(event_id=name, occurred_at=utc(at), location="S", sku=sku, quantity=quantity)


def sales(number, seed=1):
    """Return random sales over three days, in the order of time."""
    chance = random.Random(seed)
    return [
        sale(
            f"s{one}",
            chance.choice(SKUS),
            chance.randint(1, 3),
            START + 60 + one * 3 * DAY / number,
        )
        for one in range(number)
    ]


def sold_by(events):
    total = Counter()
    for event in events:
        total[f"S/{event.sku}"] += event.quantity
    return dict(total)


def wait_for(settings, *families):
    until_committed(settings, *families, what=f"{families} are committed")


def test_master_data_and_falling_stock_bring_an_alert_and_an_order_closes_it(topics):
    with WorkerProcess(topics) as worker:
        send(topics, [("items", item("A0")), ("stock", count("A0", 60))])
        wait_for(topics, "items", "stock")
        send(topics, [("pos", sale(f"s{n}", "A0", 1, START + 60 * n)) for n in range(1, 15)])
        opened = until(
            lambda: [one for one in alerts(topics) if one.kind == "replenish"], "an alert"
        )[0]
        assert opened.status == "opened"
        ack = Ack(
            event_id="ack",
            occurred_at=opened.changed_at,
            alert_id=opened.alert_id,
            action="ordered",
            quantity=500,
        )
        send(topics, [("acks", ack)])
        resolved = until(
            lambda: [one for one in alerts(topics) if one.status == "resolved"], "its end"
        )[0]
        assert (resolved.alert_id, resolved.resolution) == (opened.alert_id, "ordered")
        record = next(read(topics, "replenishment"))
        headers = dict(record.headers)
        assert headers["ce_id"] == opened.event_id.encode()
        assert headers["content-type"] == b"application/json"
        assert worker.stop() == 0


def test_wrong_and_missing_keys_are_put_back_once_and_bad_records_are_dead_letters(topics):
    events = sales(400)
    with WorkerProcess(topics) as worker:
        publish(
            topics,
            (
                ("pos", (None, b"nonsense", f"S/{one.sku}".encode())[n % 3], encode(one))
                for n, one in enumerate(events)
            ),
        )
        bad = [
            (b"x", b"not json"),
            (b"x", b'{"event_id":"b1"}'),
            (b"x", b""),
            (b"x", encode(sale("b2", "A0", at=86400.0))),
            (b"x", encode(sale("b3", "A0", at=START * 20))),
            (b"x", b'{"event_id":"b4","quantity":NaN}'),
        ]
        publish(topics, (("pos", key, value) for key, value in bad))
        until(lambda: sum(1 for _ in read(topics, "deadletters")) == len(bad), "the dead letters")
        wait_for(topics, "pos")
        until_committed(topics, "pos", what="what was put back is committed")
        letters = list(read(topics, "deadletters"))
        assert Counter(dict(one.headers)["andon-reason"] for one in letters) == {
            b"not_json": 2,
            b"invalid": 1,
            b"empty": 1,
            b"absurd_time": 2,
        }
        assert sorted(one.value or b"" for one in letters) == sorted(value for _, value in bad)
        assert worker.stop() == 0
    books = state(topics, "books")
    assert {key: book.sold for key, book in books.items()} == sold_by(events)


def test_duplicates_and_disorder_change_nothing(topics):
    events = sales(600)
    chance = random.Random(3)
    stream = []
    for place in range(0, len(events), 10):
        window = events[place : place + 10]
        stream += chance.sample(window, len(window)) + chance.sample(window, 4)
    with WorkerProcess(topics) as worker:
        send(topics, (("pos", one) for one in stream))
        wait_for(topics, "pos")
        assert worker.metric("andon_duplicates_total") == 60 * 4
        worker.stop()
    assert {key: book.sold for key, book in state(topics, "books").items()} == sold_by(events)


def test_a_wide_disruption_reaches_every_partition_and_ends(topics):
    shipments = [
        ShipmentEvent(
            event_id=f"e{n}",
            occurred_at=utc(START + 60),
            shipment_id=f"PO-{n}",
            status="ordered",
            supplier="ACME",
            lane="L1",
            promised_at=utc(START + 2 * DAY),
            lines=(ShipmentLine(location="S", sku=sku, quantity=100),),
        )
        for n, sku in enumerate(SKUS)
    ]
    assert len(set(homes(topics, (one.shipment_id for one in shipments)).values())) > 1
    with WorkerProcess(topics) as worker:
        send(topics, [("items", item(sku)) for sku in SKUS])
        send(topics, [("stock", count(sku, 60)) for sku in SKUS])
        wait_for(topics, "items", "stock")
        send(topics, [("shipments", one) for one in shipments])
        wait_for(topics, "shipments", "lines")
        closure = DelayEvent(
            event_id="d1",
            occurred_at=utc(START + 120),
            delay_id="PORT",
            scope=Scope(type="lane", id="L1"),
            ends_at=utc(START + 9 * DAY),
            reason="port closed",
        )
        send(topics, [("delays", closure)])

        def hit():
            return {one.sku: one for one in alerts(topics) if one.cause == "PORT" and one.sku}

        until(lambda: hit().keys() == set(SKUS), "every item is at risk because of it")
        risk = hit()[SKUS[0]]
        assert "port closed" in risk.sentence
        assert risk.alternatives[0].supplier == "FAST"
        until(lambda: any(one.kind == "disruption" for one in alerts(topics)), "it has an alert")
        (parent,) = {one.alert_id for one in alerts(topics) if one.kind == "disruption"}
        assert risk.parent_id == parent
        until(
            lambda: totals(state(topics, "incidents")["PORT"])["shipments"] == len(shipments),
            "the disruption's home knows of every shipment",
        )
        # A change of a tenth or less is not worth another message, so the alert may rest one short.
        told = until(
            lambda: [
                one
                for one in alerts(topics)
                if one.kind == "disruption" and one.numbers["at_risk"] > 0.8 * len(SKUS)
            ],
            "the disruption's alert counts them",
        )[-1]
        assert told.numbers["shipments"] > 0.8 * len(shipments)
        assert told.value_at_risk > 0
        assert [one for one in alerts(topics) if one.kind == "late_shipment"] == []
        opens = DelayEvent(
            event_id="d2",
            occurred_at=utc(START + 240),
            delay_id="PORT",
            scope=Scope(type="lane", id="L1"),
            status="ended",
        )
        send(topics, [("delays", opens)])
        until(
            lambda: {one.sku for one in hit().values() if one.status == "resolved"} == set(SKUS),
            "every risk is over",
        )
        until(
            lambda: [
                one
                for one in alerts(topics)
                if one.kind == "disruption" and one.status == "resolved"
            ],
            "the disruption's alert is closed",
        )
        worker.stop()
    assert all(len(book.lines) == 1 for book in state(topics, "books").values())


@pytest.mark.chaos
def test_books_and_alerts_are_exact_under_kill_minus_nine(topics):
    """Workers are killed five times in mid-stream; no sale is lost or counted twice, no alert contradicts the books."""
    events = sales(6000)
    chance = random.Random(5)
    send(topics, [("items", item(sku)) for sku in SKUS])
    send(topics, [("stock", count(sku, 2000)) for sku in SKUS])
    worker = WorkerProcess(topics).start()
    wait_for(topics, "items", "stock")
    step = len(events) // 6
    for place in range(0, len(events), step):
        wanted = worker.metric("andon_events_total") + chance.randint(1, step // 2)
        send(topics, (("pos", one) for one in events[place : place + step]))
        if place + step < len(events):
            until(
                lambda: worker.metric("andon_events_total") >= wanted,  # noqa: B023
                "some were applied",
            )
            worker.kill()
            worker = WorkerProcess(topics).start()
    wait_for(topics, "pos")
    assert worker.stop() == 0
    books = state(topics, "books")
    assert {key: book.sold for key, book in books.items()} == sold_by(events)
    assert all(book.on_hand == 2000 - book.sold for book in books.values())
    published = {(one.alert_id, one.revision) for one in alerts(topics)}
    for key, book in books.items():
        for alert in book.alerts.values():
            assert (alert.alert_id, alert.revision) in published, key


@pytest.mark.chaos
@pytest.mark.apache
def test_a_second_worker_joins_and_leaves_under_load_and_nothing_is_lost(topics):
    events = sales(9000, seed=8)
    third = len(events) // 3
    first, second = WorkerProcess(topics).start(), WorkerProcess(topics)
    send(topics, (("pos", one) for one in events[:third]))
    second.start(wait=False)
    send(topics, (("pos", one) for one in events[third : 2 * third]))
    until(second.ready, "the second is ready")
    send(topics, (("pos", one) for one in events[2 * third :]))
    assert second.stop() == 0
    wait_for(topics, "pos")
    assert first.stop() == 0
    books = state(topics, "books")
    assert {key: book.sold for key, book in books.items()} == sold_by(events)


def test_a_worker_refuses_topics_with_another_number_of_partitions(topics):
    wrong = topics.model_copy(update={"partitions": 8})
    worker = WorkerProcess(wrong, ANDON_PARTITIONS="8").start(wait=False)
    assert worker.process.wait(30) != 0


def test_sigterm_commits_everything_and_ends_in_time(topics):
    with WorkerProcess(topics) as worker:
        send(topics, (("pos", one) for one in sales(500)))
        until(
            lambda: worker.metric("andon_events_total", outcome="applied") >= 500, "all are applied"
        )
        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.wait(10) == 0
    assert all_committed(topics, "pos")


def test_a_drill_says_what_a_disruption_would_do_and_writes_nothing(topics):
    """A supplier fails for two weeks, on paper, while a worker lives: no topic gets longer."""
    with WorkerProcess(topics) as worker:
        send(topics, [("items", item(SKUS[0])), ("stock", count(SKUS[0], 30))])
        until(lambda: alerts(topics), "it is to be ordered")
        assert worker.stop() == 0
    before = {family: len(list(read(topics, family))) for family in FAMILIES}
    report, _ = run_drill(topics, "supplier", "ACME", 14 * 86400.0)
    assert (report.items, report.runs_out) == (1, 1)
    assert report.casualties[0].sku == SKUS[0]
    assert {family: len(list(read(topics, family))) for family in FAMILIES} == before
