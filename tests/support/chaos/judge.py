"""A second judge: it knows the documents that came in, the alerts that went out and the laws, and no other run.

The first one (`verdict.py`) compares with what was fed and with an undisturbed run. This one would find what both runs do wrong.

The laws of the alert stream, as a consumer reads it that follows decision 0013:

- what comes twice under one event id is the same to the byte;
- an alert is opened, updated with rising revisions, and resolved, and then silent; a successor may say again, in a newer
  epoch, what a worker that lost its partition has said;
- no two alerts of one kind are open for one key;
- what is open in the stream is open in the books with the same word, and the other way round;
- the last record of each key of the board is there exactly for what is open in the books, with the same revision and answer;
- an item whose position is at or below its reorder point has an open replenishment alert.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from support.workers import read, tables

from andon.planning.alerting.alerts import parse_alert_id
from andon.schemas.alerts import Alert
from andon.schemas.common import decode
from andon.schemas.pos import Sale
from andon.schemas.shipments import ShipmentEvent
from andon.schemas.stock import StockMovement
from andon.streams.alert_feed import FAMILIES, SHADOW, unrepeated, word_of
from andon.streams.settings import Settings

#: Tables whose records have alerts.
_TABLES = ("books", "shipments", "scorecards", "incidents")


class Said(NamedTuple):
    """A record of an alert topic: the change, and its bytes."""

    alert: Alert
    body: bytes


class Ledger(NamedTuple):
    """What the documents of an item add up to, in units."""

    sold: int = 0
    returned: int = 0
    received: int = 0
    spoiled: int = 0


def judge(settings: Settings) -> list[str]:
    """Return which laws were broken on a broker whose workers have applied everything, a line each."""
    said = [
        Said(decode(record.value, Alert), record.value)
        for family in (*FAMILIES, *SHADOW)
        for record in read(settings, family)
    ]
    kept = tables(settings, *_TABLES)
    books, held_open = kept["books"], open_in(kept)
    held = {name: alert.revision for name, alert in held_open.items()}
    return [
        *two_contents(said),
        *lives([one.alert for one in said]),
        *open_twice(held),
        *open_elsewhere([one.alert for one in said], held),
        *off_the_board(read(settings, "board"), held_open),
        *silent_shortages(books),
        *off_the_ledger(settings, books),
    ]


def open_in(kept: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the records of some tables have open, by alert id."""
    return {
        alert.alert_id: alert
        for records in kept.values()
        for record in records.values()
        for alert in record.alerts.values()
    }


def board_faults(settings: Settings) -> list[str]:
    """Return what the board shows otherwise than the state has it."""
    return off_the_board(read(settings, "board"), open_in(tables(settings, *_TABLES)))


def two_contents(said: Iterable[Said]) -> list[str]:
    """Return the event ids that stand for more than one content."""
    bodies: dict[str, bytes] = {}
    return [
        f"{alert.event_id} has two contents"
        for alert, body in said
        if bodies.setdefault(alert.event_id, body) != body
    ]


def lives(said: Iterable[Alert]) -> list[str]:
    """Return the alerts whose life, as a consumer hears it in the end, is none."""
    heard: dict[str, list[Alert]] = defaultdict(list)
    for alert in unrepeated(said):
        words = heard[alert.alert_id]
        # A successor says again what it does not know to be said: its word stands for the zombie's.
        while words and words[-1].revision >= alert.revision and words[-1].epoch < alert.epoch:
            words.pop()
        words.append(alert)
    found = []
    for name, words in heard.items():
        revisions = [one.revision for one in words]
        first, *later = [one.status for one in words]
        legal = ["updated"] * len(later)
        if later and later[-1] == "resolved":
            legal[-1] = "resolved"
        if first != "opened" or later != legal or revisions != list(range(1, len(words) + 1)):
            life = ", ".join(f"{one.epoch}:{one.revision} {one.status}" for one in words)
            found.append(f"{name} lived: {life}")
    return found


