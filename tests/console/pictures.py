"""Run the demo, and take pictures of the console's screens in a real browser for docs/console.md: `make screens`, two minutes.

Run: python tests/console/pictures.py [--seconds 75] [--folder docs/images]
"""

import argparse
import asyncio
import json
import re
import sys
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from support.browser import Browser  # noqa: E402

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


def ask(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return json.load(answer)


def item_of(rows):
    """Return the path of the item that loses the most."""
    row = next(row for row in rows if row["location"] and row["kind"] == "replenish")
    return f"/items/{row['location']}/{row['sku']}", f"/locations/{row['location']}"


async def take(address, folder):
    rows = ask(f"{address}/api/today")["rows"]
    item, place = item_of(rows)
    suppliers = ask(f"{address}/api/suppliers")["rows"]
    most = max(suppliers, key=lambda one: one["open_alerts"])["supplier"]
    wide = [
        ("today", "/", "#rows tr", 1280, 760),
        ("item", item, "#dial", 1280, 1500),
        ("supplier", f"/suppliers/{most}", "h2", 1280, 760),
    ]
    phone = [("location", place, "h2", 390, 844)]
    for name, path, sign, width, height in wide + phone:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
            async with Browser(Path(made), width=width, height=height) as browser:
                await browser.open(address + path)
                await browser.until(f"document.querySelector({sign!r}) !== null")
                await asyncio.sleep(1.0)
                await browser.picture(folder / f"console-{name}.png")
                if browser.complaints:
                    raise SystemExit(f"{path}: {browser.complaints}")
                print(f"console-{name}.png: {path}")


async def main(seconds, folder):
    demo = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "andon.cli.main", "up", "--for", f"{seconds + 90:.0f}s"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        address = None
        while address is None:
            line = (await demo.stdout.readline()).decode()
            if not line:
                raise SystemExit("the demo did not start")
            found = _ADDRESS.search(line)
            address = found[0] if found and "browser" in line else None

        async def drain():
            while await demo.stdout.readline():
                pass

        draining = asyncio.create_task(drain())
        await asyncio.sleep(seconds)
        await take(address, folder)
    finally:
        if demo.returncode is None:
            demo.terminate()
        await demo.wait()
        draining.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=75.0)
    parser.add_argument("--folder", type=Path, default=ROOT / "docs/images")
    given = parser.parse_args()
    asyncio.run(main(given.seconds, given.folder))
