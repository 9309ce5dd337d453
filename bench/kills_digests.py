"""Digests by mail, for bench/kills.py: what was open when one was due is told, by one mail, however often the sink dies.

Each round opens more alerts and makes a digest due. The judge knows what was open then, and what stands in the mails that were taken;
a mail that comes again has the same `Message-ID`, by which a receiver knows it.
"""

import json
import time
from collections import defaultdict
from datetime import UTC, datetime
from typing import NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kills_outgoing import PostedAlerts, send

from andon.cli import sink_mail
from andon.schemas.board import BoardEntry
from andon.schemas.common import encode
from andon.streams.topics import topic_name

OPENED = 5


class DueAt(NamedTuple):
    """A digest is due once from a moment on, as at a time of day."""

    moment: datetime

    def is_due(self, now, last, _):
        return last is None or last < self.moment <= now


class MailedDigests(PostedAlerts):
    name, way, kind = "sink mail", "mail", "class_advice"

    def __init__(self, settings, address, journal):
        self.settings, self.journal = settings, journal
        #: What was open in each round, and all of it.
        self.open, self.wanted = [], []
        group = f"{settings.prefix}-digests"
        told = ["--from", "us@shop.example", "--to", "anna@shop.example", "--security", "none"]
        what = ["--every", "1h", "--kind", self.kind, "--most", "1000", "--group", group]
        self.arguments = ["sink", "mail", address, *told, *what]
        self.notes = KafkaConsumer(bootstrap_servers=settings.servers, group_id=group, enable_auto_commit=False)  # fmt: skip

    def child(self):
        due = DueAt(self.due)
        sink_mail._times = lambda *_: due

    def fill(self):
        self.rounds += 1
        new = [self.opened(f"{self.rounds}-{number}") for number in range(OPENED)]
        entries = [(one.alert_id.encode(), encode(BoardEntry(alert=one))) for one in new]
        send(self.settings, topic_name(self.settings, "board"), entries)
        self.wanted += [one.sku for one in new]
        self.open.append(frozenset(self.wanted))
        # What the round before noted lies before it.
        time.sleep(0.01)
        self.due = datetime.now(UTC)

    def opened(self, sku):
        return super().opened(sku, f"{sku} sells otherwise.")

    def taken(self):
        return [
            (one["id"], frozenset(line.split()[0] for line in one["text"].splitlines() if line.endswith("otherwise.")))
            for one in self.journal.read()
        ]  # fmt: skip

    def is_done(self):
        """Whether the digest was taken and that is noted: until then a life that begins sends it again."""
        if not any(told == self.open[-1] for _, told in self.taken()):
            return False
        place = TopicPartition(topic_name(self.settings, "board"), 0)
        note = self.notes.committed(place, metadata=True)
        at = json.loads(note.metadata).get("at") if note else None
        return at is not None and datetime.fromisoformat(at) >= self.due

    def judge(self):
        return judged_digests(self.open, self.taken())


def judged_digests(opened, taken):
    """Return lost, twice and said again of digests.

    Args:
        opened: what was open when each was due.
        taken: pairs of the id under which a mail was taken, and what it tells.
    """
    ids, again = defaultdict(set), 0
    for one, told in taken:
        again += one in ids[told]
        ids[told].add(one)
    lost = sum(one not in ids for one in opened)
    return lost, sum(len(found) - (told in opened) for told, found in ids.items()), again
