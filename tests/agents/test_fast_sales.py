"""The fast copies of the way of sales are held to the clear one: same start, same events, any batches, and all of it the same."""

from contextlib import ExitStack
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.two_paths import DAY, MOST_BYTES, NOW, TwoPaths, all_of, skus

from andon.agents import compiled_sales, fast_sales, frame
from andon.planning.book.fast_sale import sell_today
from andon.schemas.common import utc
from andon.streams import effects
from andon.streams.deadletters import ORIGIN

HERE = skus(at_home=True)
ELSEWHERE = skus(at_home=False)
MINUTES = st.integers(0, 480).map(lambda minutes: minutes * 60.0)
#: What a day's sales are like, nearly always; some are of the day before.
PLAIN = st.lists(
    st.fixed_dictionaries(
        {
            "sku": st.sampled_from(HERE),
            "quantity": st.integers(1, 9),
            "ago": st.one_of(MINUTES, MINUTES, MINUTES.map(lambda ago: ago + DAY)),
        }
    ),
    max_size=15,
)
#: What may be odd about a sale: its item, time, kind, size, headers, or its time in Kafka, which may be none (no time, before
#: 1970, microseconds taken for milliseconds) or that of a slow clock.
ODD = st.one_of(
    st.sampled_from(ELSEWHERE).map(lambda sku: {"sku": sku}),
    st.floats(-3 * DAY, 6 * DAY).map(lambda ago: {"ago": ago}),
    st.sampled_from([-DAY, -0.9 * DAY, DAY, 20_001 * DAY]).map(lambda ago: {"ago": ago}),
    st.sampled_from(["return", "backorder", "backorder_filled"]).map(lambda kind: {"kind": kind}),
    st.just({"promotion": "leaflet"}),
    st.just({"exceptional": True}),
    st.sampled_from([1, MOST_BYTES]).map(lambda pad: {"pad": pad}),
    st.sampled_from([((ORIGIN, b"1:7"),), ((ORIGIN, b"1:8"),), (("traceparent", b"00"),)]).map(
        lambda headers: {"headers": headers}
    ),
    st.sampled_from([0.0, -0.001, 1.7e12, -3 * DAY]).map(lambda written: {"written": written}),
    st.just({"written": 1.7e12, "ago": -1.1 * DAY}),
    st.just({}),
)
STEPS = st.one_of(
    st.tuples(st.just("odd"), st.sampled_from(HERE), ODD, st.integers(0, 30)),
    st.tuples(st.just("unreadable"), st.sampled_from([None, b"", b"[", b"{}"])),
    st.tuples(st.just("again"), st.integers(0, 99)),
    st.tuples(st.just("flush"), st.integers(1, 30), st.integers(1, 30)),
    st.tuples(
        st.just("move"),
        st.sampled_from(HERE),
        st.sampled_from(["count", "adjustment", "spoilage"]),
        st.integers(0, 300),
        st.one_of(MINUTES, st.floats(0, 2 * DAY)),
    ),
    st.tuples(
        st.just("wake"),
        st.sampled_from(HERE),
        st.sampled_from(["on_hand", "sold", "position"]),
        st.integers(0, 12),
    ),
    st.tuples(st.just("plan"), st.sampled_from(HERE), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([60.0, 3600.0, 5 * 3600.0, DAY, 9 * DAY])),
    st.tuples(st.just("publish")),
    st.tuples(st.just("published")),
    st.tuples(st.just("checkpoint"), st.integers(0, 2)),
)


