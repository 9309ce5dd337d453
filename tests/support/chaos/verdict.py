"""What a chaos run left on the broker, compared with what was fed and with an undisturbed run."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from support.chaos.feeding import Tills
from support.chaos.sales import SeededSales, Totals
from support.workers import read, state

from andon.schemas.alerts import Alert
from andon.schemas.common import decode
from andon.schemas.pos import Sale
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

INPUTS = ("pos", "stock", "shipments", "items", "lines")
ALERTS = ("replenishment", "disruptions")


@dataclass
class Alerts:
    """The alerts of some items: event ids, alert ids, repeats, and repeats that say something else."""

    events: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    published: int = 0
    contradicting: int = 0

    @property
    def repeated(self) -> int:
        """How many were published more than once; they carry the id of the first."""
        return self.published - len(self.events)


@dataclass
class Verdict:
    """What is wrong: all numbers must be zero and all lists empty."""

    lost: int = 0
    counted_twice: int = 0
    wrong_books: list[str] = field(default_factory=list)
    holes: list[str] = field(default_factory=list)
    read_again: int = 0
    rebalances: int = 0
    standstill: float = 0.0
    unpublished: list[str] = field(default_factory=list)


def alerts_of(settings: Settings, keys: Iterable[str]) -> Alerts:
    """Return what was published about these items."""
    wanted = set(keys)
    found = Alerts()
    bodies: dict[str, bytes] = {}
    for family in ALERTS:
        for record in read(settings, family):
            if record.key.decode() not in wanted:
                continue
            alert = decode(record.value, Alert)
            found.published += 1
            found.names.add(alert.alert_id)
            found.events.add(f"{alert.alert_id}:{alert.revision}")
            if bodies.setdefault(alert.event_id, record.value) != record.value:
                found.contradicting += 1
    return found


def committed_sales(settings: Settings, keys: Iterable[str]) -> Counter[str]:
    """Return what was sold of these items in transactions that were committed."""
    wanted = {key.encode() for key in keys}
    sold: Counter[str] = Counter()
    for record in read(settings, "pos", isolation_level="read_committed"):
        if record.key in wanted:
            sold[record.key.decode()] += decode(record.value, Sale).quantity
    return sold


def compare(settings: Settings, sales: SeededSales, journal: Path) -> Verdict:
    """Compare the changelog and the journal with what was fed."""
    verdict = Verdict()
    books = state(settings, "books")
    expected = sales.totals()
    for key, sold in committed_sales(settings, Tills.KEYS).items():
        expected[key] = Totals(sold, 0, 0, 0, -sold, 0)
    for key, want in sorted(expected.items()):
        book = books.get(key)
        have = Totals(*(getattr(book, name, 0) for name in Totals._fields))
        short = sum(max(w - h, 0) for w, h in zip(want[:4], have[:4], strict=True))
        over = sum(max(h - w, 0) for w, h in zip(want[:4], have[:4], strict=True))
        verdict.lost += short
        verdict.counted_twice += over
        if want != have:
            verdict.wrong_books.append(f"{key}: {have}, not {want}")
    verdict.wrong_books += [f"{key}: fed by nobody" for key in books.keys() - expected.keys()]
    published = alerts_of(settings, books).events
    for book in books.values():
        for alert in book.alerts.values():
            if f"{alert.alert_id}:{alert.revision}" not in published:
                verdict.unpublished.append(alert.alert_id)
    _read_journal(settings, journal, verdict)
    return verdict


class Settled(NamedTuple):
    """A batch that a worker settled, and when, in seconds since 1970."""

    begin: int
    end: int
    at: float


def _settled(journal: Path) -> tuple[dict[tuple[str, int], list[Settled]], set[int]]:
    """Return what was settled by topic and partition, as it came, and the generations of the group."""
    settled: dict[tuple[str, int], list[Settled]] = defaultdict(list)
    generations = set()
    for line in journal.read_text().splitlines():
        what, *cells = line.split()
        if what == "settled":
            topic, partition, begin, end, at = cells
            settled[topic, int(partition)].append(Settled(int(begin), int(end), float(at)))
        else:
            generations.add(int(cells[0]))
    return settled, generations


def _read_journal(settings: Settings, journal: Path, verdict: Verdict) -> None:
    """Check that the settled batches of every partition meet without a hole, from the first offset to the last."""
    settled, generations = _settled(journal)
    verdict.rebalances = len(generations)
    for topic, partition, end in _ends(settings):
        reached = 0
        for begin, until, _ in sorted(settled[topic, partition]):
            if begin > reached:
                verdict.holes.append(f"{topic}[{partition}] {reached}..{begin}")
            verdict.read_again += max(min(reached, until) - begin, 0)
            reached = max(reached, until)
        if reached < end:
            verdict.holes.append(f"{topic}[{partition}] {reached}..{end}")
    verdict.standstill, _ = pace(settings, journal, 0.0, inf)


def pace(settings: Settings, journal: Path, since: float, until: float) -> tuple[float, int]:
    """Return the longest time between settled batches of a partition of sales, and how many offsets came again.

    Only what was settled between these times, in seconds since 1970, is looked at; sales go in all the time.
    """
    sold = topic_name(settings, "pos")
    longest, again = 0.0, 0
    for (topic, _), batches in _settled(journal)[0].items():
        within = [one for one in batches if topic == sold and since <= one.at <= until]
        reached = 0
        for before, after in pairwise(within):
            longest = max(longest, after.at - before.at)
            reached = max(reached, before.end)
            again += max(min(reached, after.end) - after.begin, 0)
    return longest, again


def _ends(settings: Settings) -> Iterator[tuple[str, int, int]]:
    consumer = KafkaConsumer(bootstrap_servers=settings.servers, group_id=None)
    try:
        partitions = [
            TopicPartition(topic_name(settings, family), number)
            for family in INPUTS
            for number in range(settings.partitions)
        ]
        for tp, end in consumer.end_offsets(partitions).items():
            yield tp.topic, tp.partition, end
    finally:
        consumer.close()


def faults(verdict: Verdict, chaos: Alerts, calm: Alerts) -> list[str]:
    """Return what is wrong, a line each; nothing is the only good answer."""
    found: list[str] = []

    def must_be_none(what: str, these: Any) -> None:
        if these:
            some = these if isinstance(these, int) else sorted(these)[:10]
            found.append(f"{what}: {some}")

    must_be_none("no alerts to compare", [] if calm.events else ["the undisturbed run had none"])
    must_be_none("units lost", verdict.lost)
    must_be_none("units counted twice", verdict.counted_twice)
    must_be_none("books that say something else than was fed", verdict.wrong_books)
    must_be_none("offsets never settled", verdict.holes)
    must_be_none("open alerts whose last change was never published", verdict.unpublished)
    must_be_none("alerts missing", calm.names - chaos.names)
    must_be_none("alerts that the undisturbed run does not know", chaos.names - calm.names)
    must_be_none("changes of alerts missing", calm.events - chaos.events)
    must_be_none("changes of alerts too many", chaos.events - calm.events)
    must_be_none("repeats that say something else", chaos.contradicting)
    return found
