import io
import json

import msgspec
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from andon.cli import main
from andon.cli.item import panel
from andon.cli.support.duration import duration
from andon.cli.support.scroll import Scroll
from andon.console.why import why
from andon.schemas.examples import EXAMPLES
from andon.streams.alert_feed import still_open, unrepeated

NOBODY = "127.0.0.1:9"
COMMANDS = [
    ["up"],
    ["worker"],
    ["simulate"],
    ["replay"],
    ["send"],
    ["alerts"],
    ["ack"],
    ["snooze"],
    ["order"],
    ["orders"],
    ["orders", "approve"],
    ["orders", "cancel"],
    ["orders", "confirm"],
    *(["connect", "out", form] for form in ("csv", "x12", "edifact", "webhook", "mail")),
    *(["sink", where] for where in ("alertmanager", "webhook", "mail")),
    ["reject"],
    ["console"],
    ["item"],
    ["forecast"],
    ["drill"],
    ["doctor"],
    ["forecaster"],
    ["topics", "create"],
    ["topics", "list"],
    ["topics", "check"],
    ["deadletters", "list"],
    ["deadletters", "show"],
    ["deadletters", "replay"],
    ["state", "repair"],
    ["schemas", "export"],
]


def andon(*arguments, **more):
    return CliRunner().invoke(main.app, list(arguments), **more)


@pytest.fixture
def told(capfd, tmp_path, monkeypatch):
    """Runs a command as from a shell; returns its exit code, its output and what it told the user."""
    monkeypatch.chdir(tmp_path)
    # --config goes into the environment; set and deleted, it is put back afterwards.
    monkeypatch.setenv("ANDON_CONFIG", "")
    monkeypatch.delenv("ANDON_CONFIG")
    monkeypatch.setenv("COLUMNS", "300")

    def run(*arguments):
        code = main.code_of(list(arguments))
        out, err = capfd.readouterr()
        return code, out, err

    return run


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_examples_and_the_connection_options(command):
    result = andon(*command, "--help", env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert result.exit_code == 0
    assert "Examples:" in result.output
    assert f"andon {' '.join(command)}" in result.output
    for option in ("--broker", "--prefix", "--config"):
        assert option in result.output


def test_the_version_is_said(told):
    code, out, _ = told("--version")
    assert code == 0
    assert out.startswith("andon ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--broker", NOBODY, "topics", "list"],
        ["worker", "--broker", NOBODY],
        ["send", "pos", '{"location":"l","sku":"s","quantity":1}', "--broker", NOBODY],
    ],
    ids=" ".join,
)
def test_a_missing_broker_is_one_line_that_says_what_to_do(told, arguments):
    code, _, err = told(*arguments)
    assert code == 1
    assert err.count("\n") == 1
    assert f"no Kafka broker answers at {NOBODY}" in err
    assert "andon up" in err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--prefix", "no good", "topics", "list"], "prefix"),
        (["topics", "list", "--broker", "nowhere"], "expected host:port"),
        (["topics", "list", "--config", "missing.toml"], "there is no file missing.toml"),
        (["replay", "missing.csv"], "cannot read missing.csv"),
        (["replay", "missing.csv", "--format", "excel"], "--format excel is unknown"),
        (["send", "replenishment", "{}"], "not yours to send"),
        (["send", "pos"], "nothing to send"),
        (["send", "pos", "{"], "event 1"),
        (["send", "pos", '{"sku":"s","quantity":1}'], "location"),
        (["send", "pos", '{"location":"l","sku":"s","quantity":-1}'], "$.quantity"),
        (["send", "pos", "--file", "missing.jsonl"], "missing.jsonl"),
        (
            ["send", "pos", "--strict", '{"location":"l","sku":"s","quantity":1,"till":4}'],
            "event 1: pos knows no field till",
        ),
        (["alerts", "--kind", "doom"], "--kind doom is unknown"),
        (["item", "no-slash"], "location/sku"),
        (["deadletters", "replay"], "say which"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_told_in_a_line_without_a_traceback(told, arguments, text):
    code, _, err = told(*arguments)
    assert code == 1
    assert err.count("\n") == 1
    assert err.startswith("andon: ")
    assert text in err


@pytest.mark.parametrize("arguments", [["nonsense"], ["up", "--for", "soon"], ["item"]])
def test_wrong_usage_has_exit_code_2(told, arguments):
    code, _, err = told(*arguments)
    assert code == 2
    assert "Traceback" not in err


def test_an_unforeseen_error_is_a_line_too(told, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("andon.cli.schemas.export", fail)
    code, _, err = told("schemas", "export")
    assert code == 70
    assert "internal error, ZeroDivisionError: a bug" in err
    assert err.count("\n") == 1


def test_item_without_a_worker_says_how_to_reach_one(told, monkeypatch):
    monkeypatch.setenv("ANDON_METRICS_PORT", "9")
    code, _, err = told("item", "store-3/TEA-01")
    assert code == 1
    assert "no worker answers at http://127.0.0.1:9" in err


def test_schemas_are_exported(told, tmp_path):
    code, out, _ = told("schemas", "export", "contract", "--prefix", "shop")
    assert code == 0
    document = json.loads((tmp_path / "contract" / "asyncapi.json").read_text())
    assert document["channels"]["pos"]["address"] == "shop.pos.v1"
    assert "asyncapi.json" in out


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60s", 60), ("5m", 300), ("1.5h", 5400), ("2d", 172_800), ("7", 7)],
)
def test_durations_are_read(text, seconds):
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "-5s", "5 weeks", "1e3"])
def test_nonsense_is_no_duration(text):
    with pytest.raises(typer.BadParameter, match="no duration"):
        duration(text)


