"""What goes out, for bench/kills.py: orders as CSV, by webhook and by mail, and alerts to a webhook and to Alertmanager.

Each has a judge that knows only what it asked for and what the receiver took. A receiver keeps ids as the documents ask it to: the
`id` of an order, the `Message-ID` of a mail, the `event_id` of an alert; Alertmanager knows an alert by its labels.
"""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from andon.connect.sinks import forward
from andon.schemas.alerts import Alert
from andon.schemas.common import encode
from andon.schemas.orders import OrderedLine, PurchaseOrder
from andon.streams.topics import topic_name

ORDERS, ALERTS = 25, 24
MOST_AT_ONCE, MOST_POLLED = 3, 20


def send(settings, topic, records):
    producer = KafkaProducer(bootstrap_servers=settings.servers, acks="all")
    for key, value in records:
        producer.send(topic, key=key, value=value)
    producer.flush()
    producer.close()


def held(settings, topic):
    """Return the values of a topic, from its first record to its last."""
    client = KafkaConsumer(bootstrap_servers=settings.servers, auto_offset_reset="earliest")
    places = [TopicPartition(topic, number) for number in client.partitions_for_topic(topic)]
    client.assign(places)
    ends = client.end_offsets(places)
    found = []
    while any(client.position(place) < ends[place] for place in places):
        for records in client.poll(timeout_ms=500).values():
            found += [json.loads(record.value) for record in records if record.value]
    client.close()
    return found


def judged_orders(wanted, taken, notes):
    """Return lost, twice and said again of orders.

    Args:
        wanted: their names.
        taken: pairs of an order's name and the id under which it was taken.
        notes: pairs of an order's name and the id of the event that says it went out.
    """
    lost = twice = again = 0
    for pairs in (taken, notes):
        ids = defaultdict(set)
        for name, one in pairs:
            again += one in ids[name]
            ids[name].add(one)
        lost += sum(name not in ids for name in wanted)
        twice += sum(len(ids[name]) - 1 for name in ids) + len(set(ids) - set(wanted))
    return lost, twice, again


class Orders:
    name, way = "out csv", "csv"
    rounds, goes_on = 0, ()

    def __init__(self, settings, place):
        self.settings, self.wanted, self.out = settings, [], place / "orders"
        self.arguments = [*self.command(str(self.out)), "--supplier", self.way]

    def command(self, *arguments):
        return ["connect", "out", self.way, *arguments, "--once", "--hold", "0"]

    def fill(self):
        self.rounds += 1
        at = datetime.now(UTC)
        line = OrderedLine(location="S", sku="A", quantity=5)
        names = [f"PO-{self.way}-{self.rounds}-{number}" for number in range(ORDERS)]
        orders = [
            PurchaseOrder(
                order_id=name,
                state="approved",
                version=1,
                changed_at=at,
                lines=(line,),
                ready=True,
                supplier=self.way,
                approved_at=at,
            )
            for name in names
        ]
        self.wanted += names
        topic = topic_name(self.settings, "orders")
        send(self.settings, topic, [(one.order_id.encode(), encode(one)) for one in orders])

    def taken(self):
        return [(path.name.rpartition("-")[0], path.name) for path in self.out.glob("*.csv")]

    def judge(self):
        events = held(self.settings, topic_name(self.settings, "orders.events"))
        notes = [(one["order_id"], one["event_id"]) for one in events if one["channel"] == self.way]
        return judged_orders(self.wanted, self.taken(), notes)


class PostedOrders(Orders):
    name, way = "out webhook", "webhook"
    #: A receiver that is not well leaves some for the next run.
    goes_on = (1,)

    def __init__(self, settings, address, journal):
        self.settings, self.wanted, self.journal = settings, [], journal
        self.arguments = [*self.command(address), "--supplier", self.way]

    def taken(self):
        posts = [post["body"] for post in self.journal.read()]
        return [(one["order"]["order_id"], one["id"]) for one in posts]


class MailedOrders(Orders):
    name, way, goes_on = "out mail", "mail", (1,)

    def __init__(self, settings, address, journal):
        self.settings, self.wanted, self.journal = settings, [], journal
        told = ["--from", "us@shop.example", "--to", "all@acme.example", "--security", "none"]
        self.arguments = [*self.command(address, *told), "--supplier", self.way]

    def taken(self):
        return [(one["order"], one["id"]) for one in self.journal.read()]


