"""Workers as processes, producers and readers for tests on a real broker."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import IO, Any, Self

from kafka import TopicPartition
from support.brokers import group_members, remove_members
from support.clients import Clients

from andon.agents.tables import TABLES
from andon.schemas.alerts import Alert
from andon.schemas.common import Record, decode, encode
from andon.schemas.families import FAMILIES
from andon.streams.embedded import free_port
from andon.streams.fold import Fold
from andon.streams.producer import partition_of
from andon.streams.settings import Settings
from andon.streams.state import Codec

#: Generous: a machine may be busy with other things.
PATIENCE = 600.0
_RUNNING: list[subprocess.Popen[bytes]] = []
_POLL = 0.02


class WorkerProcess:
    """A worker of some settings; a context manager."""

    command: tuple[str, ...] = ("-m", "andon.cli.main", "worker")
    #: Where it writes what it has to say; by default where the tests do.
    log: IO[bytes] | None = None

    def __init__(self, settings: Settings, **environment: str) -> None:
        self.settings = settings
        self.port = free_port()
        given = settings.model_dump(exclude_unset=True, mode="json")
        self._environment = {
            **os.environ,
            **{f"ANDON_{name.upper()}": str(value) for name, value in given.items()},
            "ANDON_METRICS_PORT": str(self.port),
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None
        #: The consumer group that it is a member of.
        self.group = settings.app_id

    def start(self, *, wait: bool = True) -> Self:
        """Start it, and wait until it consumes."""
        self.process = subprocess.Popen(
            [sys.executable, *self.command], env=self._environment, stdout=self.log, stderr=self.log
        )
        _RUNNING.append(self.process)
        if wait:
            until(self.ready, "the worker is ready")
        return self

    def ready(self) -> bool:
        """Whether it consumes now; fails the test if it has died."""
        assert self.process is not None
        assert self.process.poll() is None, f"the worker ended with {self.process.returncode}"
        return self.page("/ready") is not None

    def page(self, path: str) -> str | None:
        """Return one of its pages, or None while it does not answer well."""
        try:
            address = f"http://127.0.0.1:{self.port}{urllib.parse.quote(path)}"
            with urllib.request.urlopen(address, timeout=2) as page:
                return str(page.read().decode())
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric's samples that have these labels."""
        total = 0.0
        for line in (self.page("/metrics") or "").splitlines():
            head, _, value = line.rpartition(" ")
            if head.partition("{")[0] == name and all(
                f'{label}="{text}"' in head for label, text in labels.items()
            ):
                total += float(value)
        return total

    def kill(self) -> None:
        """SIGKILL it, and take it out of the group: the embedded broker would wait for it for good."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        members = group_members(self.settings.broker, self.group)
        if members:
            remove_members(self.settings.broker, self.group, members)

    def stop(self) -> int:
        """SIGTERM it and return its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(PATIENCE)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class ForecasterProcess(WorkerProcess):
    """A forecaster of some settings, in a group of its own; it is not waited for."""

    command = ("-m", "andon.cli.main", "forecaster")

    def __init__(self, settings: Settings, cpu_share: float = 0.3) -> None:
        super().__init__(settings, ANDON_FORECASTER_CPU_SHARE=str(cpu_share))
        self._environment["ANDON_FORECASTER_METRICS_PORT"] = str(self.port)
        self.group = f"{settings.app_id}-forecasters"

    def start(self, *, wait: bool = False) -> Self:
        """Start it."""
        return super().start(wait=wait)


def end_all() -> None:
    """Kill the workers that a failed test left behind."""
    while _RUNNING:
        process = _RUNNING.pop()
        if process.poll() is None:
            process.kill()
            process.wait()


def until(condition: Any, what: str, patience: float = PATIENCE) -> Any:
    """Return the first truth that `condition` gives; fail the test if it gives none in time."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(_POLL)
    raise AssertionError(f"not within {patience:.0f} s: {what}")


def send(settings: Settings, events: Iterable[tuple[str, Record]]) -> None:
    """Publish events under their canonical keys."""
    publish(
        settings,
        (
            (family, FAMILIES[family].key_of(event).encode(), encode(event))
            for family, event in events
        ),
    )


def publish(
    settings: Settings, records: Iterable[tuple[str, bytes | None, bytes | None]], **options: Any
) -> None:
    """Publish records as they are: family, key, value."""
    with Clients(settings, producer=options) as clients:
        clients.publish(records)


def read(settings: Settings, family: str, **options: Any) -> Iterator[Any]:
    """Yield every record of a family's topic, each partition's in its order."""
    with Clients(settings, consumer=options) as clients:
        yield from clients.read(family)


def alerts(settings: Settings) -> list[Alert]:
    """Return all alerts published so far, repeats left out."""
    found = {}
    for family in ("replenishment", "disruptions"):
        for record in read(settings, family):
            alert = decode(record.value, Alert)
            found.setdefault(alert.event_id, alert)
    return list(found.values())


def state(settings: Settings, table: str) -> dict[str, Any]:
    """Return a table as the changelog has it; what a worker wrote that had been succeeded does not count."""
    return tables(settings, table)[table]


def tables(settings: Settings, *names: str) -> dict[str, dict[str, Any]]:
    """Return some tables as the changelog has them, which is read once."""
    codec = Codec({spec.name: spec for spec in TABLES})
    folds: defaultdict[int, Fold] = defaultdict(lambda: Fold(codec))
    for record in read(settings, "state"):
        folds[record.partition].take(record)
    rows = {
        raw: value
        for fold in folds.values()
        for raw, value in fold.latest.items()
        if value is not None
    }
    made: dict[str, dict[str, Any]] = {name: {} for name in names}
    for raw, value in rows.items():
        name, key = codec.decode_key(raw)
        if name in made:
            made[name][key] = codec.decode(name, value)
    return made


def committed(settings: Settings, families: Iterable[str]) -> dict[TopicPartition, int]:
    """Return the group's committed offsets of some topics."""
    with Clients(settings) as clients:
        return clients.committed(families)


def all_committed(settings: Settings, *families: str) -> bool:
    """Whether everything in some topics is applied and committed."""
    with Clients(settings) as clients:
        return clients.all_committed(*families)


def until_committed(
    settings: Settings, *families: str, what: str, patience: float = PATIENCE
) -> None:
    """Wait until everything in some topics is applied and committed; fail the test if it never is."""
    with Clients(settings) as clients:
        until(lambda: clients.all_committed(*families), what, patience)


def homes(settings: Settings, keys: Iterable[str]) -> dict[str, int]:
    """Return where keys belong."""
    return {key: partition_of(key.encode(), settings.partitions) for key in keys}
