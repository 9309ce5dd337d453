"""What no worker begins with: found without changing anything, and mended where that loses nothing that is not lost already.

It finds what `changelog.py` and `positions.py` end a worker for (`StateCorrupt`), all of it at once, and says what it means.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from andon.streams.admin import Lag
from andon.streams.changelog import read_partition
from andon.streams.clients import producer
from andon.streams.errors import UserError
from andon.streams.fold import Fold
from andon.streams.group_admin import GroupAdmin
from andon.streams.security import aiokafka_config
from andon.streams.settings import Settings
from andon.streams.state import MARK, Codec, Mark, TableSpec
from andon.streams.topics import missing, topic_name

Fault = Literal["unreadable", "mark", "missing", "behind", "shorter"]


class Finding(NamedTuple):
    """Something that no worker begins with: where, what it means, and what mends it.

    `mendable` tells whether `repair` does that itself.
    """

    partition: int
    fault: Fault
    text: str
    mend: str
    mendable: bool


@dataclass
class Mending:
    """What is to be written and committed of one partition."""

    partition: int
    records: list[tuple[bytes, bytes | None, list[tuple[str, bytes]]]] = field(default_factory=list)
    commits: dict[tuple[str, int], int] = field(default_factory=dict)


def name_of(key: bytes | None) -> str:
    """Return a changelog key as text, by which it can be forgotten."""
    return "(no key)" if key is None else key.decode("utf-8", "backslashreplace")


def examine(
    codec: Codec, partition: int, fold: Fold, lags: Iterable[Lag], forget: Collection[str] = ()
) -> tuple[list[Finding], Mending]:
    """Return what is wrong with a partition's state, and what would be done about it.

    Args:
        codec: how records of state are written.
        partition: its number.
        fold: what its changelog says.
        lags: how far the group is in this partition of each topic that workers apply.
        forget: the names of unreadable records that may be removed.
    """
    findings: list[Finding] = []
    mending = Mending(partition)
    for key, why in fold.unreadable().items():
        name = name_of(key)
        text = f"the record under {name!r} is no state of this version ({why})"
        if key is not None and name in forget:
            findings.append(
                _finding(partition, "unreadable", text, "it is removed, and what it held is lost")
            )
            mending.records.append((key, None, codec.stamp(fold.newest)))
        else:
            way_out = (
                "run the version of andon that wrote it, or give it up: "
                f"--forget '{name}' removes it, and what it held is lost"
            )
            findings.append(Finding(partition, "unreadable", text, way_out, mendable=False))
    findings += _about_mark(partition, fold)
    present = fold.present - len(mending.records)
    applied = dict(fold.mark.applied) if fold.mark else {}
    if findings and (mending.records or any(one.fault != "unreadable" for one in findings)):
        mark = codec.encode(Mark(applied, present, repaired=True), fold.newest)
        mending.records.append((codec.encode_key(*MARK), mark, []))
    for lag in lags:
        known = applied.get(lag.topic, 0)
        if lag.committed is not None and lag.committed > known:
            findings.append(_behind(lag, known))
            mending.commits[lag.topic, partition] = known
        if lag.end < known:
            findings.append(_shorter(lag, known))
    return findings, mending


def _finding(partition: int, fault: Fault, text: str, mend: str) -> Finding:
    return Finding(partition, fault, text, mend, mendable=True)


def _about_mark(partition: int, fold: Fold) -> Iterator[Finding]:
    if fold.unreadable_mark:
        yield _finding(
            partition,
            "mark",
            f"the mark of the last checkpoint cannot be read ({fold.unreadable_mark}): nobody knows how far the state came",
            "a new mark is written; what no mark before it says is applied is read again, and recognised where it was",
        )
    elif fold.missing and fold.mark is not None:
        yield _finding(
            partition,
            "missing",
            f"{fold.missing} of {fold.mark.records} records of state are missing, and with them what they held; which, the "
            "changelog does not say. An item whose book is missing begins with its next event, as one that was never counted",
            "a new mark is written that counts what is there; then send master data and a count of the stock of the items "
            "concerned. To lose nothing, restore the topic instead",
        )


def _behind(lag: Lag, known: int) -> Finding:
    text = (
        f"{lag.topic} is committed up to offset {lag.committed}, but the state knows only of those before {known}: the end of "
        "the changelog is gone, or the group's offsets were moved"
    )
    mend = f"the group goes on at offset {known}: what is missing is applied again, and what is not is recognised"
    gone = min(lag.begin, lag.committed or 0) - known
    if gone > 0:
        mend += f"; {gone} of these offsets the topic no longer has, and what they said is lost: send a count of the stock"
    return _finding(lag.partition, "behind", text, mend)


def _shorter(lag: Lag, known: int) -> Finding:
    text = (
        f"{lag.topic} ends at offset {lag.end}, but all before {known} are applied: it was truncated or made anew. Every record "
        f"of state takes what lies below offset {known} for known, so that {known - lag.end} more records would be passed over"
    )
    mend = "restore the topic; if it was made anew, begin anew under another ANDON_PREFIX"
    return Finding(lag.partition, "shorter", text, mend, mendable=False)


class WorkersRun(UserError, RuntimeError):
    """The workers' group has members, who write the state while it is looked at."""


