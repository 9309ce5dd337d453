"""`andon rehearse`: what is printed, and the exit code."""

import json

from support.command import andon

ITEM = (
    '{"family": "items", "event": {"location": "S", "sku": "A", "updated_at": "2026-03-01T00:00:00Z",'
    ' "sources": [{"supplier": "ACME", "lead_time_days": 5}], "expected_daily_demand": 10}}'
)
COUNT = (
    '{"family": "stock", "event": {"occurred_at": "2026-03-02T06:00:00Z", "location": "S", "sku": "A",'
    ' "kind": "count", "quantity": 10}}'
)
RIGHT = '{"expect": "S/A", "book": {"on_hand": 10}, "open": ["replenish"]}'
WRONG = '{"expect": "S/A", "book": {"on_hand": 11}, "note": "eleven were counted"}'
BAD = '{"family": "pos", "event": {"quantity": "[red]two"}}'


def rehearsed(tmp_path, *lines, options=()):
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    return andon("rehearse", str(file), *options)


def test_alerts_books_and_expectations_are_printed_for_people(tmp_path):
    code, out, err = rehearsed(
        tmp_path, ITEM, COUNT, '{"show": ["S/A", "S/B"], "note": "now"}', RIGHT
    )
    assert (code, err) == (0, "")
    assert "2026-03-02 06:00 ● Order " in out
    assert "line 3: now" in out
    assert "nothing is known of S/B" in out
    assert "1 of 1 expectations hold." in out


def test_what_does_not_come_true_is_printed_with_what_was_found_and_fails(tmp_path):
    code, out, _ = rehearsed(tmp_path, ITEM, COUNT, RIGHT, WRONG)
    assert code == 1
    assert "line 4: S/A book.on_hand: expected 11, found 10 (eleven were counted)" in out
    assert "1 of 2 expectations hold." in out


def test_a_dead_letter_is_printed_and_is_no_failure(tmp_path):
    code, out, _ = rehearsed(tmp_path, ITEM, BAD)
    assert code == 0
    assert "line 2: dead letter, invalid: " in out
    assert "[red]two" in out


def test_scripts_get_a_json_object_a_line(tmp_path):
    lines = ITEM, COUNT, BAD, '{"show": ["S/A"]}', WRONG
    code, out, _ = rehearsed(tmp_path, *lines, options=["--json"])
    first, *_, letter, book, judged = map(json.loads, out.splitlines())
    assert code == 1
    assert (first["line"], first["family"], first["alert"]["status"]) == (
        2,
        "replenishment",
        "opened",
    )
    assert letter["deadletter"]["reason"] == "invalid"
    assert book["book"]["on_hand"] == 10
    failure = {"what": "book.on_hand", "expected": 11, "found": 10}
    assert (judged["holds"], judged["failures"]) == (False, [failure])


def test_bare_events_are_of_the_family_that_is_named(tmp_path):
    event = json.dumps(json.loads(COUNT)["event"])
    code, out, _ = rehearsed(tmp_path, event, options=["--family", "stock", "--json"])
    assert (code, out) == (0, "")


def test_a_wrong_line_is_told_with_its_number(tmp_path):
    code, _, err = rehearsed(tmp_path, ITEM, "{")
    assert code == 1
    assert "events.jsonl line 2: " in err


def test_a_file_that_is_not_there_or_empty_is_told(tmp_path):
    assert "cannot read" in andon("rehearse", str(tmp_path / "none"))[2]
    assert "nothing to rehearse" in rehearsed(tmp_path, "# nothing")[2]
