"""Kanban: keeps the cards of each loop, asks for containers to be filled, and advises on the number of cards."""

from typing import Final

from xxhash import xxh3_64_digest

from andon.agents.books import zone_of_key
from andon.agents.context import Context
from andon.agents.keyed import News, keyed_agent
from andon.agents.tables import LOOPS
from andon.planning.alerting.alerts import wakes_at
from andon.planning.production.loop_alerts import look_at_loop
from andon.planning.production.loops import TOO_MANY, KanbanLoop, hear_card, set_loop
from andon.schemas.common import item_key
from andon.schemas.kanban import MOST_CARDS, CardEvent, Loop
from andon.streams.engine import Apply
from andon.streams.state import Shard

_TOO_MANY_CARDS: Final = f"has {MOST_CARDS:,} cards already: say which are lost"


def loop_agent(context: Context) -> Apply:
    """Return what applies a batch of loops; a record without a value deletes one."""

    def act(state: KanbanLoop, news: News) -> tuple[str, str | None]:
        return _done(state, news, set_loop(state, news.event, news.at))

    return keyed_agent(context, Loop, "loops", LOOPS, act, key_of=_key_of, tombstones=True)


def card_agent(context: Context) -> Apply:
    """Return what applies a batch of news of cards."""

    def act(state: KanbanLoop, news: News) -> tuple[str, str | None]:
        digest = xxh3_64_digest(news.event.event_id.encode())
        zone = zone_of_key(news.shard, news.key)
        return _done(state, news, hear_card(state, news.event, news.at, digest, zone))

    return keyed_agent(context, CardEvent, "cards", LOOPS, act, key_of=_key_of)


def _key_of(event: Loop | CardEvent) -> str:
    return item_key(event.location, event.sku)


def _done(state: KanbanLoop, news: News, outcome: str) -> tuple[str, str | None]:
    look_at(news.shard, news.key, state, news.now)
    refused = f"{news.key} {_TOO_MANY_CARDS}"
    return outcome, refused if outcome == TOO_MANY else None


def look_at(shard: Shard, key: str, state: KanbanLoop, now: float) -> None:
    """Say what there is to say of a loop (`now` in seconds since 1970)."""
    look_at_loop(state, key, now, zone_of_key(shard, key))
    shard.appoint(LOOPS, key, wakes_at(state.alerts, now))
