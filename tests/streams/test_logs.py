"""Logs: one line each, for people or machines, never one an event, never a secret."""

import json
import logging
import os
import subprocess
import sys

import pytest
from support.batches import Bench

from andon.agents.sales import sale_agent
from andon.schemas.common import encode, utc
from andon.schemas.pos import Sale
from andon.streams.logs import JsonFormatter, Sparing

DAY = 86400.0
NOW = 20_000 * DAY
PROGRAM = """
import logging
from andon.streams.logs import set_up_logs
from andon.streams.settings import load_settings
set_up_logs(load_settings())
logging.getLogger("andon").debug("small")
logging.getLogger("andon").info("of note: %s", "ü")
try:
    1 / 0
except ArithmeticError:
    logging.getLogger("andon").exception("wrong")
logging.getLogger("aiokafka").warning("chatter")
"""


def lines(**environment):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr.splitlines()


def test_json_lines_have_time_level_logger_message_and_the_traceback():
    note, wrong = map(json.loads, lines(ANDON_LOG_FORMAT="json", ANDON_LOG_LEVEL="info"))
    assert (note["level"], note["logger"], note["message"]) == ("info", "andon", "of note: ü")
    assert note["time"].endswith("+00:00")
    assert "ZeroDivisionError" in wrong["exception"]


@pytest.mark.parametrize(
    ("level", "words"),
    [
        ("debug", {"small", "of note", "wrong", "chatter"}),
        ("info", {"of note", "wrong"}),
        ("error", {"wrong"}),
    ],
)
def test_the_level_says_what_is_logged(level, words):
    text = "\n".join(lines(ANDON_LOG_LEVEL=level))
    assert {word for word in ("small", "of note", "wrong", "chatter") if word in text} == words


def test_what_fails_with_every_event_is_told_some_times_a_minute():
    clock = iter([*range(100), 200, 201])
    sparing = Sparing(3, lambda: float(next(clock)))
    records = [
        logging.LogRecord("andon", logging.ERROR, "", 0, "%s failed", (number,), None)
        for number in range(62)
    ]
    passed = [record.getMessage() for record in records if sparing.filter(record)]
    assert passed == [
        "0 failed",
        "1 failed",
        "2 failed",
        "60 failed (57 more like this were left out)",
        "61 failed",
    ]


def test_an_event_is_no_line_not_even_for_those_who_debug(caplog):
    bench = Bench()
    agent = sale_agent(bench.context)
    with caplog.at_level(logging.DEBUG):
        for number in range(50):
            at = NOW + number
            sale = Sale(
                event_id=f"e{number}", occurred_at=utc(at), location="S", sku="A", quantity=1
            )
            bench.apply(agent, bench.record("andon.pos.v1", encode(sale), timestamp=at))
            bench.apply(agent, bench.record("andon.pos.v1", b"no JSON", timestamp=at))
    assert caplog.records == []


def test_a_line_stays_one_line():
    record = logging.LogRecord("andon", logging.INFO, "", 0, "two\nlines", (), None)
    assert "\n" not in JsonFormatter().format(record)
