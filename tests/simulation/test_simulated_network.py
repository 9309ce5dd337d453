import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.schemas.alerts import Alert, Alternative
from andon.schemas.common import decode, encode, utc
from andon.schemas.families import FAMILIES
from andon.schemas.orders import OrderedLine, OrderEvent, PurchaseOrder
from andon.simulation.chance import log_normal, poisson
from andon.simulation.customers import DAY, PROFILE, WEEKDAYS
from andon.simulation.network import Network

START = 1_700_000_000.0


def network(seed=1, **more):
    return Network(seed, START, **{"locations": 2, "items": 8, **more})


def replenish(key, quantity, at, number=1, **more):
    location, _, sku = key.partition("/")
    fields = {
        "alert_id": f"replenish:{key}:{number}",
        "event_id": f"replenish:{key}:{number}:1",
        "kind": "replenish",
        "status": "opened",
        "severity": "warning",
        "revision": 1,
        "sentence": "Order.",
        "opened_at": utc(at),
        "changed_at": utc(at),
        "location": location,
        "sku": sku,
        "order_quantity": quantity,
    }
    return Alert(**{**fields, **more})


def run_with_a_simple_buyer(net, days):
    """Each morning order three weeks' expected demand of what holds less than two, as an alert would ask."""
    messages = list(net.opening())
    for day in range(1, days + 1):
        messages += net.advance(net.start + day * DAY)
        waiting = {f"{s.item.location}/{s.item.sku}" for s in net.supply.open.values()}
        for key, article in net.articles.items():
            daily = article.item.expected_daily_demand
            if key not in waiting and net.shelves[key].stock < 14 * daily + 5:
                alert = replenish(key, round(21 * daily) + 5, net.now, day)
                messages += net.hear(alert, net.now)
    return messages


def test_the_same_seed_gives_the_same_events():
    assert run_with_a_simple_buyer(network(), 20) == run_with_a_simple_buyer(network(), 20)


def test_another_seed_gives_other_events():
    assert network(1).advance(START + 5 * DAY) != network(2).advance(START + 5 * DAY)


@given(st.lists(st.floats(60, 2 * DAY), min_size=1, max_size=20))
@settings(max_examples=15)
def test_steps_of_any_size_give_the_same_events(steps):
    whole, stepped = network(), network()
    end = whole.start + sum(steps) + 1
    heard = []
    for step in steps:
        heard += stepped.advance(stepped.now + step)
    heard += stepped.advance(end)
    assert heard == whole.advance(end)


@pytest.mark.parametrize("seed", range(5))
def test_true_stock_is_conserved_and_never_negative(seed):
    net = network(seed)
    run_with_a_simple_buyer(net, 60)
    assert all(shelf.conserved for shelf in net.shelves.values())


def test_events_tell_all_of_the_true_stock_but_theft():
    net = network(3)
    messages = run_with_a_simple_buyer(net, 60)
    for key, shelf in net.shelves.items():
        mine = [r for f, r in messages if f in ("pos", "stock") and FAMILIES[f].key_of(r) == key]
        assert sum(r.quantity for r in mine if r.kind == "sale") == shelf.sold
        assert sum(r.quantity for r in mine if r.kind == "return") == shelf.returned
        assert sum(r.quantity for r in mine if r.kind == "spoilage") == shelf.spoiled
    newest = {}
    for family, event in messages:
        if family == "shipments" and event.lines and event.lines[0].received is not None:
            newest[event.shipment_id] = event.lines[0].received
    assert sum(newest.values()) == sum(shelf.received for shelf in net.shelves.values())


def test_ordering_what_alerts_ask_for_closes_the_loop():
    served, starved = network(4), network(4)
    run_with_a_simple_buyer(served, 60)
    starved.advance(starved.start + 60 * DAY)
    assert served.fill_rate > 0.9
    assert served.orders > 10
    assert starved.fill_rate < 0.6


def test_events_come_in_the_order_of_time_and_fit_their_schemas():
    messages = network(5).advance(START + 10 * DAY)
    times = [record.at for _, record in messages]
    assert times == sorted(times)
    for family, record in messages[::50]:
        assert decode(encode(record), FAMILIES[family].record) == record


def test_event_ids_are_unique():
    messages = run_with_a_simple_buyer(network(6), 60)
    ids = [record.event_id for family, record in messages if family != "items"]
    assert len(ids) == len(set(ids))


def test_what_an_alert_asks_for_is_ordered_and_its_supplier_confirms_it():
    net = network()
    key = next(iter(net.articles))
    alert = replenish(key, 30, net.now)
    [(family, order)] = net.hear(alert, net.now)
    assert (family, order.status) == ("orders.events", "approved")
    assert [(line.alert_id, line.quantity) for line in order.lines] == [(alert.alert_id, 30)]
    confirmed = [
        record
        for family, record in net.advance(net.now + 10 * DAY)
        if family == "orders.events" and record.status == "confirmed"
    ]
    assert [one.order_id for one in confirmed] == [order.order_id]
    assert 0 < confirmed[0].lines[0].quantity <= 30


