"""Shapes: what the forecasters fitted, for the models of the items that asked."""

from collections import Counter

import msgspec

from andon.agents.context import Context
from andon.agents.frame import Outcomes, events
from andon.agents.tables import MODELS
from andon.planning.demand.demand import DAY
from andon.schemas.common import item_key
from andon.schemas.forecasts import Shape
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard


def shape_agent(context: Context) -> Apply:
    """Return what hands shapes to the models; one that came before, or was overtaken, changes nothing."""
    decoder = msgspec.json.Decoder(Shape)

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        outcomes = Outcomes(batch.topic, context.metrics)
        counts: Counter[str] = outcomes.counts
        for _, shape, at in events(shard, batch, decoder, context.rules, effects, counts):
            key = item_key(shape.location, shape.sku)
            models = shard.tables[MODELS].get(key)
            if models is None:
                counts["unknown_item"] += 1
            elif models.reshape(list(shape.shape), shape.first_day, int(at // DAY), shape.used):
                shard.touch(MODELS, key)
                counts["applied"] += 1
            else:
                counts["stale"] += 1
        outcomes.report()

    return apply
