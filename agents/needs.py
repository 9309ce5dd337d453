"""Needs: what the locations that are fed from one need of it, in the book of its item."""

from collections.abc import Callable

import msgspec

from andon.agents.books import book_agent
from andon.agents.context import Context
from andon.agents.supply import NetworkSupply
from andon.planning.book import feeding
from andon.planning.book.book import NEEDS, Book
from andon.planning.book.memory import Blocks
from andon.planning.network.state import below
from andon.schemas.needs import Need
from andon.streams.engine import Apply

#: A need that moves by more than this share is looked at at once.
_MATERIAL = 0.1


def _judge(supply: NetworkSupply, book: Book, need: Need, now: float) -> Callable[[], bool]:
    """Tell whether a need must be looked at at once: it is one of another kind, or brings the whole to its reorder point."""
    del supply, now
    known = None if book.network is None else book.network.fed.get(need.location)
    before = None if known is None or not known.counts else (known.daily, known.level, known.target)

    def matters() -> bool:
        network = book.network
        after = None if network is None else network.fed.get(need.location)
        if network is None or after is None or (before is None) == after.counts:
            return True
        if not after.counts or before is None:
            return False
        daily, level, target = before
        return (
            book.inventory_position + below(network) <= network.wake
            or after.level != level
            or abs(after.daily - daily) > _MATERIAL * daily
            or abs(after.target - target) > _MATERIAL * max(target, 1)
        )

    return matters


def _hear(book: Book, need: Need, at: float, digest: bytes, blocks: Blocks) -> str:
    del digest, blocks
    return feeding.hear_need(book, need, at)


def need_agent(context: Context) -> Apply:
    """Return what applies a batch of needs."""
    return book_agent(
        context,
        msgspec.json.Decoder(Need),
        NEEDS,
        _hear,
        key_of=feeding.key_of,
        identity=lambda _: "",
        always_reconsider=True,
        keeps_time=False,
        judge=_judge,
    )
