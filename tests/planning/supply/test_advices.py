"""An order whose goods come under the numbers of dispatch advices waits for nothing of that, whatever is heard first."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stories import DAY, START
from xxhash import xxh3_64_digest

from andon.planning.supply import shipment as shipments
from andon.planning.supply.advices import MOST_ADVICES, hear_advice
from andon.planning.supply.inbound import Shipment
from andon.schemas.common import decode, utc
from andon.schemas.shipments import AdviceUpdate, ShipmentEvent, ShipmentLine


def event(name, status, hours, *lines, shipment="PO", order_id=None, **fields):
    return ShipmentEvent(
        event_id=name,
        occurred_at=utc(START + hours * 3600),
        shipment_id=shipment,
        status=status,
        order_id=order_id,
        lines=tuple(ShipmentLine(location="S", sku=sku, **of) for sku, of in lines),
        **fields,
    )


def feed(shipment, one):
    shipments.apply_event(shipment, one, one.at, xxh3_64_digest(one.event_id.encode()), {})


def told(shipment):
    return [decode(one.body, AdviceUpdate) for one in shipment.outbox if one.family == "advices"]


def hear(order, updates):
    for one in updates:
        order.adopt()
        hear_advice(order, one, order.states())


def ordered(quantity=100):
    order = Shipment("PO")
    feed(
        order,
        event("o", "ordered", 0, ("A", {"quantity": quantity}), promised_at=utc(START + DAY)),
    )
    return order


def advice(name, *news, order_id="PO"):
    found = Shipment(name)
    for number, (status, fields) in enumerate(news):
        one = event(
            f"{name}{number}",
            status,
            1 + number,
            ("A", fields),
            shipment=name,
            order_id=order_id,
        )
        feed(found, one)
    return found


@pytest.mark.parametrize(
    ("news", "is_open"),
    [
        ([("dispatched", {"quantity": 100})], False),
        ([("dispatched", {"quantity": 99})], True),
        ([("received", {"quantity": 100, "received": 100})], False),
        ([("dispatched", {"quantity": 100}), ("received", {"received": 60})], True),
        ([("dispatched", {"quantity": 100}), ("cancelled", {})], True),
        (
            [("received", {"quantity": 100, "received": 100}), ("received", {"returned": 20})],
            True,
        ),
    ],
    ids=["all", "less", "came", "came short", "cancelled", "sent back"],
)
def test_an_order_waits_for_what_comes_under_none_of_its_advices(news, is_open):
    order = ordered()
    hear(order, told(advice("ASN", *news)))
    assert order.is_open == is_open


def test_what_the_order_says_came_counts_what_came_under_its_advice():
    order = ordered()
    feed(order, event("r", "partly_received", 5, ("A", {"received": 60})))
    hear(order, told(advice("ASN", ("received", {"quantity": 60, "received": 60}))))
    assert order.is_open


def test_an_advice_that_turns_out_to_be_of_another_order_is_taken_back():
    order = ordered()
    found = advice("ASN", ("dispatched", {"quantity": 100}))
    hear(order, told(found))
    assert not order.is_open
    since = len(told(found))
    feed(found, event("x", "in_transit", 9, shipment="ASN", order_id="PO-2"))
    after = told(found)[since:]
    assert [one.order_id for one in after] == ["PO", "PO-2"]
    hear(order, after[:1])
    assert order.is_open


def test_advices_heard_before_their_order_count_and_no_order_is_made_up():
    order = Shipment("PO")
    hear(order, told(advice("ASN", ("dispatched", {"quantity": 100}))))
    assert not order.is_open
    feed(order, event("o", "ordered", 0, ("A", {"quantity": 100})))
    assert len(order.statuses) == 1
    assert not order.is_open


def test_more_advices_than_are_kept_leave_the_order_waiting():
    order = ordered(100 * (MOST_ADVICES + 1))
    for number in range(MOST_ADVICES + 1):
        hear(order, told(advice(f"ASN-{number}", ("dispatched", {"quantity": 100}))))
    assert order.is_open
    assert len(order.advices) == MOST_ADVICES


def test_an_order_of_very_many_items_is_told_of_all_together():
    lines = [(f"A{number}", {"quantity": 5}) for number in range(300)]
    order, found = Shipment("PO"), Shipment("ASN")
    feed(order, event("o", "ordered", 0, *lines))
    feed(found, event("a", "dispatched", 1, *lines, shipment="ASN", order_id="PO"))
    (update,) = told(found)
    assert update.items == ((0, 0, 1500),)
    hear(order, [update])
    assert not order.is_open


one_of_news = st.tuples(
    st.sampled_from(["dispatched", "partly_received", "received", "cancelled"]),
    st.fixed_dictionaries(
        {}, optional={"quantity": st.integers(0, 60), "received": st.integers(0, 60)}
    ),
)


@settings(max_examples=100)
@given(
    st.lists(st.lists(one_of_news, min_size=1, max_size=4), max_size=3),
    st.integers(0, 100),
    st.randoms(use_true_random=False),
)
def test_words_of_advices_in_any_order_and_repeated_leave_one_order(advices, quantity, chance):
    found = [advice(f"ASN-{number}", *news) for number, news in enumerate(advices)]
    updates = [one for some in found for one in told(some)]
    order = event("o", "ordered", 0, ("A", {"quantity": quantity}))
    outcomes = []
    for _ in range(2):
        world = Shipment("PO")
        for one in [*updates, *updates[:2], order]:
            if isinstance(one, AdviceUpdate):
                hear(world, [one])
            else:
                feed(world, one)
        outcomes.append((world.taken_over, world.advices))
        chance.shuffle(updates)
    assert outcomes[0] == outcomes[1]
    advised = [next(iter(one.states().values())) for one in found]
    came = sum(state.received - state.returned for state in advised)
    to_come = sum(state.open_quantity for state in advised)
    taken = max(came, 0) + to_come
    assert outcomes[0][0] == (bool(advices) and quantity <= taken)
