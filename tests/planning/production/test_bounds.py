"""Whatever a bill says, what comes of it is finite, is worked out in time, and fits into a record."""

import math
import time

import pytest
from support.mrp import WHERE, bill

from andon.planning.book.book import Book
from andon.planning.book.making import MOST_AT_ONCE, TOO_MUCH, hear_requirement
from andon.planning.book.memory import NO_BLOCKS, since
from andon.planning.book.movements import move
from andon.planning.production.explosion import MOST_TOLD, needed, usages, whole
from andon.planning.production.line import TOO_MUCH as TOO_MUCH_MADE
from andon.planning.production.line import ProductionLine, hear
from andon.schemas.boms import Bom, Component
from andon.schemas.common import MOST_UNITS, decode, encode, utc
from andon.schemas.production import ProductionEvent, Requirement
from andon.schemas.shipments import LineUpdate


def requirement(used, version):
    return LineUpdate(
        shipment_id="Z",
        version=version,
        location=WHERE,
        sku="A",
        occurred_at=utc(100.0),
        status="ordered",
        quantity=0,
        received=0,
        expected_at=utc(100.0),
        required=Requirement(of="Z", used=used),
    )


@pytest.mark.parametrize("change", [0, 7, 2**31 - 1, -(2**31), 2**31, -(10**11), 10**11 + 1])
def test_a_movement_of_any_size_is_remembered(change):
    book = Book()
    move(book, b"12345678", 5.0, change)
    assert book.on_hand == change
    assert since(book, NO_BLOCKS, 1.0) == change


@pytest.mark.parametrize("most", [2.0**31, 2.5e9, float(MOST_AT_ONCE)])
def test_what_can_be_used_at_once_is_taken_off(most):
    book = Book()
    assert hear_requirement(book, requirement(most, 1), 100.0, b"12345678") == "applied"
    assert book.on_hand == -most


@pytest.mark.parametrize("absurd", [MOST_AT_ONCE + 1.0, 1e18, 1e300])
def test_what_nobody_can_use_at_once_is_refused_and_the_rest_goes_on(absurd):
    book = Book()
    assert hear_requirement(book, requirement(absurd, 1), 100.0, b"12345678") == TOO_MUCH
    assert book.on_hand == 0
    used = min(absurd, MOST_TOLD) + 5.0
    hear_requirement(book, requirement(used, 2), 100.0, b"87654321")
    assert book.on_hand in (-5, 0), "more than can be told is not told apart"
    assert hear_requirement(book, requirement(3.0, 3), 100.0, b"8765432a") == TOO_MUCH
    assert math.isfinite(book.on_hand)


@pytest.mark.parametrize("levels", [1, 2, 5, 40, 64])
@pytest.mark.parametrize(
    ("quantity", "scrap", "yield_share"),
    [(1e9, 0.0, 1.0), (9e7, 10.0, 1.0), (1e3, 0.0, 1e-6), (5e-324, 10.0, 1e-6), (1.0, 0.9999, 0.5)],
)
def test_what_multiplies_through_levels_is_finite(levels, quantity, scrap, yield_share):
    fields = {"scrap": scrap, "phantom": True}
    bills = {
        f"{WHERE}/P{level}": bill(
            f"P{level}", [(f"P{level + 1}", quantity, fields)], yield_share=yield_share
        )
        for level in range(levels)
    }
    (one,) = usages(bills[f"{WHERE}/P0"], bills.get)
    assert one.sku == f"P{levels}"
    assert 0 <= one.takes <= MOST_UNITS
    found = needed({0: 1e9, 1: 1e300}, lambda _: [one], yield_share)
    assert all(0 <= units <= MOST_TOLD for units in found[one.sku].values())
    assert whole(max(found[one.sku].values())) < 2**63


@pytest.mark.parametrize(
    ("quantity", "scrap", "yield_share", "says"),
    [
        (1e9, 1.0, 1.0, "more than 1,000,000,000 of A"),
        (1e9, 0.0, 0.5, "more than 1,000,000,000 of A"),
        (1.0, 0.0, 1e-300, "yield_share"),
    ],
)
def test_a_bill_of_which_one_unit_takes_more_than_anything_speaks_of_is_refused(
    quantity, scrap, yield_share, says
):
    with pytest.raises(ValueError, match=says):
        Bom(
            location=WHERE,
            sku="Z",
            updated_at=utc(0.0),
            components=(Component(sku="A", quantity=quantity, scrap=scrap),),
            yield_share=yield_share,
        )
    assert decode(encode(bill("Z", [("A", 1e9)])), Bom).components[0].quantity == 1e9


@pytest.mark.parametrize("offsets", [(0, 0), (0, 1), (-0.5, 0.25)])
@pytest.mark.parametrize("levels", [3, 14, 25, 60])
def test_bills_that_name_the_next_twice_do_not_explode(levels, offsets):
    bills = {
        f"{WHERE}/P{level}": bill(
            f"P{level}",
            [
                (f"P{level + 1}", 1.0, {"phantom": True, "offset_days": offset * 2.0**-level})
                for offset in offsets
            ],
        )
        for level in range(levels)
    }
    begin = time.perf_counter()
    found = usages(bills[f"{WHERE}/P0"], bills.get)
    assert time.perf_counter() - begin < 0.5
    assert len(found) <= 64
    total = sum(one.takes for one in found)
    if levels < 30:
        assert total == pytest.approx(2.0**levels, rel=1e-9)
    assert total <= len(found) * MOST_UNITS


def test_wide_bills_of_wide_phantoms_come_to_a_bounded_number_of_parts():
    kits = [f"K{number}" for number in range(300)]
    bills = {f"{WHERE}/{kit}": bill(kit, [(f"{kit}-{i}", 1) for i in range(300)]) for kit in kits}
    found = usages(bill("Z", [(kit, 1, {"phantom": True}) for kit in kits]), bills.get)
    assert len(found) <= 2500
    assert "K299" in {one.sku for one in found}, "a phantom for which there is no room stays a part"


def test_a_part_named_twice_is_one_part():
    (one,) = usages(bill("Z", [("A", 2), ("A", 3, {"scrap": 1.0})]))
    assert one.takes == 8.0


def test_no_more_is_made_of_an_order_than_an_event_can_say():
    line = ProductionLine()

    def made(number, **fields):
        event = ProductionEvent(
            event_id=f"e{number}",
            occurred_at=utc(number),
            order_id="P",
            location=WHERE,
            line="L1",
            sku="Z",
            status="made",
            **fields,
        )
        return hear(line, event, float(number), b"%08d" % number)

    assert made(1, quantity=MOST_UNITS, scrapped=5) == "applied"
    assert made(2, quantity=1) == TOO_MUCH_MADE
    assert line.orders["P"].made == MOST_UNITS
