"""The life of an alert: said once, updated when it matters, quiet when it was answered."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.alerting.alerts import answer, head_of, raise_alert, settle_alert, wakes_at
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc

HOUR = 3600.0
START = 20_000 * 24 * HOUR


class Board:
    """The open alerts of one key, and what was said of them."""

    def __init__(self):
        self.alerts, self.episodes, self.ended, self.outbox = {}, {}, {}, []

    @staticmethod
    def describe(alert, status):
        return Alert(**head_of(alert, status), sentence="so it is")

    def raised(self, hours=0.0, severity="warning", size=100.0, due=0.0, cause=""):
        return raise_alert(
            self,
            kind="overstock",
            key="S/A",
            now=START + hours * HOUR,
            severity=severity,
            size=size,
            due=due,
            cause=cause,
            describe=self.describe,
        )

    def settled(self, hours=0.0, calm_hours=0.0):
        return settle_alert(
            self,
            "overstock",
            "S/A",
            START + hours * HOUR,
            calm_seconds=calm_hours * HOUR,
            describe=self.describe,
        )

    @property
    def said(self):
        return [decode(one.body, Alert) for one in self.outbox]


@pytest.mark.parametrize(
    ("change", "is_said"),
    [
        ({}, False),
        ({"size": 115.0}, False),
        ({"size": 125.0}, True),
        ({"size": 75.0}, True),
        ({"due": 11 * HOUR}, False),
        ({"due": 13 * HOUR}, True),
        ({"severity": "critical"}, True),
        ({"severity": "info"}, False),
        ({"severity": "info", "hours": 13.0}, True),
        ({"cause": "STRIKE"}, True),
    ],
)
def test_an_update_is_said_only_when_enough_has_changed(change, is_said):
    board = Board()
    board.raised()
    board.raised(**{"hours": 1.0, **change})
    assert [one.status for one in board.said] == ["opened", "updated"][: 1 + is_said]


def test_small_changes_that_add_up_are_said_in_the_end():
    board = Board()
    for step in range(5):
        board.raised(hours=step, size=100.0 + 10 * step)
    assert [one.revision for one in board.said] == [1, 2]


def test_a_new_cause_is_named_and_losing_it_is_no_news():
    board = Board()
    board.raised(cause="STRIKE")
    board.raised(hours=1, cause="STORM")
    board.raised(hours=2, cause="")
    assert [one.cause for one in board.said] == ["STRIKE", "STORM"]


def test_a_severity_on_the_border_does_not_go_back_and_forth():
    board = Board()
    for step in range(20):
        board.raised(hours=step / 10, severity="critical" if step % 2 else "warning")
    assert [one.severity for one in board.said] == ["warning", "critical"]


@pytest.mark.parametrize("fields", [{"acknowledged": True}, {"snoozed_until": START + 99 * HOUR}])
def test_an_answered_alert_speaks_up_only_when_it_gets_more_severe(fields):
    board = Board()
    alert = board.raised()
    for name, value in fields.items():
        setattr(alert, name, value)
    board.raised(hours=1, size=900.0)
    board.raised(hours=20, severity="info")
    assert len(board.said) == 1
    board.raised(hours=21, severity="critical")
    assert board.said[-1].severity == "critical"


def test_a_snooze_ends_at_its_end():
    board = Board()
    board.raised().snoozed_until = START + 10 * HOUR
    board.raised(hours=9, size=900.0)
    board.raised(hours=11, size=900.0)
    assert [one.status for one in board.said] == ["opened", "updated"]


def test_a_snoozed_alert_speaks_at_its_time_though_nothing_has_changed_and_then_is_an_alert_like_any_other():
    board = Board()
    alert = board.raised()
    assert answer(board.alerts, alert.alert_id, START, START + 10 * HOUR)
    assert wakes_at(board.alerts, START) == START + 10 * HOUR
    for hours in (1, 9, 10, 11, 30):
        board.raised(hours=hours)
    assert [one.changed_at for one in board.said] == [utc(START), utc(START + 10 * HOUR)]
    assert board.said[-1].sentence == "The snooze is over, and it still holds: so it is"
    assert wakes_at(board.alerts, START) is None
    board.raised(hours=31, size=900.0)
    assert board.said[-1].sentence == "so it is"


def test_a_snooze_that_got_worse_meanwhile_ends_at_its_end_all_the_same():
    board = Board()
    alert = board.raised()
    answer(board.alerts, alert.alert_id, START, START + 10 * HOUR)
    board.raised(hours=1, severity="critical")
    board.raised(hours=2, severity="critical", size=900.0)
    board.raised(hours=10, severity="critical", size=900.0)
    assert [one.severity for one in board.said] == ["warning", "critical", "critical"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_of_several_answers_the_latest_counts_in_whatever_order_they_come(order):
    answers = [
        (START + HOUR, None),
        (START + 2 * HOUR, START + 20 * HOUR),
        (START + 3 * HOUR, START + 9 * HOUR),
    ]
    board = Board()
    alert = board.raised()
    for place in order:
        answer(board.alerts, alert.alert_id, *answers[place])
    assert (alert.acknowledged, alert.snoozed_until) == (False, START + 9 * HOUR)


def test_an_answer_to_an_alert_that_is_not_open_is_no_answer():
    board = Board()
    board.raised()
    assert not answer(board.alerts, "overstock:S/A:7", START, None)


@given(
    st.lists(st.tuples(st.floats(0.1, 5.0), st.booleans()), min_size=1, max_size=30),
    st.floats(0.5, 60.0),
)
def test_whatever_happens_a_snooze_never_outlasts_its_end_in_silence(steps, end):
    """At the first look after the end, the alert is either resolved or has spoken."""
    board = Board()
    answer(board.alerts, board.raised().alert_id, START, START + end * HOUR)
    hours = 0.0
    for wait, holds in [*steps, (60.0, True)]:
        hours += wait
        if holds:
            board.raised(hours=hours)
        else:
            board.settled(hours, calm_hours=3)
        if hours >= end and (holds or not board.alerts):
            break
    assert len(board.said) > 1
    assert board.said[1].changed_at >= utc(START + end * HOUR) or board.said[1].status == "resolved"


def test_it_is_resolved_only_when_calm_has_lasted():
    #   raised -- calm -- calm -- raised -- calm -- calm 24 h later
    board = Board()
    board.raised()
    assert not board.settled(1, calm_hours=24)
    assert not board.settled(20, calm_hours=24)
    board.raised(24)
    assert not board.settled(26, calm_hours=24)
    assert board.settled(50, calm_hours=24)
    assert [one.status for one in board.said] == ["opened", "resolved"]


def test_a_new_episode_has_a_new_name():
    board = Board()
    for hour in (0, 2):
        board.raised(hour)
        board.settled(hour + 1)
    assert [one.alert_id for one in board.said] == ["overstock:S/A:1"] * 2 + ["overstock:S/A:2"] * 2


def test_settling_what_is_not_open_says_nothing():
    board = Board()
    assert not board.settled()
    assert board.outbox == []


steps = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from(["info", "warning", "critical"]),
        st.floats(0, 1000),
        st.floats(0, 48),
    ),
    max_size=40,
)


@given(steps)
def test_every_life_begins_opened_ends_resolved_and_counts_its_revisions(drawn):
    board, hours = Board(), 0.0
    for is_raised, severity, size, later in drawn:
        hours += later
        if is_raised:
            board.raised(hours, severity, size)
        else:
            board.settled(hours)
    board.settled(hours)
    lives = {}
    for one in board.said:
        lives.setdefault(one.alert_id, []).append(one)
    for life in lives.values():
        statuses = [one.status for one in life]
        assert statuses == ["opened", *["updated"] * (len(life) - 2), "resolved"]
        assert [one.revision for one in life] == list(range(1, len(life) + 1))
    assert len({one.event_id for one in board.said}) == len(board.said)
