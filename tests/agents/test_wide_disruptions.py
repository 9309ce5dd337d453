"""What a wide disruption brings to a partition: first its urgent items, then its shipments, each once and none forgotten."""

import asyncio

import pytest
from support.ports import DAY, NOW, Port, names_here, skus_here

from andon.agents.wide_disruptions import (
    WideDisruptions,
    decide_urgent,
    is_undecided,
    update_shipments,
)
from andon.planning.decision import decide
from andon.planning.supply.partition import Partition
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc
from andon.schemas.shipments import ShipmentLine
from andon.streams.state import Codec

END = utc(NOW + 9 * DAY)


def waiting(stocks):
    """A partition in which every item waits for an order of its own through the lane."""
    port = Port()
    skus = skus_here(len(stocks))
    for sku, name, stock in zip(skus, names_here(len(stocks)), stocks, strict=True):
        port.item(sku, stock)
        port.ship(name, lines=(ShipmentLine(location="S", sku=sku, quantity=100),))
        port.deliver(port.hear())
    port.hear()
    port.bench.shard.pending_outboxes.clear()
    return port, skus


def risks(said):
    return [decode(one.body, Alert) for one in said if b'"stockout_risk"' in one.body]


def counted(monkeypatch):
    looks = []
    look = decide.reconsider
    monkeypatch.setattr(
        decide,
        "reconsider",
        lambda book, key, *rest, **more: looks.append(key) or look(book, key, *rest, **more),
    )
    return looks


def test_items_are_decided_on_before_a_single_shipment_is_told():
    port, skus = waiting([50] * 40)
    port.close(ends_at=END, works=False)
    shard, context = port.bench.shard, port.bench.context
    slices = []
    for _ in decide_urgent(shard, context):
        said = port.hear()
        assert not [one for one in said if one.family == "lines"]
        slices.append(len(risks(said)))
    assert slices == [16, 24]
    for _ in update_shipments(shard, context):
        pass
    assert len([one for one in port.hear() if one.family == "lines"]) == len(skus)
    assert port.here.pending == []


def test_the_shipments_news_find_nothing_new(monkeypatch):
    port, skus = waiting([50] * 5 + [5000] * 5)
    looks = counted(monkeypatch)
    port.close(ends_at=END)
    said = port.hear()
    assert {one.sku for one in risks(said)} == set(skus[:5])
    assert all(one.expected_arrival == utc(NOW + 12 * DAY) for one in risks(said))
    assert sorted(looks) == sorted(f"S/{sku}" for sku in skus[:5])
    assert port.deliver(said) == 10
    assert sorted(looks) == sorted(f"S/{sku}" for sku in skus[:5])
    assert risks(port.hear()) == []
    books = port.bench.shard.tables["books"]
    assert {books[f"S/{sku}"].lines.popitem()[1].cause for sku in skus} == {"PORT"}


def test_the_alert_is_the_same_when_the_shipments_news_come_first():
    known, _ = waiting([50])
    known.close(ends_at=END)
    first = risks(known.hear())
    # The shipment's own partition is told first: here, of a book whose partition knows nothing yet.
    told, _ = waiting([50])
    teller, _ = waiting([50])
    teller.close(ends_at=END)
    told.deliver(teller.hear())
    second = risks(told.hear())
    assert first == second
    assert first[0].parent_id == f"disruption:PORT:{int(NOW)}"
    told.close(ends_at=END)
    assert risks(told.hear()) == []


def test_what_a_crash_left_is_done_by_who_reads_the_state():
    port, skus = waiting([50] * 20)
    port.close(ends_at=END, works=False)
    shard = port.bench.shard
    next(decide_urgent(shard, port.bench.context))
    codec = Codec(shard.specs)
    kept = codec.encode(port.here, 1)
    shard.tables["partitions"]["here"] = codec.decode("partitions", kept)
    assert isinstance(port.here, Partition)
    assert is_undecided(shard)
    port.work_off()
    said = port.hear()
    assert {one.sku for one in risks(said)} == set(skus)
    assert len(risks(said)) == len(skus), "none is said twice"
    assert len([one for one in said if one.family == "lines"]) == len(skus)
    assert port.here.pending == []


