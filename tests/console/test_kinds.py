"""Every kind of alert has its place: a group and words in the console, and a line of docs/disruptions.md that says what it means."""

import re
from pathlib import Path
from typing import get_args

import pytest

from andon.console.rows import TILES
from andon.schemas.alerts import AlertKind

ROOT = Path(__file__).parents[2]
KINDS = get_args(AlertKind)
WORDS = (ROOT / "console" / "static" / "words.js").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "disruptions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_alert_is_in_one_group_of_the_queue(kind):
    assert sum(kind in kinds for _, kinds in TILES.values()) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_console_has_words_for_a_kind_of_alert(kind):
    named = WORDS.partition("const KINDS = {")[2].partition("};")[0]
    assert re.search(rf"\b{kind}: \"", named)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_alert_is_told_in_the_table_of_alerts(kind):
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert any(f"`{kind}`" in row.split("|")[1] for row in rows)


def test_no_group_has_a_kind_that_is_none():
    assert set().union(*(kinds for _, kinds in TILES.values())) <= set(KINDS)