class Story:
    """Tells steps to both paths."""

    def __init__(self, **wanted):
        self.paths = TwoPaths(wanted)
        self.events = 0

    def name(self, number=None):
        self.events += 1
        return f"e{self.events if number is None else number}"

    def plain(self, sales):
        for sale in sales:
            self.paths.sale(event_id=self.name(), **sale)

    def odd(self, sku, oddity, name):
        # Names of events come again, so that some are duplicates of what is remembered, or of what no longer is.
        fields = {"sku": sku, "quantity": 3, "ago": 0.0} | oddity
        if fields.get("written") == -3 * DAY:
            fields["written"] += self.paths.clock
        self.paths.sale(event_id=self.name(name), **fields)

    def unreadable(self, value):
        self.paths.record(value)

    def again(self, place):
        self.paths.again(place)

    def flush(self, clear, fast):
        self.paths.flush(clear=clear, fast=fast)

    def move(self, sku, kind, quantity, ago):
        self.paths.flush(clear=1, fast=7)
        self.paths.move(sku, kind, quantity, ago=ago)

    def wake(self, sku, level, distance):
        self.paths.flush(clear=3, fast=99)
        self.paths.wake_at(sku, level, distance)

    def plan(self, sku, active):
        self.paths.flush(clear=99, fast=1)
        self.paths.plan(sku, daily=20.0, active=active)

    def wait(self, seconds):
        self.paths.clock += seconds

    def publish(self):
        self.paths.flush(clear=1, fast=99)
        self.paths.begin_publishing()

    def published(self):
        self.paths.flush(clear=1, fast=99)
        self.paths.end_publishing()

    def checkpoint(self, live):
        self.paths.flush(clear=1, fast=99)
        self.paths.checkpoint(live)

    def told(self, steps):
        clock = SimpleNamespace(time=lambda: self.paths.clock)
        with ExitStack() as stack:
            for module in (frame, fast_sales, compiled_sales, effects):
                stack.enter_context(patch.object(module, "time", clock))
            for name, *arguments in steps:
                getattr(self, name)(*arguments)
            self.flush(1, 99)
        return self.paths


def begun():
    """What an ordinary day begins with: two items that are planned, counted, and have sold."""
    for sku in HERE:
        yield "plan", sku, True
        yield "move", sku, "count", 300, 5 * 3600.0
        yield "plain", [{"sku": sku, "quantity": 2, "ago": 0.0}]
    yield "flush", 1, 1


def same(paths):
    clear, fast = (all_of(bench) for bench in paths.benches)
    for what, expected in clear.items():
        assert fast[what] == expected, what


def test_the_setting_keeps_every_sale_from_the_fast_copy(monkeypatch):
    taken = []

    def sell(book, *sale):
        taken.append(book)
        return sell_today(book, *sale)

    monkeypatch.setattr(fast_sales, "sell_today", sell)
    sale = {"sku": HERE[0], "quantity": 1, "ago": 0.0}
    story = Story(compiled_path=False)
    paths = story.told([*begun(), ("plain", [sale] * 9)])
    clear, fast = (bench.shard.tables["books"][f"S/{HERE[0]}"] for bench in paths.benches)
    assert len([book for book in taken if book is fast]) >= 9
    assert not any(book is clear for book in taken)
    assert fast.sold == clear.sold == 11


BUILT = pytest.mark.skipif(
    compiled_sales.plain_sales() is None,
    reason="the compiled loop was not built: make compiled",
)


@BUILT
def test_the_compiled_loop_takes_what_is_plain_and_the_setting_keeps_it_away(monkeypatch):
    taken = []

    def sell(book, *sale):
        taken.append(book)
        return sell_today(book, *sale)

    monkeypatch.setattr(fast_sales, "sell_today", sell)
    sale = {"sku": HERE[0], "quantity": 1, "ago": 0.0}
    told = [*begun(), ("plain", [sale] * 9)]
    same(Story().told(told))
    without = len(taken)
    taken.clear()
    Story(compiled_path=False).told(told)
    assert len(taken) == without + 9


@pytest.mark.parametrize("is_compiled", [False, pytest.param(True, marks=BUILT)])
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([0.0, 24.0, 30.5]),
    st.sampled_from([utc(0), utc(NOW - 2 * 3600)]),
    st.integers(1, 12),
    st.booleans(),
    st.lists(st.tuples(STEPS, PLAIN), min_size=1, max_size=12),
)
def test_the_fast_way_of_sales_leaves_everything_as_the_clear_one_does(
    is_compiled, lateness, earliest, window, is_begun, steps
):
    story = Story(
        allowed_lateness_hours=lateness,
        earliest_event_time=earliest,
        duplicate_window=window,
        compiled_path=is_compiled,
    )
    told = [*(begun() if is_begun else ())]
    for step, sales in steps:
        told += [step, ("plain", sales)]
    same(story.told(told))