def test_an_end_before_all_was_done_leaves_nothing_late():
    port, skus = waiting([50] * 3)
    port.close(ends_at=END, works=False)
    port.close(at=NOW + 60, status="ended", works=False)
    port.work_off()
    said = port.hear()
    assert risks(said) == []
    assert port.deliver(said) > 0
    books = port.bench.shard.tables["books"]
    for sku in skus:
        (line,) = books[f"S/{sku}"].lines.values()
        assert (line.cause, line.expected) == (None, NOW + 3 * DAY)
    assert port.here.impacts == {}


def test_a_report_of_another_scope_releases_what_the_first_held_up():
    port, (sku,) = waiting([50])
    port.close(ends_at=END)
    port.deliver(port.hear())
    port.close(at=NOW + 60, ends_at=END, scope=("carrier", "Y"))
    said = port.hear()
    port.deliver(said)
    assert [one.status for one in risks([*said, *port.hear()])] == ["resolved"]
    (line,) = port.bench.shard.tables["books"][f"S/{sku}"].lines.values()
    assert line.cause is None
    assert [one.scope.type for one in [port.here.impacts["PORT"]]] == ["carrier"]


@pytest.mark.parametrize("reports", [1, 2])
def test_the_watch_says_no_impact_of_what_is_not_decided_yet(reports):
    port, _ = waiting([50])
    for number in range(reports):
        port.close(at=NOW + number, ends_at=utc(NOW + (9 + number) * DAY), works=False)
    port.look()
    assert port.impacts() == []
    port.work_off()
    assert port.impacts()[-1].at_risk == 1


def test_a_book_that_rests_is_woken_only_if_it_is_urgent():
    port, skus = waiting([50] * 3 + [5000] * 7)
    books = port.bench.shard.tables["books"]
    books.pack(0, ())
    assert books.live == 0
    port.close(ends_at=END, works=False)
    for _ in decide_urgent(port.bench.shard, port.bench.context):
        pass
    assert {key for key, _ in books.live_items()} == {f"S/{sku}" for sku in skus[:3]}
    assert port.here.impacts["PORT"].items == 10


class Speaker:
    """An engine of one shard that publishes at once, but lets others go on first."""

    def __init__(self, port):
        self.port, self.shard, self.ready = port, port.bench.shard, True
        self.shards = self
        self.said = []

    def __iter__(self):
        return iter([self.shard])

    def get(self, partition):
        return self.shard if partition == self.shard.partition else None

    async def publish_outboxes(self, shard):
        await asyncio.sleep(0)
        shard.pending_outboxes.clear()
        self.said.append(self.port.hear())


def test_a_report_that_comes_while_shipments_are_told_goes_first():
    port, _ = waiting([50] * 120)
    port.close(ends_at=END, works=False)

    class Interrupted(Speaker):
        async def publish_outboxes(self, shard):
            await super().publish_outboxes(shard)
            if len(self.said) == 5:
                self.port.close("SECOND", ends_at=utc(NOW + 20 * DAY), works=False)

    engine = Interrupted(port)
    asyncio.run(WideDisruptions(engine, port.bench.context).work_off())
    kinds = ["alerts" if risks(said) else "lines" for said in engine.said]
    assert kinds[:5] == ["alerts"] * 4 + ["lines"]
    assert "alerts" in kinds[5:]
    assert kinds[kinds.index("alerts", 5) :].count("lines") >= 1
    assert not is_undecided(port.bench.shard)


def test_a_partition_that_is_lost_is_left_alone():
    port, _ = waiting([50] * 40)
    port.close(ends_at=END, works=False)

    class Revoked(Speaker):
        async def publish_outboxes(self, shard):
            await super().publish_outboxes(shard)
            self.ready = False

    engine = Revoked(port)
    asyncio.run(WideDisruptions(engine, port.bench.context).work_off())
    assert len(engine.said) == 1
    assert is_undecided(port.bench.shard), "its next owner goes on"
