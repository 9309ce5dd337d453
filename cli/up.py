"""`andon up`: everything at once, to see it work: an embedded broker, a worker, a simulated network, and the board."""

import contextlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live
from rich.markup import escape

from andon.cli.alerts import line
from andon.cli.simulate import For, Items, Locations, Seed, Speed
from andon.cli.support import board
from andon.cli.support.child import ConsoleProcess, ForecasterProcess, WorkerProcess
from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stderr, stdout
from andon.cli.support.scroll import Scroll
from andon.cli.support.stopping import Stop
from andon.cli.support.summary import show, summary
from andon.schemas.common import utc
from andon.simulation.customers import DAY
from andon.simulation.network import Network
from andon.simulation.play import DAYS_BACK, PATIENCE_SECONDS, SPEED, Follower, Player
from andon.streams.admin import TopicAdmin
from andon.streams.embedded import EmbeddedBroker
from andon.streams.settings import Settings

_TICK_SECONDS = 0.25
_SCRAPE_SECONDS = 1.0
#: With so many records not yet applied simulated time stands still: a slow machine is not to be flooded.
_MOST_LAG = 1000
_STATUS_SECONDS = 5.0
#: Ctrl-C has five seconds for everything: the last look, the worker (which ends while we wait for our threads), the broker.
_LAST_LOOK_SECONDS = 0.5
_EMBEDDED_CHECKPOINT_SECONDS = 3.0
#: Everything shares one machine here, and a minute of it is a month: fits may take so much of one core.
_FITTING_SHARE = 0.3
_UNTIL_FILE = "simulated-until"


@dataclass(frozen=True)
class Stage:
    """Where it all runs: the settings with the broker in them, a folder for files, and whether somebody reads on."""

    settings: Settings
    folder: Path
    kept: bool


@contextlib.contextmanager
def staged(settings: Settings, own_kafka: bool, data_dir: Path | None) -> Iterator[Stage]:
    """Provide a broker and a folder: one's own Kafka as it is, or an embedded one with kept or temporary data."""
    with contextlib.ExitStack() as stack:
        if data_dir is None:
            made = stack.enter_context(tempfile.TemporaryDirectory(prefix="andon-"))
            folder = Path(made)
        else:
            folder = data_dir
            folder.mkdir(parents=True, exist_ok=True)
        if own_kafka:
            yield Stage(settings, folder, kept=True)
            return
        broker = EmbeddedBroker(folder / "broker")
        # What nobody reads again need not be closed in order.
        stack.callback(broker.kill if data_dir is None else broker.stop)
        broker.start()
        changed: dict[str, object] = {"broker": broker.bootstrap}
        if "checkpoint_interval_seconds" not in settings.model_fields_set:
            # The embedded broker rewrites all it holds with every change: fewer, larger ones suit it.
            changed["checkpoint_interval_seconds"] = _EMBEDDED_CHECKPOINT_SECONDS
        embedded = settings.model_copy(update=changed)
        yield Stage(embedded, folder, kept=data_dir is not None)


@connected
def up(
    for_: For = None,
    seed: Seed = 1,
    speed: Speed = SPEED,
    locations: Locations = 4,
    items: Items = 60,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Keep the data in ANDON_DATA_DIR (./.andon) for next time."),
    ] = False,
    data_dir: Annotated[
        Path | None, typer.Option(help="Keep the data in this folder for next time.")
    ] = None,
    show_all: Annotated[
        bool, typer.Option("--all", help="Print every alert, however fast they come.")
    ] = False,
    show_console: Annotated[
        bool, typer.Option("--console/--no-console", help="Serve the console, too.")
    ] = True,
    leave: Annotated[
        int, typer.Option(min=0, help="So many items are left to you for a while, to order them.")
    ] = 3,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """See it work: a broker, a worker and a simulated network, and the alerts as they come. Ctrl-C ends it.

    Without --broker it brings an embedded broker, which is for trying out and for tests, never for real stock.

    Examples:

        andon up --for 60s

        andon up --broker localhost:9092 --seed 7
    """
    # Named anywhere: on the command line, in the environment or in a file, even if it is where the default points.
    own_kafka = "broker" in settings.model_fields_set
    folder = data_dir or (settings.data_dir if keep else None)
    began = time.monotonic()
    deadline = began + for_ if for_ is not None else float("inf")
    progress = stderr()
    with Stop() as stop, contextlib.ExitStack() as stack:
        with progress.status("starting") as status:
            if not own_kafka:
                status.update("starting the embedded broker")
            stage = stack.enter_context(staged(settings, own_kafka, folder))
            settings = stage.settings
            status.update("creating topics")
            with TopicAdmin(settings) as admin:
                admin.create()
            status.update("starting a worker")
            worker = stack.enter_context(WorkerProcess(settings, stage.folder / "worker.log"))
            worker.wait_until_ready(stop)
            forecaster = stack.enter_context(
                ForecasterProcess(settings, stage.folder / "forecaster.log", _FITTING_SHARE)
            )
            console = ConsoleProcess(settings, stage.folder / "console.log", worker)
            if show_console:
                stack.enter_context(console)
        network = Network(seed, _opens(stage), locations, items, with_plant=True)
        left = tuple(network.articles)[:leave] if show_console else ()
        player = Player(settings, network, speed, cancel=stage.kept, left=left)
        follower = Follower(settings, player)
        show_board = _Board(stdout(), network, follower, worker, quiet=as_json, everything=show_all)
        show_board.introduce(settings, worker, console.address if show_console else None, left)
        follower.start()
        player.start()
        try:
            show_board.run(stop, deadline, player)
        finally:
            player.stop()
            follower.stop()
            forecaster.ask_to_stop()
            console.ask_to_stop()
            # A last look before the worker goes; what comes after it is not in the summary.
            last = board.fetch(worker.address, _LAST_LOOK_SECONDS) or show_board.now
            worker.ask_to_stop()
            player.join(2)
            follower.join(0.5)
            if stage.kept:
                (stage.folder / _UNTIL_FILE).write_text(f"{network.now}\n", encoding="utf-8")
    result = summary(network, follower.changes, player.published, last, time.monotonic() - began)
    if as_json:
        print_json(result)
    else:
        show(result)


