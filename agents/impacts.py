"""Impacts: what every partition says of a wide disruption comes together in its one alert."""

import msgspec

from andon.agents.context import Context
from andon.agents.frame import Outcomes, events, first_time
from andon.agents.tables import INCIDENTS
from andon.planning.supply.incident import apply_impact
from andon.schemas.impacts import Impact
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard

_SOURCE = "impacts"


def impact_agent(context: Context) -> Apply:
    """Return what applies a batch of impacts to the incidents whose home this is."""
    decoder = msgspec.json.Decoder(Impact)

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        outcomes = Outcomes(batch.topic, context.metrics)
        counts = outcomes.counts
        for record, impact, at in events(shard, batch, decoder, context.rules, effects, counts):
            incident = shard.get(INCIDENTS, impact.delay_id)
            if not first_time(incident.applied, record, _SOURCE):
                counts["duplicate"] += 1
                continue
            outcome = apply_impact(incident, impact, at)
            if outcome == "too_many":
                effects.reject(
                    record, outcome, "the disruption's record has no room for a partition more"
                )
            counts[outcome] += 1
            shard.touch(INCIDENTS, impact.delay_id, record.timestamp / 1000)
        outcomes.report()

    return apply
