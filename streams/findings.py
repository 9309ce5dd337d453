"""What `andon doctor` makes of the facts: each judgement is a function of what was seen, and says what to do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from andon.streams.admin import Lag
from andon.streams.producer import BATCH_BYTES
from andon.streams.settings import Settings
from andon.streams.topics import TOPICS, TopicSpec, topic_name

Level = Literal["ok", "unknown", "warning", "fault"]

#: A clock this far off is said; one that is further off than events may be ahead makes dead letters.
_SKEW_SECONDS: Final = 2.0
#: A record's time may be this far ahead before it says something about clocks.
_AHEAD_SECONDS: Final = 60.0
_LITTLE_BYTES: Final = 1 << 30
_TOO_LITTLE_BYTES: Final = 100 << 20
#: So many unread records are more than the rest between two checkpoints.
_BEHIND_RECORDS: Final = 100_000
_CODECS: Final = ("gzip", "snappy", "lz4", "zstd")
#: What a topic's `compression.type` says when it holds no codec of its own.
_NO_CODEC: Final = frozenset({"producer", "uncompressed", "none", ""})


@dataclass(frozen=True)
class Finding:
    """What one check found: how bad it is, a sentence, and what to do if something is to be done."""

    check: str
    level: Level
    text: str
    remedy: str = ""


@dataclass(frozen=True)
class TopicFacts:
    """A topic as the broker describes it; the configuration is None where the broker does not say."""

    partitions: int
    replicas: int
    in_sync: int
    without_leader: int
    config: Mapping[str, str] | None = None


@dataclass(frozen=True)
class GroupFacts:
    """The workers' group: its members now, and how far it is in each partition that it reads."""

    members: int
    lags: tuple[Lag, ...]


@dataclass(frozen=True)
class ClockFacts:
    """How far the broker's clock is ahead of ours, in seconds, give or take `within`."""

    ahead: float
    within: float


def judge_versions(python: tuple[int, int], found: Mapping[str, str | None]) -> Iterator[Finding]:
    """Yield what is wrong with the installation.

    Args:
        python: major and minor version of the interpreter.
        found: the version of each package that is needed, None where it is missing.
    """
    if python < (3, 11):
        text = f"Python {python[0]}.{python[1]} is too old"
        yield Finding("versions", "fault", text, "install Andon into Python 3.11 or newer")
    missing = [name for name, version in found.items() if version is None]
    if missing:
        text = f"not installed: {', '.join(missing)}"
        yield Finding(
            "versions", "fault", text, "install Andon anew: pip install --force-reinstall andon"
        )
    there = ", ".join(f"{name} {version}" for name, version in found.items() if version)
    yield Finding("versions", "ok", f"Python {python[0]}.{python[1]}, {there}")


def judge_codecs(
    readable: Mapping[str, bool], topics: Mapping[str, TopicFacts]
) -> Iterator[Finding]:
    """Yield which compressions cannot be read here, and which topics use one of them.

    Args:
        readable: whether each codec can be read.
        topics: by name.
    """
    lacking = [name for name in _CODECS if not readable.get(name, False)]
    for topic, facts in topics.items():
        used = (facts.config or {}).get("compression.type", "")
        if used not in _NO_CODEC and not readable.get(used, False):
            text = f"topic {topic} is compressed with {used}, which cannot be read here"
            yield Finding("codecs", "fault", text, "install Andon anew, with all it depends on")
    if lacking:
        text = f"records compressed with {', '.join(lacking)} cannot be read here"
        yield Finding("codecs", "warning", text, "install Andon anew, with all it depends on")
    else:
        yield Finding("codecs", "ok", f"{', '.join(_CODECS)} can be read")


def judge_broker(
    settings: Settings, brokers: int, config: Mapping[str, str] | None
) -> Iterator[Finding]:
    """Yield what the brokers' number and limits mean for the settings.

    Args:
        settings: what is asked for.
        brokers: how many there are.
        config: of one of them; None if it does not say.
    """
    count = "1 broker answers" if brokers == 1 else f"{brokers} brokers answer"
    if settings.replication_factor > brokers:
        text = f"{count} at {settings.broker}, but {settings.replication_factor} copies are set"
        yield Finding("broker", "fault", text, f"set ANDON_REPLICATION_FACTOR to at most {brokers}")
    elif brokers >= 3 and settings.replication_factor < 3:
        text = f"{count} at {settings.broker}, but {settings.replication_factor} copies are set"
        remedy = "set ANDON_REPLICATION_FACTOR=3 and ANDON_MIN_INSYNC_REPLICAS=2 before the topics are made"
        yield Finding("broker", "warning", text, remedy)
    else:
        yield Finding("broker", "ok", f"{count} at {settings.broker}")
    if config is None:
        yield Finding("limits", "unknown", "the broker does not tell its configuration")
        return
    yield from _judge_limits(settings, config)


