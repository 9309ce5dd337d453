"""What a book remembers beside itself: its blocks, as records of state of their own."""

from andon.agents.tables import MEMORIES, block_key
from andon.planning.book.memory import Block
from andon.streams.state import Shard


class ShardBlocks:
    """The blocks of one book of a shard."""

    __slots__ = ("_key", "_shard")

    def __init__(self, shard: Shard, key: str) -> None:
        self._shard = shard
        self._key = key

    def get(self, number: int) -> Block | None:
        """Return a block to look at; None if there is none."""
        found: Block | None = self._shard.tables[MEMORIES].get(block_key(self._key, number))
        return found

    def change(self, number: int) -> Block:
        """Return a block that is about to be changed, made anew if there is none."""
        key = block_key(self._key, number)
        block: Block = self._shard.get(MEMORIES, key)
        self._shard.dirty[MEMORIES].add(key)
        return block

    def drop(self, number: int) -> None:
        """Forget a block."""
        self._shard.delete(MEMORIES, block_key(self._key, number))
