"""Lead times from past orders: by how far a supplier is from what each item plans, and by the item's own."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.supply.lead_time import prior
from andon.schemas.common import utc
from andon.schemas.items import Item, Source
from andon.studies.deliveries import LeadTimes, Taken, read_lead_times, taken_by


def item(sku, days, supplier="ACME", location="S"):
    source = Source(supplier=supplier, lead_time_days=days)
    return Item(location=location, sku=sku, updated_at=utc(0.0), sources=(source,))


QUICK, SLOW = item("QUICK", 2.0), item("SLOW", 21.0)


def test_items_of_one_supplier_keep_lead_times_of_their_own():
    orders = {"ACME": [Taken(2.0, "QUICK"), Taken(21.0, "SLOW")] * 20}
    learned = LeadTimes(orders, [QUICK, SLOW])
    assert learned.of(QUICK).mean_days == pytest.approx(2.0, rel=0.05)
    assert learned.of(SLOW).mean_days == pytest.approx(21.0, rel=0.05)
    assert learned.of(SLOW).sd_days < 4


def test_a_supplier_that_takes_half_as_long_again_does_so_for_what_it_never_delivered():
    orders = {"ACME": [Taken(3.0, "QUICK")] * 40}
    assert LeadTimes(orders, [QUICK, SLOW]).of(SLOW).mean_days == pytest.approx(31.5, rel=0.08)


def test_an_items_own_orders_outweigh_its_suppliers():
    orders = {"ACME": [Taken(2.0, "QUICK")] * 30 + [Taken(42.0, "SLOW")] * 30}
    learned = LeadTimes(orders, [QUICK, SLOW])
    assert learned.of(QUICK).mean_days == pytest.approx(2.0, rel=0.2)
    assert learned.of(SLOW).mean_days == pytest.approx(42.0, rel=0.1)


def test_orders_that_name_no_item_are_held_against_what_the_supplier_s_items_plan():
    alone = LeadTimes({"ACME": [Taken(30.0)] * 60}, [item("ONE", 20.0)]).of(item("ONE", 20.0))
    assert alone.mean_days == pytest.approx(30.0, rel=0.06)


def test_other_suppliers_orders_say_nothing():
    assert LeadTimes({"OTHER": [Taken(90.0)]}, [QUICK]).of(QUICK) == prior(2.0, None)


def test_a_supplier_whose_times_vary_makes_them_vary_for_all():
    chance = random.Random(4)
    orders = [Taken(2.0 * chance.lognormvariate(0, 0.6), "QUICK") for _ in range(60)]
    found = LeadTimes({"ACME": orders}, [QUICK, SLOW]).of(SLOW)
    assert found.sd_days / found.mean_days == pytest.approx(0.65, abs=0.15)


@given(st.floats(1, 30), st.floats(0.5, 2), st.lists(st.floats(1, 60), min_size=1, max_size=20))
def test_a_unit_of_time_is_of_no_account(plan, times, days):
    def learned(factor):
        one, other = item("A", plan * factor), item("B", plan * factor * 2)
        orders = {"ACME": [Taken(day * factor, "A") for day in days]}
        return LeadTimes(orders, [one, other]).of(other)

    assert learned(times).mean_days == pytest.approx(learned(1.0).mean_days * times, rel=1e-3)


def test_a_file_may_name_the_item_of_an_order(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(
        "supplier,sku,location,ordered_at,received_at\n"
        "ACME,QUICK,,2024-02-01,2024-02-04\nACME,SLOW,S,2024-01-01,2024-01-21\n"
        "ACME,,,2024-03-01,2024-03-02\n"
    )
    orders = read_lead_times(path)["ACME"]
    assert orders == [Taken(20.0, "SLOW", "S"), Taken(3.0, "QUICK"), Taken(1.0)]
    assert taken_by(QUICK, orders) == [Taken(3.0, "QUICK")]
    assert taken_by(item("SLOW", 21.0, location="T"), orders) == []
