"""A view of a small compacted topic that every worker reads whole, such as the suppliers' scorecards.

What a view holds is at most as old as the topic's delivery: milliseconds behind its writer while running. It is not part
of the state that checkpoints make exact; decisions use it as a parameter, never as a count.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import msgspec
from mode import Service

from andon.streams.reader import read_whole

logger = logging.getLogger(__name__)


class TopicView(Service):
    """Keeps the newest value of every key of a topic by calling `learn(key, value)`; a deletion brings None.

    `refuse` hears of each record that cannot be read, and `have_read` that all was read that was there at the start.
    """

    def __init__(
        self,
        topic: str,
        consumer_options: dict[str, Any],
        learn: Callable[[bytes, bytes | None], None],
        refuse: Callable[[], object] = lambda: None,
        have_read: Callable[[], object] = lambda: None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.topic = topic
        self._consumer_options = consumer_options
        self._learn = learn
        self._refuse = refuse
        self._have_read = have_read
        self.caught_up = asyncio.Event()

    def take(self, key: bytes | None, value: bytes | None) -> None:
        """Learn from a record; one that cannot be read is passed over, and told: the topic is compacted, and every start would meet it."""
        if key is None:
            return
        try:
            self._learn(key, value)
        except (msgspec.MsgspecError, ValueError) as error:
            self._refuse()
            logger.warning("%s: the record of %r is passed over: %s", self.topic, key, error)

    @Service.task
    async def _read(self) -> None:
        await read_whole(
            [self.topic],
            self._consumer_options,
            lambda record: self.take(record.key, record.value),
            self._all_was_read,
            stopped=lambda: self.should_stop,
        )

    def _all_was_read(self) -> None:
        self.caught_up.set()
        self._have_read()