class Repair:
    """Looks at the state of all partitions, and mends it if it is told to."""

    def __init__(self, settings: Settings, specs: Sequence[TableSpec]) -> None:
        self._settings = settings
        self._codec = Codec({spec.name: spec for spec in specs})
        self._topic = topic_name(settings, "state")
        self._mendings: list[Mending] = []

    def look(self, forget: Collection[str] = ()) -> list[Finding]:
        """Return what is wrong, and remember what would be done about it.

        Args:
            forget: the names of unreadable records that may be removed.

        Raises:
            WorkersRun: the group has members.
            UserError: a name is not that of an unreadable record, or there are no topics.
        """
        with GroupAdmin(self._settings) as admin:
            self._refuse_members(admin)
            partitions = admin.existing().get(self._topic)
            if not partitions:
                raise UserError(missing(self._settings, self._topic))
            lags = admin.lag()
        findings: list[Finding] = []
        self._mendings = []
        unknown = set(forget)
        for partition in range(partitions):
            fold = asyncio.run(self._fold(partition))
            unknown -= {name_of(key) for key in fold.unreadable()}
            here = [lag for lag in lags if lag.partition == partition]
            found, mending = examine(self._codec, partition, fold, here, forget)
            findings += found
            self._mendings.append(mending)
        if unknown:
            msg = f"--forget {min(unknown)!r}: there is no unreadable record of this name, and only such are removed"
            raise UserError(msg)
        return findings

    async def _fold(self, partition: int) -> Fold:
        fold = Fold(self._codec)
        await read_partition(aiokafka_config(self._settings), self._topic, partition, fold)
        return fold

    def _refuse_members(self, admin: GroupAdmin) -> None:
        count = admin.members()
        if count:
            msg = f"group {self._settings.app_id} has {count} members: stop all workers first, and wait until their session is over"
            raise WorkersRun(msg)

    def apply(self) -> None:
        """Do what was found to be done: first what is written, then what is committed.

        Raises:
            WorkersRun: the group has members now.
            TopicError: the broker refuses.
        """
        commits: dict[tuple[str, int], int] = {}
        client: Any = producer(self._settings)
        try:
            with GroupAdmin(self._settings) as admin:
                self._refuse_members(admin)
                for mending in self._mendings:
                    for key, value, headers in mending.records:
                        client.send(
                            self._topic, value, key, headers, partition=mending.partition
                        ).get(timeout=30)
                    commits |= mending.commits
                if commits:
                    admin.go_on_at(commits)
        finally:
            client.close()


def as_dict(finding: Finding, *, mended: bool) -> Mapping[str, Any]:
    """Return a finding for scripts, with whether it was mended now."""
    return {**finding._asdict(), "mended": mended and finding.mendable}