def changed(alert, revision, status="updated", **more):
    return msgspec.structs.replace(
        alert,
        revision=revision,
        status=status,
        event_id=f"{alert.alert_id}:{revision}",
        **more,
    )


def test_open_alerts_are_those_whose_last_word_is_not_resolved():
    one = EXAMPLES["replenishment"]
    two = changed(one, 1, "opened", alert_id="replenish:store-3/TEA-01:2")
    said = [one, two, changed(one, 2), changed(one, 3, "resolved"), changed(one, 2)]
    assert still_open(said) == [two]


def test_a_repeat_is_shown_once():
    one = EXAMPLES["replenishment"]
    assert list(unrepeated([one, changed(one, 2), one])) == [one, changed(one, 2)]


def test_the_scroll_lets_through_what_can_be_read_and_counts_the_rest():
    order, risk = EXAMPLES["replenishment"], EXAMPLES["disruptions"]
    scroll = Scroll(everything=False)
    shown, left = scroll.choose([order] * 20 + [risk], 0.0)
    assert len(shown) == 8
    assert shown[-1] is risk
    assert left == 0
    assert scroll.choose([], 5.0) == ([], 13)
    assert scroll.choose([order], 5.1) == ([order], 0)


def test_a_disruption_s_begin_and_end_are_shown_when_there_is_time_for_nothing_else():
    order, risk = EXAMPLES["replenishment"], EXAMPLES["disruptions"]
    begin = msgspec.structs.replace(risk, kind="disruption", status="opened", severity="info")
    change, end = (msgspec.structs.replace(begin, status=one) for one in ("updated", "resolved"))
    scroll = Scroll(everything=False)
    assert len(scroll.choose([order] * 20, 0.0)[0]) == 8
    assert scroll.choose([risk, begin, order, change, end], 0.1)[0] == [begin, end]
    assert scroll.choose([risk, order], 0.4)[0] == [risk]


def test_the_scroll_shows_everything_when_asked():
    order = EXAMPLES["replenishment"]
    assert Scroll(everything=True).choose([order] * 50, 0.0) == ([order] * 50, 0)


BOOK = {
    "on_hand": 38,
    "on_order": 0,
    "reserved": 0,
    "backorders": 0,
    "inventory_position": 38,
    "item": {"description": "Earl Grey", "currency": "EUR", "service_class": "critical"},
    "targets": {
        "reorder_point": 81,
        "order_up_to": 178,
        "safety_stock": 9,
        "service_level": 0.99,
        "protection_days": 6.0,
        "protection_mean": 72.0,
        "protection_sd": 9.0,
        "cycle_days": 8.0,
        "insurance_cost": 4.95,
        "insured_cost": 120.0,
    },
    "forecast": {"level": 12.0, "days": 40, "wape": 0.31},
    "lines": [
        {
            "shipment_id": "PO-7001",
            "status": "ordered",
            "quantity": 144,
            "received": 44,
            "expected": 1.77e9,
            "supplier": "ACME",
            "reason": "drivers on strike",
        }
    ],
    "alerts": [
        {
            "alert_id": "replenish:store-3/TEA-01:1",
            "severity": "warning",
            "opened_at": 1.77e9,
            "acknowledged": True,
        }
    ],
}


def test_the_reorder_point_is_explained_by_its_numbers():
    text = why(BOOK)
    for part in (
        "reorder point is 81",
        "6.0 days",
        "99.0%",
        "class critical",
        "4.95 EUR",
        "12.0 a day",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("levels", "says", "never"),
    [
        ((81, 178, 9), ("point is 81:", "81 is enough", "adds what sells"), "one below"),
        ((80, 81, 9), ("one below what is enough", "81 is enough", "up to 81, which is"), "adds"),
    ],
)
def test_the_numbers_behind_an_order_add_up_as_they_are_told(levels, says, never):
    names = ("reorder_point", "order_up_to", "safety_stock")
    text = why({**BOOK, "targets": {**BOOK["targets"], **dict(zip(names, levels, strict=True))}})
    assert [part for part in says if part not in text] == []
    assert never not in text


@pytest.mark.parametrize(
    ("book", "text"),
    [
        ({**BOOK, "item": None}, "No planning master data"),
        ({**BOOK, "targets": None}, "No reorder point yet"),
    ],
)
def test_what_is_missing_for_a_reorder_point_is_said(book, text):
    assert text in why(book)


def test_lots_and_what_is_on_hold_are_shown():
    lots = [{"lot": "L-77", "units": 12, "expires_on": "2026-12-24"}]
    out = io.StringIO()
    Console(file=out, width=160).print(panel("S/A", {**BOOK, "lots": lots, "holds": {"": 3}}))
    assert [part for part in ("L-77", "2026-12-24", "(no lot)") if part not in out.getvalue()] == []


@pytest.mark.parametrize("book", [BOOK, {**BOOK, "item": None, "targets": None, "lines": []}])
def test_a_book_is_shown_whole(book):
    out = io.StringIO()
    Console(file=out, width=160).print(panel("store-3/TEA-01", book))
    assert "store-3/TEA-01" in out.getvalue()
    assert "PO-7001" in out.getvalue() or not book["lines"]
