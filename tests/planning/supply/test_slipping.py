"""A supplier that slips is told from one late truck, and a new normal from a slip."""

import random

import pytest

from andon.planning.supply.slipping import Slip, update_slipping_alert
from andon.schemas.alerts import Alert
from andon.schemas.common import decode


class Supplier:
    def __init__(self):
        self.slip, self.alerts, self.episodes, self.ended = Slip(), {}, {}, {}
        self.outbox = []
        self.now = 0.0

    def deliver(self, *delays):
        for days in delays:
            self.now += 86400.0
            self.slip.learn(days)
            update_slipping_alert(self, kind="supplier", name="ACME", now=self.now)

    @property
    def said(self):
        return [decode(one.body, Alert) for one in self.outbox]


def test_one_late_truck_is_no_slip_nor_are_two():
    supplier = Supplier()
    supplier.deliver(*[0.0] * 30, 20.0, *[0.0] * 5, 8.0, *[0.0] * 30)
    assert supplier.said == []


def test_a_supplier_that_comes_late_again_and_again_slips_and_recovers():
    supplier = Supplier()
    supplier.deliver(*[0.0] * 40)
    supplier.deliver(*[3.0] * 6)
    opened = supplier.said[0]
    assert (opened.kind, opened.status, opened.supplier) == ("supplier_slipping", "opened", "ACME")
    assert "slipping" in opened.sentence
    assert opened.numbers["recent_late_share"] > opened.numbers["usual_late_share"]
    supplier.deliver(*[0.0] * 60)
    assert supplier.said[-1].status == "resolved"
    assert [one.status for one in supplier.said].count("opened") == 1


def test_what_lasts_becomes_the_new_normal():
    supplier = Supplier()
    chance = random.Random(4)
    supplier.deliver(*[0.0] * 60)
    supplier.deliver(*(4.0 if chance.random() < 0.5 else 0.0 for _ in range(500)))
    assert supplier.said[0].status == "opened"
    assert supplier.said[-1].status == "resolved"


@pytest.mark.parametrize("late", [0.02, 0.1, 0.3])
def test_a_supplier_that_is_as_late_as_ever_is_rarely_called(late):
    chance = random.Random(7)
    supplier = Supplier()
    # Until its usual share is known, a bad one looks like a slip from the good one that was assumed.
    supplier.deliver(*(3.0 if chance.random() < late else 0.0 for _ in range(300)))
    before = len([one for one in supplier.said if one.status == "opened"])
    supplier.deliver(*(3.0 if chance.random() < late else 0.0 for _ in range(2000)))
    after = len([one for one in supplier.said if one.status == "opened"])
    assert after - before <= 4
