"""`andon simulate`: the simulated network alone, on any broker."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from andon.cli.support.duration import duration
from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stderr
from andon.cli.support.stopping import Stop
from andon.schemas.common import utc
from andon.simulation.customers import DAY
from andon.simulation.files import write_files
from andon.simulation.network import Network
from andon.simulation.play import DAYS_BACK, SPEED, Follower, Player
from andon.streams.settings import Settings

Seed = Annotated[int, typer.Option(help="Of everything left to chance.")]
Speed = Annotated[
    float, typer.Option(min=1, help="Simulated seconds a second, until it has caught up with now.")
]
Locations = Annotated[int, typer.Option(min=1, max=500, help="Stores.")]
Items = Annotated[int, typer.Option(min=1, max=5000, help="Articles, each sold in all stores.")]
For = Annotated[
    float | None,
    typer.Option("--for", metavar="TIME", parser=duration, help="Stop after 60s, 5m, 2h, ..."),
]

#: So many days of sales are written as a file.
_FILE_DAYS: Final = 60


@connected
def simulate(
    for_: For = None,
    seed: Seed = 1,
    speed: Speed = SPEED,
    locations: Locations = 4,
    items: Items = 60,
    start: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Day (UTC) on which it opens; default: two years ago."
        ),
    ] = None,
    as_files: Annotated[
        Path | None,
        typer.Option(
            "--as-files",
            metavar="DIR",
            help="Publish nothing, but write what a chain's programs would export, to try an import on.",
        ),
    ] = None,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Publish what a simulated network sells, counts, orders and receives; it orders what the alerts say.

    It begins two years ago, runs faster than time until it has caught up, and then goes on in real time. When it stops,
    it cancels what is still under way.

    Examples:

        andon simulate --broker kafka:9092 --for 10m

        andon simulate --speed 3600 --start 2026-01-01

        andon simulate --as-files example --locations 3 --items 200
    """
    began = time.time() - DAYS_BACK * DAY
    if start is not None:
        began = start.replace(tzinfo=UTC).timestamp()
    if as_files is not None:
        until = time.time() if start is None else began + _FILE_DAYS * DAY
        counts = write_files(
            as_files, seed=seed, until=until, days=_FILE_DAYS, locations=locations, items=items
        )
        _tell_files(as_files, counts, as_json=as_json)
        return
    network = Network(seed, began, locations, items)
    player = Player(settings, network, speed, cancel=True)
    follower = Follower(settings, player)
    console = stderr()
    with Stop() as stop:
        deadline = time.monotonic() + (for_ if for_ is not None else float("inf"))
        follower.start()
        player.start()
        try:
            with console.status("starting") as status:
                while time.monotonic() < deadline and player.is_alive() and not stop.wait(0.5):
                    sent = player.published.total()
                    now = f"{utc(network.now):%Y-%m-%d %H:%M}"
                    status.update(f"{now}  {sent:,} events  {network.orders:,} orders")
        finally:
            player.stop()
            player.join(5)
            follower.stop()
            follower.join(5)
    for error in (player.error, follower.error):
        if error is not None:
            raise error
    summary = {
        "events": dict(player.published),
        "orders": network.orders,
        "simulated_days": round(network.days, 1),
        "fill_rate": round(network.fill_rate, 4),
    }
    if as_json:
        print_json(summary)
    else:
        console.print(
            f"{player.published.total():,} events of {network.days:.1f} days, {network.orders:,} orders, "
            f"fill rate {network.fill_rate:.1%}"
        )


def _tell_files(folder: Path, counts: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        print_json({str(folder / name): rows for name, rows in counts.items()})
        return
    for name, rows in counts.items():
        stderr().print(f"written: {folder / name}, {rows:,} rows")
