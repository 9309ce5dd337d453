"""Every case beside this file, rehearsed: what is expected of it comes true."""

import asyncio
from pathlib import Path

import pytest

from andon.rehearsal.expectations import DEADLETTERS
from andon.rehearsal.rehearsal import Judged, Letter, rehearse
from andon.rehearsal.script import Expect, read
from andon.streams.settings import load_settings

CASES = sorted(Path(__file__).parent.glob("*.jsonl"))
#: Cases that Andon does not get right yet, and what is wrong. Whoever mends one takes it off this list.
WRONG: dict[str, str] = {}
#: After the dates of all cases.
NOW = 1_800_000_000.0


def outcomes(steps):
    """Return all that comes of playing these steps."""

    async def play():
        return [one async for one in rehearse(steps, load_settings(partitions=1), now=NOW)]

    return asyncio.run(play())


def told(judged):
    """Return what did not come true, a line each."""
    return [
        f"line {one.line}: {one.key} {what}: expected {expected}, found {found}"
        for one in judged
        for what, expected, found in one.failures
    ]


def marked(path):
    """Return a case as a parameter; one that is wrong has to fail."""
    reason = WRONG.get(path.stem)
    marks = () if reason is None else pytest.mark.xfail(reason=reason, strict=True)
    return pytest.param(path, id=path.stem, marks=marks)


@pytest.mark.parametrize("path", [marked(path) for path in CASES])
def test_what_is_expected_of_a_case_comes_true(path):
    steps = read(path.read_text(encoding="utf-8"), path.name)
    played = outcomes(steps)
    judged = [one for one in played if isinstance(one, Judged)]
    assert judged, "a case expects something"
    assert told(judged) == []
    if not any(isinstance(one, Expect) and one.expected.expect == DEADLETTERS for one in steps):
        assert [one for one in played if isinstance(one, Letter)] == []


def test_the_list_of_what_is_wrong_names_cases_that_there_are():
    assert set(WRONG) <= {path.stem for path in CASES}
