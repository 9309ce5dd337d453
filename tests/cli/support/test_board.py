import math

import pytest
from prometheus_client import generate_latest

from andon.cli.support import board
from andon.streams.metrics import Metrics


def test_quantiles_are_interpolated_within_their_bucket():
    cumulative = [(0.1, 50.0), (0.2, 90.0), (math.inf, 100.0)]
    assert board.quantile(cumulative, 0.25) == pytest.approx(0.05)
    assert board.quantile(cumulative, 0.7) == pytest.approx(0.15)


def test_a_quantile_beyond_the_last_bound_is_that_bound():
    assert board.quantile([(0.1, 50.0), (math.inf, 100.0)], 0.99) == 0.1


@pytest.mark.parametrize("cumulative", [[], [(0.1, 0.0), (math.inf, 0.0)]])
def test_nothing_has_no_quantile(cumulative):
    assert board.quantile(cumulative, 0.5) is None


def test_figures_are_read_from_the_worker_s_own_metrics():
    metrics = Metrics()
    metrics.events.labels("andon.pos.v1", "applied").inc(7)
    metrics.events.labels("andon.pos.v1", "duplicate").inc(1)
    metrics.lag.labels("andon.pos.v1", "0").set(3)
    metrics.lag.labels("andon.pos.v1", "1").set(4)
    metrics.state_keys.labels("books").set(5)
    metrics.state_keys.labels("shipments").set(50)
    metrics.alerts_open.labels("replenish", "warning").set(2)
    metrics.alerts_open.labels("stockout_risk", "warning").set(1)
    metrics.deadletters.labels("andon.pos.v1", "invalid").inc(6)
    metrics.event_to_alert.observe(0.02)
    found = board.figures(generate_latest(metrics.registry).decode())
    assert (found.events, found.lag, found.items) == ({"pos": 8.0}, 7.0, 5.0)
    assert (found.open_by_severity, found.dead_letters) == ({"warning": 3.0}, 6.0)
    assert found.p50 == pytest.approx(0.0175)


def test_the_header_is_one_line_that_says_it_all():
    now = board.BoardFigures({"pos": 10.0}, 2, 240, {"critical": 3}, 0, 0.012, 1.5)
    plain = board.header(now, 1234.0, "Mon 05 Jan 2026 10:00").plain
    for part in ("1,234 events/s", "lag 2", "240 items", "3 critical", "p50 12 ms", "p99 1.5 s"):
        assert part in plain
    assert "\n" not in plain


def test_a_rate_is_never_negative():
    assert board.rates({"pos": 10}, {"pos": 30, "stock": 4}, 2.0) == 12
    assert board.rates({"pos": 10}, {"pos": 0}, 2.0) == 0


def test_nobody_there_means_no_figures():
    assert board.fetch("http://127.0.0.1:9") is None
    assert not board.ready("http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("topic", "family"),
    [
        ("andon.pos.v1", "pos"),
        ("a.b.stock.v1", "stock"),
        ("andon.orders.v1", "orders"),
        ("andon.orders.events.v1", "orders.events"),
        ("odd", "odd"),
    ],
)
def test_a_topic_s_family_is_what_stands_before_its_version(topic, family):
    assert board.family_of(topic) == family
