"""What a delay comes to is a function of the set of its reports: an end heard before its report, or a report heard again after it."""

import itertools

import pytest

from andon.planning.supply import shipment as shipments
from andon.planning.supply.disruption import Disruption, take_in
from andon.planning.supply.inbound import Shipment

DAY = 86400.0
START = 20_000 * DAY


def report(day, *, scope="shipment", expected=9.0):
    return Disruption(
        "D", scope, "P", START + day * DAY, expected=START + expected * DAY, since=START + day * DAY
    )


#: Reports by day, True where they say that it ended, and the arrival that is left (None if it is not delayed).
STORIES = [
    ([(1, False), (2, True)], None),
    ([(1, False), (2, True), (3, False)], 3),
    ([(1, False), (3, False)], 3),
    ([(2, True)], None),
    ([(1, False), (2, True), (3, False), (4, True)], None),
]
each_story = pytest.mark.parametrize(("reports", "left"), STORIES)


def orders(reports):
    for order in itertools.permutations(reports):
        for again in reports:
            yield [*order, again]


@each_story
def test_a_shipment_is_as_late_as_its_newest_report_says_in_whatever_order_they_come(reports, left):
    for order in orders(reports):
        shipment = Shipment("P")
        for day, ended in order:
            one = report(day, expected=10.0 + day)
            shipments.delay(shipment, one, one.at, {}, ended=ended)
        known = [(one.at - START) / DAY for one in shipment.delays.values()]
        assert known == ([] if left is None else [left])


@each_story
def test_a_wide_disruption_is_what_its_newest_report_says_in_whatever_order_they_come(
    reports, left
):
    for order in orders(reports):
        known, lifted = {}, {}
        for day, ended in order:
            take_in(known, lifted, report(day, scope="lane"), ended=ended)
        assert [(one.at - START) / DAY for one in known.values()] == (
            [] if left is None else [left]
        )


def test_the_ends_that_are_remembered_are_bounded():
    known, lifted = {}, {}
    for number in range(200):
        one = Disruption(f"D{number}", "lane", "L", START + number)
        take_in(known, lifted, one, ended=True)
    assert len(lifted) == 64
    assert "D199" in lifted