def _judge_limits(settings: Settings, config: Mapping[str, str]) -> Iterator[Finding]:
    largest = _number(config.get("message.max.bytes"))
    if largest is None:
        yield Finding("limits", "unknown", "the broker does not tell its message.max.bytes")
    elif largest < settings.max_message_bytes:
        text = f"message.max.bytes is {largest:,}, ANDON_MAX_MESSAGE_BYTES {settings.max_message_bytes:,}"
        remedy = (
            "topics that `andon topics create` made have a limit of their own; "
            "for others raise message.max.bytes, or lower ANDON_MAX_MESSAGE_BYTES"
        )
        yield Finding("limits", "warning", text, remedy)
    else:
        yield Finding("limits", "ok", f"message.max.bytes is {largest:,}")
    kept = _number(config.get("offsets.retention.minutes"))
    if kept is not None and kept < 7 * 24 * 60:
        text = f"offsets.retention.minutes is {kept:,}: workers that rest longer begin at the oldest records"
        yield Finding("limits", "warning", text, "set it to 10080 (a week) or more")


def judge_topics(settings: Settings, topics: Mapping[str, TopicFacts]) -> Iterator[Finding]:
    """Yield what of the topics' copies, leaders and limits is not as it must be; `TopicAdmin.check` has the rest.

    Args:
        settings: what is asked for.
        topics: those that exist, by name.
    """
    for spec in TOPICS:
        name = topic_name(settings, spec.family)
        facts = topics.get(name)
        if facts is None:
            continue
        if facts.without_leader:
            text = f"topic {name}: {facts.without_leader} partitions have no leader"
            remedy = "start the brokers that hold them, or look into their logs"
            yield Finding("topics", "fault", text, remedy)
        elif facts.in_sync < facts.replicas:
            text = f"topic {name}: {facts.in_sync} of {facts.replicas} copies are in sync"
            remedy = "wait until the broker that was away has caught up, or look why it does not"
            yield Finding("topics", "warning", text, remedy)
        if facts.replicas < settings.replication_factor:
            text = (
                f"topic {name} has {facts.replicas} copies, {settings.replication_factor} are set"
            )
            remedy = "add replicas with kafka-reassign-partitions.sh"
            yield Finding("topics", "warning", text, remedy)
        if facts.config is not None:
            yield from _judge_topic(spec, name, facts.config, spec.config(settings))


def _judge_topic(
    spec: TopicSpec, name: str, config: Mapping[str, str], wanted: Mapping[str, str]
) -> Iterator[Finding]:
    for key in ("max.message.bytes", "retention.ms", "min.insync.replicas"):
        want, have = _number(wanted.get(key)), _number(config.get(key))
        if want is None or have is None or have >= want or have == -1:  # -1: without end
            continue
        text = f"topic {name} has {key}={have}, but {want} are wanted"
        remedy = f"kafka-configs.sh --alter --topic {name} --add-config {key}={want}"
        stops = key == "max.message.bytes" and spec.direction != "in" and have < BATCH_BYTES
        yield Finding("topics", "fault" if stops else "warning", text, remedy)


def judge_clock(settings: Settings, clock: ClockFacts) -> Finding:
    """Return what the difference between the broker's clock and ours means.

    Args:
        settings: how far ahead an event may be.
        clock: what was measured.
    """
    off = abs(clock.ahead)
    side = "ahead of" if clock.ahead > 0 else "behind"
    text = f"the broker's clock is {off:,.1f} s {side} this machine's (within {clock.within:.2f} s)"
    if off <= _SKEW_SECONDS + clock.within:
        return Finding("clock", "ok", text)
    remedy = "let both follow one time server (NTP)"
    fatal = off > settings.max_event_ahead_hours * 3600 > 0
    return Finding("clock", "fault" if fatal else "warning", text, remedy)


