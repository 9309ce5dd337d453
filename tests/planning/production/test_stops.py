"""When a line stops: to the minute what a simulation unit by unit finds."""

import random

import pytest

from andon.planning.production import stops
from andon.planning.production.stops import Stop, Use, first_stops

MINUTE = 60.0


def simulated(stock, receipts, uses, taken=()):
    """Go through the minutes: what comes and goes first, then the lines by name; one that finds too little stops for good."""
    last = max(use.begins + use.units * use.each for use in uses) / MINUTE
    done = [0] * len(uses)
    stops = {}
    for minute in range(int(last) + 1):
        at = minute * MINUTE
        stock += sum(quantity for when, quantity in receipts if when == at)
        stock -= sum(quantity for when, quantity in taken if when == at)
        for place, use in sorted(enumerate(uses), key=lambda pair: (pair[1].line, pair[1].begins)):
            while (
                use.line not in stops
                and done[place] < use.units
                and use.begins + done[place] * use.each == at
            ):
                if use.takes > stock + 1e-6:
                    stops[use.line] = Stop(at, use.order_id, done[place])
                else:
                    stock -= use.takes
                    done[place] += 1
    return stops


def drawn(rng):
    """Return stock, receipts, the orders of some lines one after the other, and what others take."""
    uses = []
    for line in range(rng.randint(1, 3)):
        at = rng.randint(0, 30) * MINUTE
        for order in range(rng.randint(1, 4)):
            each, units = rng.randint(1, 5) * MINUTE, rng.randint(1, 40)
            takes = rng.choice((0.25, 0.5, 1.0, 2.0, 3.0, 1.03))
            if rng.random() < 0.8:
                uses.append(Use(f"line-{line}", f"order-{line}-{order}", at, each, units, takes))
            at += units * each + rng.choice((0, 0, 7)) * MINUTE
    if not uses:
        return drawn(rng)
    needed = sum(use.units * use.takes for use in uses)
    receipts = [
        (rng.randint(1, 300) * MINUTE, rng.uniform(0, 0.5) * needed)
        for _ in range(rng.randint(0, 4))
    ]
    taken = [(rng.randint(1, 300) * MINUTE, rng.uniform(0, 0.1) * needed)] * rng.randint(0, 1)
    return rng.uniform(0, 1) * needed, receipts, uses, taken


def in_turn(stock, receipts, uses):
    """Go through the units of one line as they take the part, before or after they are begun; those after one that lacks it are not begun."""
    found, cut = None, float("inf")
    while True:
        begun = [
            (use.starts(unit) - use.offset, use, unit) for use in uses for unit in range(use.units)
        ]
        begun = [one for one in begun if one[0] < cut]
        left, stop = stock, None
        events = [(use.starts(unit), 1, at, use, unit) for at, use, unit in begun]
        events += [(at, 0, 0.0, None, quantity) for at, quantity in receipts]
        for _, _, at, use, unit in sorted(events, key=lambda one: one[:3]):
            if use is None:
                left += unit
            elif use.takes > left + 1e-6:
                waits = max(use.offset, 0.0)
                stop = Stop(at + waits, use.order_id, unit, waits)
                break
            else:
                left -= use.takes
        if stop is None:
            return found
        found, cut = stop if found is None else min(found, stop), stop.at - stop.waits


@pytest.mark.parametrize("seed", range(60))
def test_a_part_that_is_taken_before_or_after_the_begin_stops_a_line_when_its_unit_is_due(seed):
    rng = random.Random(seed)
    uses, at = [], 0.0
    for order in range(rng.randint(1, 4)):
        each, units = rng.randint(1, 5) * MINUTE, rng.randint(1, 30)
        # Off the minutes at which others begin, so that no two take it at one moment.
        offset = rng.choice((-90, -20, -3, 0, 0, 4, 45)) * MINUTE + order
        takes = float(rng.randint(1, 3))
        uses.append(Use("L1", f"P{order}", at + offset, each, units, takes, offset))
        at += each * units
    needed = sum(use.units * use.takes for use in uses)
    receipts = [
        (rng.randint(1, 200) * MINUTE + 30, rng.randint(1, 30)) for _ in range(rng.randint(0, 3))
    ]
    stock = rng.uniform(0.2, 1.0) * needed
    expected = in_turn(stock, receipts, uses)
    assert first_stops(stock, receipts, uses) == ({} if expected is None else {"L1": expected})


@pytest.mark.parametrize("seed", range(20))
def test_stops_are_those_of_a_simulation(seed):
    rng = random.Random(seed)
    for _ in range(100):
        case = drawn(rng)
        assert first_stops(*case) == simulated(*case), case


def test_a_line_of_a_million_units_stops_in_the_same_time():
    use = Use("line", "order", 0.0, 1.0, 10**6, 1.0)
    assert first_stops(500_000.0, [(499_000.0, 10.0)], [use]) == {
        "line": Stop(500_010.0, "order", 500_010)
    }


def test_what_lasts_stops_nothing():
    assert first_stops(0.0, [], []) == {}
    assert first_stops(10.0, [], [Use("line", "order", 5.0, 60.0, 10, 1.0)]) == {}
    assert first_stops(0.0, [(5.0, 10.0)], [Use("line", "order", 5.0, 0.0, 10, 1.0)]) == {}


def test_many_orders_that_lack_something_cost_no_more_than_they_must(monkeypatch):
    looked = []
    plain = stops._lacks

    def counted(*arguments):
        looked.append(1)
        return plain(*arguments)

    monkeypatch.setattr(stops, "_lacks", counted)
    uses = [Use("line", f"order-{n}", n * 600.0, 60.0, 10, 1.0) for n in range(100)]
    assert first_stops(255.0, [], uses) == {"line": Stop(15300.0, "order-25", 5)}
    assert len(looked) < 2 * len(uses)
