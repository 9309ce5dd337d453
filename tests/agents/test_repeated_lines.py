"""What a worker's successor publishes once more of shipments may come long after it was heard: it counts once."""

from dataclasses import dataclass

import pytest
from support.batches import Bench

from andon.agents.lines import line_agent
from andon.agents.tables import BOOKS
from andon.planning.book.receiving import MOST_DONE
from andon.schemas.common import encode, utc
from andon.schemas.shipments import LineUpdate

DAY = 86400.0
NOW = 20_000 * DAY


@dataclass
class Item:
    """An item's book that hears of its lines."""

    bench: Bench

    def hears(self, *updates):
        apply = line_agent(self.bench.context)
        for update in updates:
            self.bench.apply(
                apply, self.bench.record("andon.lines.v1", encode(update), timestamp=update.at)
            )

    @property
    def stands(self):
        book = self.bench.shard.tables[BOOKS]["S/A"]
        return book.on_hand, book.received, book.on_order


def line(number, version, **fields):
    at = NOW + 60.0 * number + version
    given = {
        "status": "ordered",
        "quantity": 5,
        "received": 0,
        "receipts": (),
        "occurred_at": utc(at),
        "expected_at": utc(NOW + 3 * DAY),
    }
    return LineUpdate(
        shipment_id=f"PO-{number}", version=version, location="S", sku="A", **given | fields
    )


def arrived(number, **fields):
    came = ((NOW + 60.0 * number + 2, 5),)
    given = {"status": "received", "received": 5, "receipts": came, "told": ()}
    return line(number, 2, **given | fields)


@pytest.mark.parametrize("since", [1, MOST_DONE, 3 * MOST_DONE, 12 * MOST_DONE])
def test_a_receipt_that_is_told_again_counts_once_however_many_came_since(since):
    item = Item(Bench())
    for number in range(since + 1):
        item.hears(line(number, 1), arrived(number))
    before = item.stands
    assert before == (5 * (since + 1), 5 * (since + 1), 0)
    item.hears(arrived(0))
    assert item.stands == before


def test_a_number_that_is_used_again_is_another_order():
    item = Item(Bench())
    item.hears(line(0, 1), arrived(0))
    later = NOW + DAY / 2
    item.hears(
        line(0, 1, begun=later, occurred_at=utc(later)),
        arrived(0, begun=later, occurred_at=utc(later + 60), receipts=((later + 60, 5),)),
    )
    assert item.stands == (10, 10, 0)
