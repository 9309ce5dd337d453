"""Bills of material: what an item is made of, in its book, and told to every worker."""

import msgspec

from andon.agents.books import book_agent
from andon.agents.context import Context
from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.book import making
from andon.planning.book.book import BOMS, Book
from andon.planning.book.memory import Blocks
from andon.schemas.boms import Bom
from andon.schemas.common import encode, item_key
from andon.streams.engine import Apply


def bom_agent(context: Context) -> Apply:
    """Return what applies a batch of bills; a record without a value deletes one."""

    def hear(book: Book, bill: Bom | None, at: float, digest: bytes, blocks: Blocks) -> str:
        del digest, blocks
        known = None if book.production is None else book.production.bill
        outcome = making.hear_bill(book, bill, at)
        told = bill or known
        if outcome == making.APPLIED and told is not None:
            key = item_key(told.location, told.sku)
            body = b"" if bill is None else encode(bill)
            name = f"{key}:structure:{at:.3f}"
            book.outbox.append(
                OutboxMessage("structures", key, name, "andon.structure.changed", body, at)
            )
            # What is told to all comes back here, too, but later than this item is decided on.
            context.bills.learn(key.encode(), body or None)
        return outcome

    return book_agent(
        context,
        msgspec.json.Decoder(Bom),
        BOMS,
        hear,
        key_of=lambda bill: item_key(bill.location, bill.sku),
        identity=lambda _: "",
        always_reconsider=True,
        keeps_time=False,
        tombstones=True,
    )