def _opens(stage: Stage) -> float:
    """Return when the network opens: where it stopped last time, or two years ago."""
    file = stage.folder / _UNTIL_FILE
    if file.is_file():
        with contextlib.suppress(ValueError):
            # A file that holds no number is as good as none.
            return float(file.read_text(encoding="utf-8")) + DAY
    return time.time() - DAYS_BACK * DAY


class _Board:
    """Shows alerts and figures until it is time to stop."""

    def __init__(
        self,
        console: Console,
        network: Network,
        follower: Follower,
        worker: WorkerProcess,
        *,
        quiet: bool,
        everything: bool,
    ) -> None:
        self.now = board.BoardFigures()
        self._console = console
        self._network = network
        self._follower = follower
        self._worker = worker
        self._quiet = quiet
        self._rate = 0.0
        self._scraped = time.monotonic()
        self._said = self._scraped
        self._scroll = Scroll(everything=everything)

    def introduce(
        self,
        settings: Settings,
        worker: WorkerProcess,
        console: str | None,
        left: Sequence[str],
    ) -> None:
        """Say where things are, and what is left to whoever looks on."""
        if self._quiet:
            return
        text = f"Broker {settings.broker}, metrics and books on {worker.address}. Ctrl-C ends it."
        self._console.print(text, style="dim", soft_wrap=True)
        if console is not None:
            text = f"Open {console} in a browser to see what is open, and answer it."
            self._console.print(text, soft_wrap=True)
        if left:
            names = ", ".join(escape(key) for key in left)
            text = f"Left to you there, for {PATIENCE_SECONDS:g} s at a time: {names}. Of your first order less is confirmed."
            self._console.print(text, soft_wrap=True)

    def run(self, stop: Stop, deadline: float, player: Player) -> None:
        """Show what comes until a stop or the deadline.

        Raises:
            UserError: the worker has died.
            Exception: the player or the follower failed.
        """
        terminal = self._console.is_terminal and not self._quiet
        live = Live(console=self._console, transient=True, auto_refresh=False) if terminal else None
        with live or contextlib.nullcontext():
            while time.monotonic() < deadline and not stop.wait(_TICK_SECONDS):
                self._worker.check()
                for error in (player.error, self._follower.error):
                    if error is not None:
                        raise error
                self._scrape(player)
                if not self._quiet:
                    self._print(live)

    def _scrape(self, player: Player) -> None:
        at = time.monotonic()
        if at - self._scraped < _SCRAPE_SECONDS:
            return
        figures = board.fetch(self._worker.address)
        if figures is not None:
            self._rate = board.rates(self.now.events, figures.events, at - self._scraped)
            self.now, self._scraped = figures, at
            player.hold(still=figures.lag > _MOST_LAG)

    def _print(self, live: Any) -> None:
        arrived = self._follower.arrived
        alerts = [arrived.popleft() for _ in range(len(arrived))]
        shown, left = self._scroll.choose(alerts, time.monotonic())
        for alert in shown:
            self._console.print(line(alert), soft_wrap=live is None)
        if left:
            self._console.print(f"  … and {left} more", style="dim")
        header = board.header(self.now, self._rate, f"{utc(self._network.now):%a %d %b %Y %H:%M}")
        if live is not None:
            live.update(header, refresh=True)
        elif time.monotonic() - self._said >= _STATUS_SECONDS:
            self._said = time.monotonic()
            self._console.print(header.plain.strip(), style="dim", soft_wrap=True)
