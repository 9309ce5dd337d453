"""From an event to what a real browser shows, with many changes a second and many viewers: seconds, without a broker.

Run: python bench/console_pixels.py [--alerts 200000] [--rate 500] [--seconds 30] [--viewers 50]
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import msgspec
from aiohttp import web

from andon.console.app import Console
from andon.console.desk import Desk
from andon.console.guard import Guard
from andon.console.people import People
from andon.schemas.common import encode
from andon.streams.garbage import collect_rarely, spare_the_living
from andon.streams.settings import load_settings

sys.path[:0] = [str(Path(__file__).parents[1] / "tests"), str(Path(__file__).parent)]

from support.browser import Browser

from console import NOW, Nobody, entries

_STEP_SECONDS = 0.02
_PROBE_SECONDS = 0.1
#: Notes when the row of the probe first shows a new number, once the browser has drawn it.
_WATCH = """
window.shown = []; window.last = "";
new MutationObserver(() => {
  const found = document.querySelector("#rows .sentence")?.textContent.match(/^probe (\\d+)/);
  if (!found || found[1] === window.last) return;
  window.last = found[1];
  requestAnimationFrame(() => setTimeout(() => window.shown.push([Number(found[1]), Date.now()]), 0));
}).observe(document.getElementById("rows"), { childList: true, subtree: true, characterData: true });
"""


def record(name, entry):
    return SimpleNamespace(
        topic="andon.board.v1", key=name.encode(), value=encode(entry), headers=()
    )


async def feed(desk, board, rate, seconds):
    """Change alerts at a rate, and the one at the top ten times a second; return when each probe was said."""
    chance, revisions = random.Random(2), itertools.count(2)
    top, first = board[0]
    said, step, numbers = [], 0, itertools.count(1)
    began = time.monotonic()
    while (gone := time.monotonic() - began) < seconds:
        if gone >= len(said) * _PROBE_SECONDS:
            number = next(numbers)
            alert = msgspec.structs.replace(
                first.alert,
                value_at_risk=1e9,
                sentence=f"probe {number}",
                revision=next(revisions),
                changed_at=NOW,
            )
            said.append((number, time.time()))
            desk.take(record(top, msgspec.structs.replace(first, alert=alert)))
        for _ in range(round(rate * (gone + _STEP_SECONDS)) - step):
            step += 1
            name, entry = board[chance.randrange(1, len(board))]
            alert = msgspec.structs.replace(
                entry.alert,
                value_at_risk=round(chance.expovariate(0.02), 2),
                revision=next(revisions),
            )
            desk.take(record(name, msgspec.structs.replace(entry, alert=alert)))
        await asyncio.sleep(_STEP_SECONDS)
    return said, step


async def view(address, count):
    """Look as `count` pages do: hear of changes, and ask for the view anew, each with filters of its own."""
    took, views = [], 0
    timeout = aiohttp.ClientTimeout(total=None)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:

        async def one(number):
            nonlocal views
            query = "" if number % 3 else f"?location=store-{number}"
            async with session.get(f"{address}/api/changes") as stream:
                async for line in stream.content:
                    if line.startswith(b"data:"):
                        began = time.monotonic()
                        async with session.get(f"{address}/api/today{query}") as answer:
                            await answer.read()
                        took.append(time.monotonic() - began)

        tasks = [asyncio.create_task(one(number)) for number in range(count)]
        await asyncio.to_thread(sys.stdin.readline)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps(took))


def at(values, share):
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


async def measure(alerts, rate, seconds, viewers):
    collect_rarely()
    wall = datetime.now(UTC)
    desk = Desk(load_settings(), SimpleNamespace(), lambda: NOW)
    board = list(entries(min(alerts, 20_000)))
    for name, entry in entries(alerts):
        desk.take(record(name, entry))
    desk.have_read()
    spare_the_living()
    people = People(None, time.monotonic)
    console = Console(desk, Guard(("127.0.0.1",), people), Nobody(), "bench")
    runner = web.AppRunner(console.application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    others = await asyncio.create_subprocess_exec(
        *(sys.executable, __file__, "--look", address, "--viewers", str(viewers - 1)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ,
        limit=2**26,
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with Browser(Path(folder)) as browser:
            await feed(desk, board, rate, 1.0)
            await browser.open(f"{address}/")
            await browser.until("document.querySelector('#rows tr') !== null")
            await browser.value(_WATCH + "; undefined")
            began = time.process_time()
            said, changes = await feed(desk, board, rate, seconds)
            spent = time.process_time() - began
            await asyncio.sleep(3.0)
            shown = json.loads(await browser.value("JSON.stringify(window.shown)"))
    told, _ = await others.communicate(b"\n")
    await runner.cleanup()
    took = []
    for number, when in said[5:]:
        seen = [moment / 1000 - when for which, moment in shown if which >= number]
        took.append(min(seen) if seen else float("inf"))
    views = json.loads(told)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{wall:%Y-%m-%d}: {alerts:,} alerts, {changes / seconds:,.0f} changes a second, {viewers} viewers"
    )
    print(
        f"event to pixel  p50 {statistics.median(took):.2f} s   p99 {at(took, 0.99):.2f} s   of {len(took)}"
    )
    if views:
        print(
            f"a view          p50 {1000 * statistics.median(views):.0f} ms   p95 {1000 * at(views, 0.95):.0f} ms   of {len(views)}"
        )
    print(f"processor       {spent / seconds:.2f} of a core; memory {peak:,.0f} MB at most")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=200_000)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--look", help="the address of a console to look at; used by itself")
    given = parser.parse_args()
    if given.look:
        asyncio.run(view(given.look, given.viewers))
    else:
        asyncio.run(measure(given.alerts, given.rate, given.seconds, given.viewers))
