"""Reading a file to rehearse: what each line asks for, and what is said of a wrong one."""

import json

import pytest

from andon.rehearsal.script import Expect, Send, Show, Wait, read
from andon.streams.errors import UserError

SALE = {"location": "S", "sku": "A", "quantity": 2}
NOON = "2026-03-02T12:00:00Z"


def line(**fields):
    return json.dumps(fields)


def one(text, **options):
    (step,) = read(text, "file", **options)
    return step


def test_comments_and_blank_lines_say_nothing():
    assert read("# a comment\n\n   \n  # another", "file") == []


def test_an_event_is_sent_as_it_is_under_the_key_it_should_have():
    event = {"event_id": "e1", "occurred_at": NOON, **SALE, "unknown": 12345678901234567890123}
    step = one(line(family="pos", event=event))
    assert step.key == b"S/A"
    assert json.loads(step.value) == event
    assert step.at == 1772452800.0


def test_what_an_event_leaves_out_comes_from_its_line_and_the_event_before():
    sale = line(family="pos", event=SALE)
    dated = line(family="pos", event={**SALE, "occurred_at": NOON})
    text = f"{sale}\n{dated}\n{sale}"
    steps = read(text, "file")
    assert [json.loads(step.value)["event_id"] for step in steps] == ["line-1", "line-2", "line-3"]
    assert {step.at for step in steps} == {1772452800.0}


def test_lines_for_send_are_events_of_a_family_that_is_named_once():
    step = one(line(occurred_at=NOON, **SALE), family="pos")
    assert (step.family, step.key) == ("pos", b"S/A")


def test_what_fits_no_schema_is_sent_all_the_same_for_it_will_be_a_dead_letter():
    step = one(line(family="pos", event={**SALE, "quantity": "two"}))
    assert (step.key, step.at) == (None, None)
    assert json.loads(step.value)["quantity"] == "two"
    assert one(line(family="pos", event=[1])).value == b"[1]"
    assert one(line(family="pos", text="{", key="S/A")) == Send(1, "pos", b"S/A", b"{", None)


def test_a_removal_is_a_key_without_an_event():
    assert one(line(family="items", key="S/A", event=None)) == Send(1, "items", b"S/A", None, None)


def test_books_are_shown_time_passes_and_barriers_are_nothing():
    text = "\n".join([line(show=["S/A"], note="n"), line(time=NOON), line(sleep="barrier")])
    assert read(text, "file") == [Show(1, ("S/A",), "n"), Wait(2, 1772452800.0, "")]


def test_an_expectation_is_read():
    step = one(line(expect="S/A", book={"on_hand": 1}))
    assert isinstance(step, Expect)
    assert step.expected.book == {"on_hand": 1}


def test_alike_events_are_so_many_seconds_apart():
    pattern = {"family": "pos", "template": SALE, "prefix": "t", "start": NOON}
    steps = read(line(generate={**pattern, "count": 3, "every_seconds": 60}), "file")
    assert [step.at - steps[0].at for step in steps] == [0, 60, 120]
    assert [json.loads(step.value)["event_id"] for step in steps] == ["t1", "t2", "t3"]


def test_alike_events_are_at_the_hours_of_some_days():
    pattern = {"family": "pos", "template": SALE, "prefix": "t", "start": "2026-03-02T00:00:00Z"}
    days = {"days": 7, "hours_utc": [9, 17.5], "skip_weekdays_utc": [5, 6]}
    steps = read(line(generate={**pattern, **days}), "file")
    assert len(steps) == 10
    assert steps[1].at - steps[0].at == 8.5 * 3600


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "truncated"),
        ("[1]", "expected a JSON object"),
        (line(**SALE), "an event of which family?"),
        (line(family="pos"), "`event` or `text` is missing"),
        (line(family="sales", event=SALE), "family sales is unknown"),
        (line(family="lines", event=SALE), "family lines is unknown"),
        (line(family="pos", event=SALE, at=NOON), "unknown field `at`"),
        (line(family="items", event=None), "needs a `key`"),
        (line(show="S/A"), "Expected `array`"),
        (line(time="2026-03-02T12:00:00"), "needs an offset"),
        (line(sleep="long"), "Invalid enum value"),
        (line(generate={"family": "pos"}), "missing required field"),
        (
            line(generate={"family": "pos", "template": {}, "start": NOON, "prefix": "t"}),
            "generate makes 0 events",
        ),
        (
            line(
                generate={"family": "x", "template": {}, "start": NOON, "prefix": "t", "count": 1}
            ),
            "family x is unknown",
        ),
        (line(expect="S/A"), "nothing is expected"),
        (line(expect="S/A", open=["hunger"]), "no kind of alert 'hunger'"),
        (line(expect="S/A", open={"replenish": {"size": 1}}), "no field 'size'"),
        (line(expect="S/A", book={"on_hand": {"from": 1, "most": 2}}), "no 'most'"),
        (line(expect="S/A", book={"on_hand": {"about": 1}}), "go together"),
        (line(expect="S/A", book={"on_hand": {"from": "soon"}}), "expected a number"),
        (line(expect="S/A", said=["replenish"], since="2026-03-02"), "Invalid RFC3339"),
        (line(expect="S/A", reasons=[]), "`reasons` are expected of deadletters"),
        (line(expect="deadletters"), "`reasons` are expected of deadletters"),
    ],
)
def test_a_wrong_line_is_told_with_its_number(text, told):
    with pytest.raises(UserError, match="file line 2: ") as raised:
        read("# comment\n" + text, "file")
    assert told in str(raised.value)


def test_an_unknown_family_of_bare_lines_is_told():
    with pytest.raises(UserError, match="family sales is unknown"):
        read("", "file", family="sales")