class PostedAlerts:
    """Alerts that open, get worse and end; the sink has no end of its own, and is told to end when the receiver has all."""

    name, way = "sink webhook", "webhook"
    rounds, goes_on = 0, ()

    def __init__(self, settings, address, journal):
        self.settings, self.journal = settings, journal
        #: The changes that the receiver must have, by alert, and the last word on each.
        self.wanted, self.last = [], {}
        self.arguments = ["sink", self.way, "--url", address, "--kind", self.kind]

    #: Each sink has alerts of its own.
    kind = "stockout_risk"

    def child(self):
        forward._MOST_AT_ONCE = MOST_AT_ONCE
        KafkaConsumer.DEFAULT_CONFIG["max_poll_records"] = MOST_POLLED

    def fill(self):
        """Say the ends of what the last round left open, and then new lives of each length."""
        self.rounds += 1
        changes = [self.changed(one, "resolved") for one in self.last.values() if one.status != "resolved"]  # fmt: skip
        for number in range(ALERTS):
            one = self.opened(f"{self.rounds}-{number}")
            changes.append(one)
            if number % 4 in (1, 2):
                one = self.changed(one, "updated", "critical")
                changes.append(one)
            if number % 4 in (2, 3):
                changes.append(self.changed(one, "resolved"))
        self.last |= {one.alert_id: one for one in changes}
        self.wanted += [one.event_id for one in changes]
        topic = topic_name(self.settings, "replenishment")
        send(self.settings, topic, [(f"S/{one.sku}".encode(), encode(one)) for one in changes])

    def opened(self, sku, sentence="It runs out."):
        now, name = datetime.now(UTC), f"{self.kind}:S/{sku}:1"
        return Alert(
            alert_id=name,
            event_id=f"{name}:1",
            kind=self.kind,
            status="opened",
            severity="warning",
            revision=1,
            sentence=sentence,
            opened_at=now,
            changed_at=now,
            location="S",
            sku=sku,
        )

    def changed(self, one, status, severity=None):
        revision = one.revision + 1
        return Alert(
            alert_id=one.alert_id,
            event_id=f"{one.alert_id}:{revision}",
            kind=one.kind,
            status=status,
            severity=severity or one.severity,
            revision=revision,
            sentence=one.sentence,
            opened_at=one.opened_at,
            changed_at=datetime.now(UTC),
            location=one.location,
            sku=one.sku,
        )

    def taken(self):
        posts = [post["body"]["alerts"] for post in self.journal.read()]
        return [one["alert"]["event_id"] for post in posts for one in post]

    def is_done(self):
        return self.judge()[0] == 0

    def judge(self):
        return judged_changes(self.wanted, self.taken())


class KeptAlerts(PostedAlerts):
    name, way, kind = "sink alertmanager", "alertmanager", "overstock"

    def taken(self):
        posts = self.journal.read()
        return [one | {"taken_at": post["at"]} for post in posts for one in post["body"]]

    def judge(self):
        return judged_alerts(self.last.values(), self.taken())


def judged_changes(wanted, taken):
    """Return lost, twice and said again of changes by their ids; one that comes before an earlier one of its alert is strange."""
    counted, newest, twice = Counter(taken), {}, 0
    for one in dict.fromkeys(taken):
        alert, _, revision = one.rpartition(":")
        twice += int(revision) < newest.get(alert, 0)
        newest[alert] = int(revision)
    again = sum(number - 1 for number in counted.values())
    return len(set(wanted) - set(counted)), twice + len(set(counted) - set(wanted)), again


def judged_alerts(last, taken):
    """Return lost, twice and said again of alerts as Alertmanager knows them: by labels, and firing unless they have ended.

    Args:
        last: the last word on each alert.
        taken: what was posted, in order.
    """
    state = {tuple(sorted(one["labels"].items())): one for one in taken}
    fires = defaultdict(set)
    for one in state.values():
        if not _is_over(one):
            fires[one["labels"]["sku"]].add(one["labels"]["severity"])
    known = {one["labels"]["sku"] for one in taken}
    lost = twice = 0
    for one in last:
        wanted = set() if one.status == "resolved" else {one.severity}
        lost += bool(wanted - fires[one.sku]) or one.sku not in known
        # What has ended and still fires was not told of its end.
        lost += not wanted and bool(fires[one.sku])
        twice += bool(wanted) and len(fires[one.sku] - wanted)
    twice += len(known - {one.sku for one in last})
    words = {json.dumps([one["labels"], _is_over(one)], sort_keys=True) for one in taken}
    return lost, twice, len(taken) - len(words)


def _is_over(one):
    """Say whether an alert was posted as over: what goes on ends minutes after it was posted, and what is over when it changed."""
    changed = datetime.fromisoformat(one["endsAt"])
    return changed <= datetime.fromisoformat(one["taken_at"])
