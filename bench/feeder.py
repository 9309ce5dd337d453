"""Publishes sales at a steady rate in a process of its own; started by latency.py.

Run: python feeder.py SETTINGS_JSON ITEMS EVENTS_PER_SECOND PROBES TURN QUANTITY
"""

import asyncio
import json
import sys

from latency import feed

from andon.streams.settings import load_settings

if __name__ == "__main__":
    given, items, events_per_second, probes, turn, quantity = sys.argv[1:]
    settings = load_settings(**json.loads(given))
    report = asyncio.run(
        feed(settings, int(items), float(events_per_second), int(probes), int(turn), int(quantity))
    )
    print(json.dumps(report))
