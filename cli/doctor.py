"""`andon doctor`: whether this machine, the broker and the topics are fit, and what to do where they are not."""

import importlib.metadata
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from http.client import HTTPException
from itertools import chain
from pathlib import Path
from typing import Annotated, Final

import typer

from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stdout
from andon.connect.http import ask
from andon.streams import findings
from andon.streams.admin import BrokerUnavailable, TopicError
from andon.streams.checkup import Checkup
from andon.streams.findings import Finding, Level
from andon.streams.settings import Settings

_NEEDED: Final = ("andon", "faust-streaming", "aiokafka", "kafka-python", "msgspec", "prophet")
_CONSOLE_PORT: Final = 9180
#: So many bytes of a page tell whose it is.
_LOOKED_AT: Final = 65_536
_STYLES: Final[dict[Level, str]] = {
    "ok": "green",
    "unknown": "cyan",
    "warning": "yellow",
    "fault": "red",
}
_MARKS: Final[dict[Level, str]] = {"ok": "ok", "unknown": "?", "warning": "look", "fault": "FAULT"}


@connected
def doctor(
    probe: Annotated[
        bool,
        typer.Option(
            "--probe",
            help="Also measure the broker's clock: makes the topic PREFIX.doctor.v1, writes five records, removes it.",
        ),
    ] = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Check this machine, the broker, the topics and the workers' group, and say what to do about each finding.

    Without --probe nothing is changed anywhere. The exit code is 1 if there is a fault: something that stops a worker or has lost
    records. A warning is worth a look; `?` is what could not be asked.

    Examples:

        andon doctor

        andon doctor --broker kafka:9092 --probe

        andon doctor --json
    """
    found = []
    for one in chain(_here(settings), _there(settings, probe)):
        found.append(one)
        if not as_json:
            _show(one)  # at once: a broker that does not answer takes its time
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        _sum_up(found)
    if any(one.level == "fault" for one in found):
        raise typer.Exit(1)


def _here(settings: Settings) -> Iterator[Finding]:
    """Yield what is found on this machine."""
    yield from findings.judge_versions(
        sys.version_info[:2], {name: _version(name) for name in _NEEDED}
    )
    yield findings.judge_disk(f"this machine ({settings.data_dir})", _free(settings.data_dir))
    ports = (
        ("the worker's pages", "ANDON_METRICS_PORT", settings.metrics_port),
        (
            "the forecaster's metrics",
            "ANDON_FORECASTER_METRICS_PORT",
            settings.forecaster_metrics_port,
        ),
        ("the console", "andon console --port", _CONSOLE_PORT),
    )
    for name, variable, port in ports:
        yield findings.judge_port(name, variable, port, _taken_by(port))


def _there(settings: Settings, probe: bool) -> Iterator[Finding]:
    """Yield what is found on the broker."""
    try:
        checkup = Checkup(settings)
    except BrokerUnavailable as error:
        remedy = "everything else that is asked of a broker was not checked"
        yield Finding("broker", "fault", str(error), remedy)
        yield from findings.judge_codecs(_codecs(), {})
        return
    with checkup:
        for check, look in _looks(checkup, settings, probe):
            try:
                yield from look()
            except TopicError as error:
                remedy = "allow this user to describe it, if it is to be checked"
                yield Finding(check, "unknown", str(error), remedy)
            except BrokerUnavailable as error:
                yield Finding(
                    check, "fault", str(error), "see whether the broker runs, and try again"
                )
                return


def _looks(
    checkup: Checkup, settings: Settings, probe: bool
) -> Iterator[tuple[str, Callable[[], Iterable[Finding]]]]:
    def broker() -> Iterator[Finding]:
        brokers = checkup.brokers()
        config = checkup.limits(brokers[0]) if brokers else None
        # Whoever answers is a broker, even if it does not list itself.
        yield from findings.judge_broker(settings, max(len(brokers), 1), config)

    def topics() -> Iterator[Finding]:
        there = checkup.topics()
        found = [
            Finding("topics", "fault" if one.fatal else "warning", one.text)
            for one in checkup.check()
        ]
        found += findings.judge_topics(settings, there)
        yield from found or [
            Finding("topics", "ok", f"all {len(there)} topics are as they must be")
        ]
        yield from findings.judge_codecs(_codecs(), there)

    def clock() -> Iterator[Finding]:
        if probe:
            yield findings.judge_clock(settings, checkup.clock())
        else:
            yield findings.judge_newest(checkup.newest(checkup.topics(), time.time()))

    def disk() -> Iterator[Finding]:
        room = checkup.room()
        yield from (findings.judge_disk(where, free) for where, free in room.items())
        if not room:
            yield Finding("disk", "unknown", "the broker does not tell how much room it has")

    yield "broker", broker
    yield "topics", topics
    yield "clock", clock
    yield "disk", disk
    yield "group", lambda: findings.judge_group(settings, checkup.group())


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _codecs() -> dict[str, bool]:
    """Return which compressions both clients can read."""
    # Loading the clients takes a while, which no other command should pay.
    import aiokafka.codec as workers  # noqa: PLC0415
    import kafka.codec as commands  # noqa: PLC0415

    return {
        name: bool(getattr(workers, f"has_{name}")() and getattr(commands, f"has_{name}")())
        for name in ("gzip", "snappy", "lz4", "zstd")
    }


def _free(folder: Path) -> int:
    """Return the free bytes of the disk where a folder is or would be."""
    there = folder.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    return shutil.disk_usage(there).free


def _taken_by(port: int) -> str | None:
    """Return who listens on a port of this machine: `andon`, `another program`, or None."""
    if port == 0:
        return None
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return "andon" if _is_ours(port) else "another program"
    return None


def _is_ours(port: int) -> bool:
    """Whether what listens there shows metrics or pages of ours."""
    for page in ("metrics", ""):
        try:
            with ask(f"http://127.0.0.1:{port}/{page}", timeout=1.0) as answer:
                if b"andon" in answer.read(_LOOKED_AT).lower():
                    return True
        except (OSError, HTTPException):
            continue  # who speaks no HTTP, or has no such page, may still be asked for the other
    return False


def _show(one: Finding) -> None:
    console = stdout()
    console.print(f"{_MARKS[one.level]:5}  {one.check:9}", style=_STYLES[one.level], end="")
    console.print(one.text, soft_wrap=True)
    if one.remedy and one.level != "ok":
        console.print(f"{'':16}{one.remedy}", style="dim", soft_wrap=True)


def _sum_up(found: list[Finding]) -> None:
    console = stdout()
    faults = sum(one.level == "fault" for one in found)
    looks = sum(one.level == "warning" for one in found)
    console.print()
    console.print(
        f"{faults} {'fault' if faults == 1 else 'faults'}, {looks} to look at, {len(found)} checks"
    )