def judge_newest(ahead: Mapping[str, float]) -> Finding:
    """Return what the newest records say of clocks.

    Args:
        ahead: by topic, seconds by which its newest record lies ahead of this machine's clock; negative if it is past.
    """
    wrong = {name: seconds for name, seconds in ahead.items() if seconds > _AHEAD_SECONDS}
    if wrong:
        name = max(wrong, key=wrong.__getitem__)
        text = f"the newest record of {name} is {wrong[name]:,.0f} s ahead of this machine's clock"
        remedy = "compare the clocks of its producers, the broker and this machine; --probe measures the broker's"
        return Finding("clock", "warning", text, remedy)
    if not ahead:
        text = "no records yet to compare clocks with; --probe measures the broker's"
        return Finding("clock", "unknown", text)
    return Finding(
        "clock", "ok", "no record comes from the future; --probe measures the broker's clock"
    )


def judge_group(settings: Settings, group: GroupFacts) -> Iterator[Finding]:
    """Yield what the workers' group and its offsets mean.

    Args:
        settings: the group's name and the number of partitions.
        group: its members and how far it is.
    """
    name = settings.app_id
    unread = sum(lag.records for lag in group.lags)
    began = any(lag.committed is not None for lag in group.lags)
    if not group.members:
        text = f"no worker of group {name} runs; {unread:,} records wait"
        yield Finding("group", "warning", text, "start one: andon worker")
    elif group.members > settings.partitions:
        text = f"{group.members} workers share {settings.partitions} partitions: some do nothing"
        yield Finding("group", "warning", text, "stop those that are too many, they only stand by")
    elif unread > _BEHIND_RECORDS:
        text = f"group {name} is {unread:,} records behind"
        remedy = "wait if it falls, else start more workers, up to one a partition"
        yield Finding("group", "warning", text, remedy)
    else:
        text = f"{group.members} workers of group {name}, {unread:,} records behind"
        yield Finding("group", "ok", text)
    if began:
        yield from _judge_offsets(name, group.lags)


def _judge_offsets(name: str, lags: Sequence[Lag]) -> Iterator[Finding]:
    lost = [lag for lag in lags if lag.committed is not None and lag.committed < lag.begin]
    beyond = [lag for lag in lags if lag.committed is not None and lag.committed > lag.end]
    if lost:
        count = sum(lag.begin - (lag.committed or 0) for lag in lost)
        where = _places(lost)
        text = f"{count:,} records of {where} were deleted before group {name} read them"
        remedy = "send them again (what was read is not counted twice); let a worker run, or set a longer retention.ms"
        yield Finding("group", "fault", text, remedy)
    if beyond:
        text = (
            f"group {name} has offsets beyond the end of {_places(beyond)}: the topic was made anew"
        )
        yield Finding("group", "fault", text, "andon state repair says what it means and mends it")


def _places(lags: Iterable[Lag]) -> str:
    named = [f"{lag.topic}[{lag.partition}]" for lag in lags]
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    return ", ".join(named[:3]) + more


def judge_disk(where: str, free: int) -> Finding:
    """Return whether a disk has room.

    Args:
        where: a folder of this machine or of a broker.
        free: bytes.
    """
    text = f"{free / 2**30:,.1f} GiB are free on {where}"
    if free >= _LITTLE_BYTES:
        return Finding("disk", "ok", text)
    level: Level = "fault" if free < _TOO_LITTLE_BYTES else "warning"
    return Finding("disk", level, text, "make room, or shorten retention.ms of the topics")


def judge_port(name: str, variable: str, port: int, taken_by: str | None) -> Finding:
    """Return whether a port can be listened on.

    Args:
        name: what wants to listen.
        variable: the setting that names another port.
        port: 0 takes any free one.
        taken_by: who listens there now, None if nobody does.
    """
    if taken_by is None:
        return Finding("ports", "ok", f"port {port or 'any'} is free for {name}")
    text = f"port {port} for {name} is taken by {taken_by}"
    if taken_by == "andon":
        return Finding("ports", "ok", f"{text}, which runs")
    return Finding("ports", "warning", text, f"end that program, or name another port: {variable}")


def _number(text: str | None) -> int | None:
    try:
        return int(text) if text is not None else None
    except ValueError:
        return None
