"""Appointments: records of state that time alone makes say something, such as an alert whose snooze ends.

The clock is the partition's own event time. When each is due is kept beside the state (`Shard.appointments`) and read off
it when a worker starts.
"""

from typing import Final

from andon.agents.books import reconsider, zone_of_key
from andon.agents.context import Context
from andon.agents.shipments import delay_multiplier_of
from andon.agents.tables import (
    BOOKS,
    INCIDENTS,
    LOOPS,
    PARTITION_STATE,
    PARTITIONS,
    PRODUCTION,
    SCORECARDS,
    SHIPMENTS,
)
from andon.planning.production.line_stop import line_stop as say_line_again
from andon.planning.production.loop_alerts import look_at_loop
from andon.planning.supply import shipment as shipments
from andon.planning.supply.incident import say_again as say_incident_again
from andon.planning.supply.partition import Partition
from andon.planning.supply.scorecard import say_again as say_slipping_again
from andon.streams.state import Shard

#: So many are kept in one go; a decision takes about a millisecond.
_MOST_AT_ONCE: Final = 200


def keep_appointments(shard: Shard, context: Context) -> int:
    """Look at the records whose time has come, the earliest first, and return how many."""
    now = shard.get(PARTITIONS, PARTITION_STATE).watermark
    places = [place for place, at in shard.appointments.items() if at <= now]
    places.sort(key=shard.appointments.__getitem__)
    for table, key in places[:_MOST_AT_ONCE]:
        del shard.appointments[table, key]
        if key in shard.tables[table]:
            _look_at(shard, context, table, key)
            shard.touch(table, key)
    return len(places[:_MOST_AT_ONCE])


def _look_at(shard: Shard, context: Context, table: str, key: str) -> None:
    here: Partition = shard.get(PARTITIONS, PARTITION_STATE)
    if table == BOOKS:
        book = shard.tables[BOOKS][key]
        if book.item is not None:
            supply = context.supply(here.disruptions, shard)
            reconsider(book, key, here.watermark, supply, context, 0, shard)
    elif table == SHIPMENTS:
        shipment = shard.tables[SHIPMENTS][key]
        shipment.write_in(shard.epoch)
        shipments.publish_lines(
            shipment,
            here.watermark,
            here.disruptions,
            delay_multiplier=delay_multiplier_of(context.scorecards, shipment),
            only=[],
        )
    elif table == INCIDENTS:
        say_incident_again(shard.tables[INCIDENTS][key], here.watermark)
    elif table == PRODUCTION:
        say_line_again(shard.tables[PRODUCTION][key], key, here.watermark)
    elif table == LOOPS:
        look_at_loop(shard.tables[LOOPS][key], key, here.watermark, zone_of_key(shard, key))
    elif table == SCORECARDS:
        kind, _, name = key.partition("/")
        say_slipping_again(shard.tables[SCORECARDS][key], kind, name, here.watermark)
