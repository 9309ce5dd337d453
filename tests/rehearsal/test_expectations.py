"""Expectations: what comes true, and what is told of what does not."""

import pytest

from andon.rehearsal.expectations import Expectation, Failure
from andon.schemas.alerts import Alert, Alternative
from andon.schemas.common import utc

BOOK = {
    "on_hand": 33,
    "counted_at": None,
    "forecast": {"level": 6.25},
    "lines": [{"shipment_id": "PO-1", "received": 25, "expected": 1772452800.0}],
    "alerts": [{"kind": "replenish", "acknowledged": True}],
}
NOON = "2026-03-02T12:00:00Z"


def alert(kind="replenish", status="opened", *, key="S/A", episode=1, day=20_000, **fields):
    return Alert(
        alert_id=f"{kind}:{key}:{episode}",
        event_id=f"{kind}:{episode}:{status}",
        kind=kind,
        status=status,
        severity="warning",
        revision=1,
        sentence=f"{kind} is {status}.",
        opened_at=utc(day * 86400),
        changed_at=utc(day * 86400),
        **fields,
    )


@pytest.mark.parametrize(
    "book",
    [
        {"on_hand": 33},
        {"on_hand": 33.0},
        {"on_hand": {"from": 33, "to": 33}},
        {"on_hand": {"from": 30}},
        {"on_hand": {"about": 30, "within": 3}},
        {"on_hand": {"not": 32}},
        {"on_hand": {"any_of": [32, 33]}},
        {"counted_at": None},
        {"forecast": {"level": {"from": 6, "to": 7}}},
        {"lines": {"PO-1": {"received": 25}}},
        {"lines": {"0": {"received": 25}}},
        {"lines": {"PO-1": {"expected": NOON}}},
        {"lines": {"PO-1": {"expected": {"about": "2026-03-02T09:00:00Z", "within": "3h"}}}},
        {"lines": {"PO-2": None}},
        {"alerts": {"replenish": {"acknowledged": True}}},
    ],
)
def test_a_book_is_as_expected(book):
    assert Expectation(expect="S/A", book=book).checked().failures(BOOK, []) == []


@pytest.mark.parametrize(
    ("book", "failure"),
    [
        ({"on_hand": 32}, ("book.on_hand", 32, 33)),
        ({"on_hand": {"from": 34}}, ("book.on_hand", {"from": 34}, 33)),
        ({"on_hand": {"to": 32}}, ("book.on_hand", {"to": 32}, 33)),
        ({"on_hand": {"not": 33}}, ("book.on_hand", {"not": 33}, 33)),
        ({"on_hand": {"any_of": []}}, ("book.on_hand", {"any_of": []}, 33)),
        ({"on_hand": None}, ("book.on_hand", None, 33)),
        ({"counted_at": 0}, ("book.counted_at", 0, None)),
        ({"counted_at": {"from": 0}}, ("book.counted_at", {"from": 0}, None)),
        ({"lines": []}, ("book.lines", [], BOOK["lines"])),
        ({"lines": {"PO-2": {"received": 1}}}, ("book.lines.PO-2", {"received": 1}, None)),
        ({"lines": {"PO-1": {"received": 1}}}, ("book.lines.PO-1.received", 1, 25)),
        ({"alerts": {"replenish": {"acknowledged": 1}}}, None),
        ({"on_hnad": 33}, ("book.on_hnad", 33, None)),
    ],
)
def test_what_is_not_so_is_told_with_what_was_found(book, failure):
    (found,) = Expectation(expect="S/A", book=book).checked().failures(BOOK, [])
    assert failure is None or found == Failure(*failure)


def test_a_book_may_be_expected_not_to_be():
    nothing = Expectation(expect="S/A", book=None).checked()
    assert nothing.failures(None, []) == []
    assert nothing.failures(BOOK, []) == [Failure("book", None, BOOK)]
    assert Expectation(expect="S/A", book={"on_hand": 1}).failures(None, []) == [
        Failure("book.on_hand", 1, None)
    ]


OPEN = [alert(order_quantity=12)]
WAYS = [alert(alternatives=(Alternative(kind="wait"), Alternative(kind="source", supplier="ACME")))]
CLOSED = [*OPEN, alert(status="resolved", day=20_001)]
AGAIN = [*CLOSED, alert(episode=2, order_quantity=30, day=20_002)]


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"open": ("replenish",)}, OPEN),
        ({"open": {"replenish": {"order_quantity": 12, "severity": "warning"}}}, OPEN),
        ({"open": {"replenish": {"order_quantity": {"from": 20}}}}, AGAIN),
        ({"open": {"replenish": {"stage": "live", "currency": None}}}, OPEN),
        ({"open": {"replenish": {"sentence": {"has": "is opened"}}}}, OPEN),
        ({"open": {"replenish": {"alternatives": {"ACME": {"kind": "source"}}}}}, WAYS),
        (
            {"open": {"replenish": {"alternatives": {"OTHER": None, "1": {"supplier": "ACME"}}}}},
            WAYS,
        ),
        ({"not_open": ("replenish",)}, CLOSED),
        ({"not_open": ("replenish",)}, [alert(key="S/B")]),
        ({"said": ("replenish",)}, CLOSED),
        ({"said": {"replenish": {"status": "resolved"}}}, AGAIN),
        ({"said": ("replenish",), "since": utc(20_002 * 86400)}, AGAIN),
        ({"never": ("stockout_risk",)}, AGAIN),
        ({"never": ("replenish",), "since": utc(20_003 * 86400)}, AGAIN),
    ],
)
def test_alerts_are_as_expected(expected, said):
    assert Expectation(expect="S/A", **expected).checked().failures(None, said) == []


@pytest.mark.parametrize(
    ("expected", "said", "failure"),
    [
        ({"open": ("replenish",)}, CLOSED, ("open replenish", "an alert", "none")),
        (
            {"open": {"replenish": {"order_quantity": 13}}},
            OPEN,
            ("open replenish.order_quantity", 13, 12),
        ),
        ({"not_open": ("replenish",)}, OPEN, ("not_open replenish", "no alert", "replenish is opened.")),
        ({"said": ("stockout_risk",)}, OPEN, ("said stockout_risk", "an alert", "none")),
        ({"never": ("replenish",)}, CLOSED, ("never replenish", "no alert", "replenish is resolved.")),
    ],
)  # fmt: skip
def test_alerts_that_are_not_as_expected_are_told(expected, said, failure):
    found = Expectation(expect="S/A", **expected).checked().failures(None, said)
    assert found == [Failure(*failure)]


def test_dead_letters_are_expected_by_their_reasons():
    letters = Expectation(expect="deadletters", reasons=("invalid",)).checked()
    assert letters.failures(None, [], ("invalid",)) == []
    assert letters.failures(None, [], ()) == [Failure("reasons", ("invalid",), ())]
