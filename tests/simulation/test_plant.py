"""The plant of the demo: its line is to stop once for want of bolts that are late, and goes on when these are there."""

import asyncio
from collections import Counter

from andon.rehearsal.machine import Machine
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, encode
from andon.schemas.families import FAMILIES
from andon.simulation.customers import DAY, HOUR
from andon.simulation.network import Network
from andon.simulation.plant import PLANT, WARD, Plant
from andon.streams.settings import load_settings

START = 1_700_006_400.0


class Loop(Machine):
    """A machine that remembers the alerts that were not heard yet."""

    def __init__(self):
        super().__init__(load_settings(partitions=2))
        self.said = []
        self.letters = 0

    def says(self, family, record):
        if family in ("replenishment", "disruptions"):
            self.said.append(decode(record.value, Alert))
        self.letters += family == "deadletters"


def played(seed, days):
    """Return the plant, what it published, and what was said of it, in as many days."""

    async def play():
        plant, machine, every, said = Plant(seed, START), Loop(), [], []
        messages = plant.opening()
        for step in range(days * 4):
            for family, record in messages:
                machine.send(family, FAMILIES[family].key_of(record).encode(), encode(record))
            every += messages
            machine.now = START + step * 6 * HOUR
            await machine.settle()
            if step % 4 == 0:
                await machine.look()
            now = START + (step + 1) * 6 * HOUR
            messages = plant.advance(now)
            heard, machine.said = machine.said, []
            said += heard
            for alert in heard:
                messages += plant.hear(alert, now)
        return plant, every, said, machine.letters

    return asyncio.run(play())


def test_the_line_stops_for_late_bolts_and_goes_on():
    plant, events, said, letters = played(1, 40)
    stops = Counter(alert.status for alert in said if alert.kind == "line_stop")
    assert stops["opened"] >= 1
    ended = next(alert for alert in said if (alert.kind, alert.status) == ("line_stop", "resolved"))
    assert ended.changed_at.timestamp() < START + 3 * DAY, "it is seen to end in a short demo"
    first = next(alert for alert in said if alert.kind == "line_stop")
    assert (first.sku, first.line) == ("BOLT", "LAMPS")
    assert any(alert.kind == "kanban_pull" for alert in said)
    assert plant.stops == stops["opened"]
    assert plant.built > 20 * 40
    assert letters == 0
    assert len(events) < 40 * 16, "it costs the demo little"


def test_the_same_seed_gives_the_same_events():
    assert played(3, 6)[1] == played(3, 6)[1]


def test_what_stores_sell_does_not_hang_on_the_plant():
    alone, beside = (Network(1, START, 2, 8, with_plant=with_plant) for with_plant in (False, True))
    without, mixed = ([*one.opening(), *one.advance(START + 5 * DAY)] for one in (alone, beside))
    plants = [
        one
        for one in mixed
        if getattr(one[1], "location", None) in (PLANT, WARD)
        or getattr(one[1], "event_id", "").startswith("plant-")
    ]
    assert [one for one in mixed if one not in plants] == without
    assert beside.fill_rate == alone.fill_rate
    assert plants