def test_of_the_first_order_that_somebody_else_gives_less_is_confirmed_and_each_item_has_its_shipment():
    net = network()
    bought = [net.articles[key].item for key in list(net.articles)[:2]]
    order = PurchaseOrder(
        order_id="PO-9",
        state="approved",
        version=1,
        changed_at=utc(net.now),
        ready=True,
        lines=tuple(
            OrderedLine(location=item.location, sku=item.sku, quantity=60) for item in bought
        ),
    )
    net.supply_others(order, net.now)
    net.supply_others(order, net.now)
    heard = [
        record
        for family, record in net.advance(net.now + 10 * DAY)
        if family in ("orders.events", "shipments")
    ]
    confirmed = [one for one in heard if getattr(one, "order_id", None) == "PO-9"]
    agreed = [one for one in confirmed if isinstance(one, OrderEvent)]
    assert sorted(one.lines[0].sku for one in agreed) == sorted(item.sku for item in bought)
    assert all(0 < one.lines[0].quantity < 60 for one in agreed)
    parts = {one.shipment_id for one in confirmed if not isinstance(one, OrderEvent)}
    assert parts == {"PO-9-1", "PO-9-2"}


@pytest.mark.parametrize(
    "more",
    [
        {"status": "resolved"},
        {"order_quantity": None},
        {"location": "elsewhere"},
        {"location": None},
    ],
)
def test_an_alert_that_asks_for_nothing_here_changes_nothing(more):
    net = network()
    alert = replenish(next(iter(net.articles)), 30, net.now, **more)
    assert net.hear(alert, net.now) == []


def test_a_repeated_alert_orders_once():
    net = network()
    alert = replenish(next(iter(net.articles)), 30, net.now)
    net.hear(alert, net.now)
    assert net.hear(alert, net.now) == []
    assert net.orders == 1


def test_a_risk_is_bridged_from_the_cheapest_alternative():
    net = network()
    key = next(iter(net.articles))
    ways = (
        Alternative(kind="wait", expected_cost=90.0),
        Alternative(kind="expedite", supplier="QUICK", quantity=12, expected_cost=20.0),
    )
    alert = replenish(key, None, net.now, kind="stockout_risk", alternatives=ways)
    [(_, placed)] = net.hear(alert, net.now)
    assert (placed.supplier, placed.lines[0].quantity) == ("QUICK", 12)


def test_a_risk_best_waited_out_is_acknowledged():
    net = network()
    ways = (Alternative(kind="wait", expected_cost=1.0),)
    alert = replenish(
        next(iter(net.articles)), None, net.now, kind="stockout_risk", alternatives=ways
    )
    [(family, ack)] = net.hear(alert, net.now)
    assert (family, ack.action) == ("acks", "acknowledged")
    assert net.orders == 0


def test_the_first_days_bring_a_closed_lane_and_a_reported_late_shipment_whatever_the_seed():
    for seed in range(5):
        messages = run_with_a_simple_buyer(network(seed, items=20), 12)
        delays = [record for family, record in messages if family == "delays"]
        assert {delay.scope.type for delay in delays} >= {"lane", "carrier", "shipment"}


def test_stopping_cancels_what_is_on_its_way():
    net = network()
    net.hear(replenish(next(iter(net.articles)), 30, net.now), net.now)
    [(family, event)] = net.closing(net.now)
    assert (family, event.status) == ("shipments", "cancelled")
    assert net.closing(net.now) == []


@pytest.mark.parametrize("bad", [{"locations": 0}, {"items": 0}])
def test_an_empty_network_is_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        network(**bad)


def test_shapes_have_unit_mean():
    assert sum(PROFILE) == pytest.approx(1)
    assert sum(WEEKDAYS) / 7 == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("mean", [0.3, 4.0, 60.0])
def test_poisson_numbers_have_their_mean_and_variance(mean):
    import random
    import statistics

    rng = random.Random(1)
    drawn = [poisson(rng, mean) for _ in range(20_000)]
    assert statistics.fmean(drawn) == pytest.approx(mean, rel=0.05)
    assert statistics.variance(drawn) == pytest.approx(mean, rel=0.08)


def test_log_normal_numbers_have_their_mean_and_deviation():
    import random
    import statistics

    rng = random.Random(1)
    drawn = [log_normal(rng, 5.0, 1.5) for _ in range(20_000)]
    assert statistics.fmean(drawn) == pytest.approx(5.0, rel=0.02)
    assert statistics.stdev(drawn) == pytest.approx(1.5, rel=0.05)
