"""The six lessons: good answers pass, bad ones do not, and the world of a lesson is what its file says."""

import io
import json
from pathlib import Path

import pytest
from support.command import andon

from andon.rehearsal.lessons import LESSONS
from andon.rehearsal.shop import Shop, wanted
from andon.rehearsal.tour import WrongAnswer, understood

GOOD = ["200", "quick", "exceptional", "tea", "40", "critical"]
BAD = ["0", "wait", "usual", "rice", "100", "lean"]


def taken(lesson, answer):
    code, out, err = andon("tour", "--lesson", str(lesson), "--answer", answer, "--json")
    assert err == ""
    return code, json.loads(out)


@pytest.mark.parametrize(("lesson", "answer"), list(enumerate(GOOD, 1)))
def test_a_good_answer_passes(lesson, answer):
    code, result = taken(lesson, answer)
    assert (code, result["passed"]) == (0, True), result
    assert result["before"].keys() == result["after"].keys()
    assert result["before"] != result["after"]


@pytest.mark.parametrize(("lesson", "answer"), list(enumerate(BAD, 1)))
def test_a_bad_answer_does_not_and_the_remark_says_why(lesson, answer):
    code, result = taken(lesson, answer)
    assert (code, result["passed"]) == (1, False), result
    assert len(result["remark"]) > 40


@pytest.mark.parametrize(
    ("lesson", "answer"), [(1, "900"), (2, "again"), (5, "0"), (6, "balanced")]
)
def test_the_other_ways_to_be_wrong_do_not_pass(lesson, answer):
    assert taken(lesson, answer)[1]["passed"] is False


def test_the_prices_of_answers_are_told_in_figures():
    waiting, bridging = taken(2, "wait")[1]["after"], taken(2, "quick")[1]["after"]
    assert waiting["units short"] > 20 > bridging["units short"]
    small, large = taken(5, "40")[1]["after"], taken(5, "100")[1]["after"]
    assert large["thrown away"] > small["thrown away"]
    lean, balanced, critical = (
        taken(6, one)[1]["after"] for one in ("lean", "balanced", "critical")
    )
    keeping = "cost of keeping it, a year"
    assert lean[keeping] < balanced[keeping] < critical[keeping]
    assert lean["both"] > balanced["both"] > critical["both"]


def test_what_is_no_answer_is_told_with_what_may_be_answered():
    code, _, err = andon("tour", "--lesson", "2", "--answer", "pray")
    assert code == 1
    assert "wait, quick or again" in err
    for answer in ("-1", "many", "1e9", "9999999999"):
        with pytest.raises(WrongAnswer, match="whole number"):
            understood(LESSONS[0], answer)


def test_where_nobody_can_be_asked_it_is_said_what_to_give(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    code, _, err = andon("tour", "--lesson", "2")
    assert code == 1
    assert "--answer (wait, quick or again)" in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--json"], "asks nobody"), (["--answer", "1", "--answer", "2"], "2 answers for 6 lessons")],
)
def test_what_cannot_be_taken_is_told(arguments, says):
    code, _, err = andon("tour", *arguments)
    assert code == 1
    assert says in err


def test_the_learner_stands_in_what_a_trainer_reads():
    code, out, _ = andon(
        "tour", "--lesson", "3", "--answer", "exceptional", "--learner", "Kim", "--json"
    )
    assert code == 0
    assert json.loads(out)["learner"] == "Kim"


def test_the_lessons_are_listed():
    assert [row["lesson"] for row in json.loads(andon("tour", "--list", "--json")[1])] == [
        1,
        2,
        3,
        4,
        5,
        6,
    ]
    assert "waste" in andon("tour", "--list")[1]


def test_people_see_the_story_the_board_the_figures_and_the_remark():
    code, out, _ = andon("tour", "--lesson", "1", "--answer", "200")
    assert code == 0
    for part in (
        "Lesson 1. An order",
        "On the board:",
        "Order 2",
        "reorder point",
        "Good.",
        "1 of 1",
    ):
        assert part in out


def test_a_shop_loses_no_unit():
    shop = Shop()
    shop.stocks("fish", 25, daily=10, keeps_days=2)
    shop.orders("PO-1", 0, 2, {"fish": 30})
    shop.days(0, 6, {"fish": 10})
    sold = sum(
        told["event"]["quantity"] for told in map(json.loads, shop.lines) if told["family"] == "pos"
    )
    assert sold + shop.wasted["fish"] + shop.on_hand("fish") == 25 + 30
    assert sold + shop.short["fish"] == sum(wanted(day, 10) for day in range(7))
    assert shop.wasted["fish"] > 0 < shop.short["fish"]


def test_every_lesson_has_a_task_and_its_world_is_the_same_up_to_the_answer():
    assert len({lesson.name for lesson in LESSONS}) == len(LESSONS) == 6
    for lesson, answer in zip(LESSONS[:5], GOOD, strict=False):
        before, after = lesson.world(None).lines, lesson.world(answer).lines
        assert after[: len(before)] == before


def test_the_guide_shows_the_dial_as_the_lesson_reckons_it():
    page = (Path(__file__).parents[2] / "docs" / "guide" / "dial.md").read_text(encoding="utf-8")
    for answer in ("lean", "balanced", "critical"):
        after = taken(6, answer)[1]["after"]
        costs = ("cost of keeping it, a year", "cost of stops, a year", "both")
        figures = " | ".join(f"{after[name]:,.2f}".removesuffix(".00") for name in costs)
        assert f"| {answer} | {after['safety stock']} | {figures} |" in page
