"""Drills for the console, each in a process of its own: a copy of all books is large, and goes with it."""

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final

from andon.console.drilling import Drill
from andon.streams.errors import UserError
from andon.streams.settings import Settings

#: So many items are shown.
_TOP: Final = 50


def drills(settings: Settings) -> Drill:
    """Return what plays drills on the live state of a broker."""

    async def play(kind: str, name: str, seconds: float, severity: float) -> dict[str, Any]:
        # A process that is begun anew shares no memory, sockets or threads with the console.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            playing = pool.submit(_played, settings, kind, name, seconds, severity)
            try:
                return await asyncio.wrap_future(playing)
            except BrokenProcessPool as error:
                msg = "the drill ended before it was done: is there memory for a copy of all books?"
                raise UserError(msg) from error

    return play


def _played(
    settings: Settings, kind: str, name: str, seconds: float, severity: float
) -> dict[str, Any]:
    from andon.cli.drill import as_record, headline, run_drill  # noqa: PLC0415 - loads the agents

    scope = f"{kind}:{name}"
    report, now = run_drill(settings, kind, name, seconds, severity)
    return {
        **as_record(report, scope, now, seconds, _TOP),
        "told": headline(report, scope, seconds),
        "severity": severity,
    }