def open_twice(held: Iterable[str]) -> list[str]:
    """Return the names under which the books hold more than one alert open."""
    counts = Counter(parse_alert_id(one)[:2] for one in held)
    return [f"{count} alerts are open of {name}" for name, count in counts.items() if count > 1]


def open_elsewhere(said: Iterable[Alert], held: Mapping[str, int]) -> list[str]:
    """Return the alerts that are open in the stream or in the books, but not in both with the same revision."""
    last: dict[str, Alert] = {}
    for alert in said:
        known = last.get(alert.alert_id)
        if known is None or word_of(alert) >= word_of(known):
            last[alert.alert_id] = alert
    stream = {name: one.revision for name, one in last.items() if one.status != "resolved"}
    return [
        f"{name} is open with revision {stream.get(name)} in the stream, {held.get(name)} in the books"
        for name in sorted(stream.keys() | held.keys())
        if stream.get(name) != held.get(name)
    ]


def off_the_board(records: Iterable[Any], held: Mapping[str, Any]) -> list[str]:
    """Return the alerts that stand on the board and are not open, are open and do not stand there, or are other than that."""
    last = {record.key.decode(): record.value for record in records}
    shown = {name: json.loads(value) for name, value in last.items() if value}
    found = [
        f"{name} is on the board, and nobody has it open" for name in shown.keys() - held.keys()
    ]
    found += [
        f"{name} is open, and not on the board" for name in sorted(held.keys() - shown.keys())
    ]
    for name in sorted(shown.keys() & held.keys()):
        alert, answer = shown[name]["alert"], shown[name].get("answer")
        if alert["alert_id"] != name or alert["revision"] != held[name].revision:
            found.append(f"{name} is on the board as {alert['alert_id']}:{alert['revision']}")
        if answer != (json.loads(held[name].answer) if held[name].answer else None):
            found.append(f"{name} is on the board with the answer {answer}")
    return found


def silent_shortages(books: Mapping[str, Any]) -> list[str]:
    """Return the items that are at or below their reorder point without an alert that says so."""
    return [
        f"{key} is at {book.inventory_position} of {book.targets.reorder_point}, and nobody says so"
        for key, book in books.items()
        if book.targets is not None
        and book.stock_is_known
        and book.inventory_position <= book.targets.reorder_point
        and "replenish" not in book.alerts
    ]


def off_the_ledger(settings: Settings, books: Mapping[str, Any]) -> list[str]:
    """Return the books that say something else than the documents in the topics, each counted once, add up to."""
    want = ledgers(
        [
            decode(record.value, kind)
            for family, kind in (
                ("pos", Sale),
                ("stock", StockMovement),
                ("shipments", ShipmentEvent),
            )
            for record in read(settings, family, isolation_level="read_committed")
        ]
    )
    have = {
        key: Ledger(*(getattr(book, name) for name in Ledger._fields))
        for key, book in books.items()
    }
    return [
        f"{key}: {have.get(key, Ledger())} in the book, {want.get(key, Ledger())} by the documents"
        for key in sorted(want.keys() | have.keys())
        if have.get(key, Ledger()) != want.get(key, Ledger())
    ]


def ledgers(documents: Iterable[Any]) -> dict[str, Ledger]:
    """Return what documents add up to by item: sums that no order of them changes."""
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    seen: set[tuple[type, str]] = set()
    for one in documents:
        name = (type(one), one.event_id)
        if name in seen:
            continue
        seen.add(name)
        match one:
            case Sale():
                what = "returned" if one.kind == "return" else "sold"
                totals[f"{one.location}/{one.sku}"][what] += one.quantity
            case StockMovement(kind="spoilage"):
                totals[f"{one.location}/{one.sku}"]["spoiled"] += one.quantity
            case ShipmentEvent(status="received"):
                for line in one.lines:
                    totals[f"{line.location}/{line.sku}"]["received"] += line.received or 0
    return {key: Ledger(*(sums[name] for name in Ledger._fields)) for key, sums in totals.items()}
