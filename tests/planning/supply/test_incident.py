"""One alert for one disruption, whatever the number of partitions that speak of it and the order they speak in."""

import itertools

import pytest
from support.stories import DAY, START

from andon.planning.supply.incident import Incident, apply_impact, end
from andon.schemas.alerts import Affected, Alert
from andon.schemas.common import decode, utc
from andon.schemas.delays import Scope
from andon.schemas.impacts import Impact

HOUR = 3600.0


def impact(partition=0, at=START, **fields):
    defaults = {
        "since": utc(START),
        "reported_at": utc(START),
        "scope": Scope(type="lane", id="ROTTERDAM"),
        "reason": "port closed",
        "ends_at": utc(START + 9 * DAY),
        "shipments": 10,
        "lines": 40,
        "items": 100,
    }
    return Impact(
        delay_id="PORT",
        partition=partition,
        occurred_at=utc(at),
        **{**defaults, **fields},
    )


def hit(sku, days, value, currency="EUR"):
    return Affected(
        location="S",
        sku=sku,
        stockout_p50=utc(START + days * DAY),
        value_at_risk=value,
        currency=currency,
    )


def told(incident):
    return [decode(one.body, Alert) for one in incident.outbox]


def play(*impacts):
    incident = Incident()
    for one in impacts:
        apply_impact(incident, one, one.at)
    return incident


def test_the_partitions_are_summed_up_and_the_most_urgent_come_first():
    incident = play(
        impact(0, at_risk=1, value_at_risk={"EUR": 50.0}, affected=(hit("late", 6, 50.0),)),
        impact(1, at_risk=1, value_at_risk={"EUR": 30.0}, affected=(hit("soon", 1, 30.0),)),
    )
    last = told(incident)[-1]
    assert last.numbers["shipments"] == 20
    assert last.numbers["items"] == 200
    assert last.numbers["at_risk"] == 2
    assert last.value_at_risk == 80.0
    assert [one.sku for one in last.affected] == ["soon", "late"]
    assert last.severity == "critical"
    assert "port closed" in last.sentence
    assert "20 shipments" in last.sentence


def test_shipments_heard_of_later_are_worth_a_message_though_no_more_is_at_risk():
    hit_hard = {"at_risk": 1, "value_at_risk": {"EUR": 5000.0}}
    incident = play(impact(0, **hit_hard), impact(1, START + 1, shipments=5, lines=0, items=0))
    assert [one.numbers["shipments"] for one in told(incident)] == [10, 15]


def test_five_thousand_items_are_one_alert_and_few_messages():
    incident = Incident()
    for count in range(2500):
        for partition in (0, 1):
            one = impact(
                partition, START + count, at_risk=count, value_at_risk={"EUR": count * 1.0}
            )
            apply_impact(incident, one, one.at)
    messages = told(incident)
    assert len({one.alert_id for one in messages}) == 1
    assert len(messages) < 60
    assert messages[-1].numbers["at_risk"] > 4000


def test_it_closes_once_when_one_partition_knows_of_the_end_in_whatever_order():
    later = {"at": START + HOUR, "reported_at": utc(START + HOUR)}
    said = [impact(0, **later, over=True), impact(1, START + HOUR + 1), impact(2, START + HOUR - 1)]
    for order in itertools.permutations(said):
        messages = [one for one in told(play(impact(0), *order)) if one.status != "updated"]
        assert [one.status for one in messages] == ["opened", "resolved"]
        assert messages[-1].resolution == "over"


def test_a_report_that_moves_the_end_takes_it_back():
    longer = impact(
        1, START + 2 * HOUR, reported_at=utc(START + 2 * HOUR), ends_at=utc(START + 20 * DAY)
    )
    incident = play(impact(0), impact(0, START + HOUR, over=True), longer)
    assert [one.status for one in told(incident)] == ["opened", "resolved", "opened"]
    assert told(incident)[-1].expected_arrival == utc(START + 20 * DAY)


def test_a_disruption_that_comes_and_goes_does_not_flap_its_alert():
    incident = Incident()
    for minute in range(120):
        at = START + minute * 60
        one = impact(0, at, reported_at=utc(at), over=bool(minute % 2))
        apply_impact(incident, one, at)
        end(incident, at)
    messages = told(incident)
    assert [one.status for one in messages] == ["opened", "resolved", "opened"]
    assert end(incident, START + 4 * HOUR)
    assert told(incident)[-1].status == "opened"
    assert end(incident, START + 9 * HOUR)
    assert told(incident)[-1].status == "resolved"
    assert not end(incident, START + 9 * HOUR)


def test_money_of_several_currencies_is_not_added_up():
    incident = play(
        impact(0, at_risk=1, value_at_risk={"EUR": 5.0}, affected=(hit("a", 3, 5.0),)),
        impact(1, at_risk=1, value_at_risk={"USD": 900.0}, affected=(hit("b", 4, 900.0, "USD"),)),
    )
    last = told(incident)[-1]
    assert (last.value_at_risk, last.currency) == (900.0, "USD")
    assert "900 USD and 5.00 EUR" in last.sentence
    assert last.numbers["value_at_risk_EUR"] == 5.0


@pytest.mark.parametrize(("days", "severity"), [(1, "critical"), (5, "warning")])
def test_severity_is_that_of_the_first_to_run_out(days, severity):
    incident = play(impact(0, at_risk=1, affected=(hit("a", days, 5.0),)))
    assert told(incident)[-1].severity == severity
    assert told(play(impact(0)))[-1].severity == "info"


def test_an_older_word_of_a_partition_is_ignored():
    incident = play(impact(0, START + HOUR, shipments=3))
    assert apply_impact(incident, impact(0, START), START) == "stale"
    assert incident.parts[0].shipments == 3


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_what_was_said_of_an_earlier_time_under_the_same_name_counts_no_more(order):
    before = impact(0, START + DAY, over=True, at_risk=7, value_at_risk={"EUR": 70.0})
    since = utc(START + 20 * DAY)
    anew = {"since": since, "ends_at": utc(START + 30 * DAY)}
    again = [
        impact(1, START + 21 * DAY, reported_at=since, at_risk=1, **anew),
        impact(2, START + 21 * DAY, reported_at=since, **anew),
        impact(3, START + 21 * DAY, reported_at=since, **anew),
    ]
    incident = play(before, *(again[number] for number in order))
    assert told(incident)[-1].numbers["at_risk"] == 1
    ended = utc(START + 22 * DAY)
    apply_impact(
        incident,
        impact(1, START + 22 * DAY, reported_at=ended, over=True, at_risk=1, **anew),
        START + 22 * DAY,
    )
    assert "; 1 item may still run out." in told(incident)[-1].sentence


def test_an_item_that_is_out_already_is_not_said_to_run_out_some_day():
    incident = play(impact(0, at_risk=1, value_at_risk={"EUR": 5.0}, affected=(hit("A", -2, 5.0),)))
    assert told(incident)[-1].sentence.endswith("first A at S, which is out.")
