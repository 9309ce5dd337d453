"""Watches that the topics stay what they were when the worker started: none deleted, made anew or partitioned otherwise.

Kafka's clients would not say: a deleted topic is only silent, and one that was made anew begins at offset 0 again, where
every record of state takes what it reads for applied.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from andon.streams.admin import BrokerUnavailable, TopicAdmin, TopicError
from andon.streams.errors import UserError
from andon.streams.settings import Settings

logger = logging.getLogger(__name__)

#: Between two looks; a change must be seen twice, since a broker that has just started may not know of all topics yet.
_EVERY_SECONDS = 4.0


class TopicsChanged(UserError, RuntimeError):
    """A topic is no longer what it was; the text says which, and that nothing more was written."""


class TopicShape(NamedTuple):
    """What must not change of a topic: its number of partitions, and its id where the broker gives one."""

    partitions: int
    id: str | None


def changes(before: Mapping[str, TopicShape], now: Mapping[str, TopicShape]) -> list[str]:
    """Return what happened to the topics of `before`, a sentence each; nothing is a good answer."""
    found = []
    for name, was in sorted(before.items()):
        shape = now.get(name)
        if shape is None:
            found.append(f"topic {name} was deleted")
        elif shape.partitions != was.partitions:
            found.append(
                f"topic {name} has {shape.partitions} partitions now, not {was.partitions}"
            )
        elif shape.id != was.id and None not in (shape.id, was.id):
            found.append(f"topic {name} was deleted and made anew")
    return found


def shapes(settings: Settings) -> dict[str, TopicShape]:
    """Return this prefix's topics as they are now.

    Raises:
        BrokerUnavailable: no broker answers.
        TopicError: the broker refuses to say.
    """
    with TopicAdmin(settings) as admin:
        return {name: TopicShape(*shape) for name, shape in admin.shapes().items()}


async def watch_topics(
    settings: Settings, before: Mapping[str, TopicShape], rest: Callable[[float], Awaitable[None]]
) -> None:
    """Look at the topics again and again.

    Args:
        settings: the broker and the prefix.
        before: the topics as they must stay.
        rest: waits for so many seconds.

    Raises:
        TopicsChanged: one is no longer what it was.
    """
    seen: list[str] = []
    while True:
        await rest(_EVERY_SECONDS)
        try:
            now = await asyncio.to_thread(shapes, settings)
        except (BrokerUnavailable, TopicError) as error:
            logger.debug("the topics were not looked at: %s", error)
            continue
        found = changes(before, now)
        if found and found == seen:
            msg = (
                f"{'; '.join(found)}, while the worker ran. Nothing more was written or committed. The books know "
                "the offsets of the topics as they were: restore these, or begin anew under another ANDON_PREFIX."
            )
            raise TopicsChanged(msg)
        seen = found
