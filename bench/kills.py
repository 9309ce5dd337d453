"""Connectors that are killed between reading, publishing, noting and committing: what is lost, and what is there twice.

    python bench/kills.py [--kills 100] [--seed 1] [--broker HOST:PORT]

Each of `andon connect folder`, `cdc`, `topic` (framed Avro, with a registry) and `out csv` is begun again and again in a fork that ends
by SIGKILL at a chance step (a call of the broker, the registry or the disk) or a chance moment, until all is taken; then with new
files and records, until it was killed so often. A judge that shares no code with them counts what is there. `cdc` and `topic` say
what was not committed once more, under the same ids, which books count once; a second id of one sale is there twice.
"""

import argparse
import contextlib
import io
import json
import os
import random
import shutil
import signal
import struct
import sys
import tempfile
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fastavro
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from andon.cli import connect_out, main
from andon.connect import folder
from andon.connect.imports import ledger
from andon.connect.out.channels import Folder
from andon.connect.topic import reading
from andon.connect.topic.registry import Registry
from andon.schemas.common import encode
from andon.schemas.orders import OrderedLine, PurchaseOrder
from andon.streams.admin import TopicAdmin
from andon.streams.bulk import BulkPublisher
from andon.streams.embedded import EmbeddedBroker
from andon.streams.producer import Producer
from andon.streams.settings import load_settings
from andon.streams.topics import topic_name

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.dying import dying

MOST_STEPS, MOST_SECONDS, BY_TIME = 60, 1.5, 0.4
MOST_LIVES = 3000
RECORDS, ORDERS, FILES = 150, 25, 6
SCHEMA = {
    "type": "record",
    "name": "Sale",
    "fields": [{"name": name, "type": "string"} for name in ("item", "sold")],
}
COLUMNS = '[columns]\nsku = "item"\nquantity = "qty"\noccurred_at = "sold"\n'
SOLD = "2026-03-04T09:00:00Z"


#: Where a life may end: at a call of the broker, the registry or the disk.
PLACES = (
    *(
        (BulkPublisher, "add"),
        (BulkPublisher, "flush"),
        (Producer, "publish"),
        (Producer, "_publish"),
    ),
    *((folder.Inbox, "put_away"), (shutil, "move"), (Registry, "schema"), (Folder, "send")),
    *((KafkaConsumer, "commit"), (KafkaConsumer, "poll"), (connect_out, "publish")),
    *((Path, "replace"), (os, "fsync")),
)


def lives(arguments, chance, quiet):
    """Run a command in forks until one comes to its end; return how many were killed."""
    for killed in range(MOST_LIVES):
        by_time, steps, seconds = chance.random() < BY_TIME, chance.randint(1, MOST_STEPS), chance.uniform(0.05, MOST_SECONDS)  # fmt: skip
        child = os.fork()
        if child == 0:
            os.dup2(quiet.fileno(), 1)
            # However fast the machine is, no life gets far.
            dying(steps, PLACES)
            if by_time:
                signal.setitimer(signal.ITIMER_REAL, seconds)
            os._exit(main.code_of(arguments))
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            if os.WEXITSTATUS(status):
                sys.exit(f"{arguments} failed with {os.WEXITSTATUS(status)}")
            return killed
    sys.exit(f"{arguments} did not come to an end in {MOST_LIVES} lives")


def registry():
    """Serve the one schema in a process of its own; return its address and the process."""
    body = json.dumps({"schema": json.dumps(SCHEMA)}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    child = os.fork()
    if child == 0:
        server.serve_forever()
    return f"http://127.0.0.1:{server.server_port}", child


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


def judged(wanted, told, *, repeats_count):
    """Return lost, twice and said again: of sales by their item, which each is sold once."""
    ids, said = defaultdict(set), Counter()
    for event in told:
        ids[event["sku"]].add(event["event_id"])
        said[event["sku"]] += 1
    again = sum(said[sku] - len(ids[sku]) for sku in said)
    twice = sum(len(ids[sku]) - 1 for sku in wanted if sku in ids)
    strangers = len(set(said) - set(wanted))
    return len(set(wanted) - set(said)), twice + strangers + (again if repeats_count else 0), again


class Folders:
    name = "folder"

    def __init__(self, settings, place):
        self.inbox = folder.Inbox(place / "inbox")
        self.settings, self.wanted, self.rounds = settings, [], 0
        self.arguments = ["connect", "folder", str(self.inbox.folder), "--once", "--settled", "0"]

    def fill(self):
        self.rounds += 1
        for number in range(FILES):
            skus = [f"F{self.rounds}-{number}-{row}" for row in range(RECORDS // FILES)]
            rows = "".join(f"2026-03-04,S,{sku},1\n" for sku in skus)
            (self.inbox.folder / f"sales/{self.rounds}-{number}.csv").write_text("date,store,sku,quantity\n" + rows)  # fmt: skip
            self.wanted += skus

    def judge(self):
        mine = [one for one in held(self.settings, topic_name(self.settings, "pos")) if one["sku"].startswith("F")]  # fmt: skip
        return judged(self.wanted, mine, repeats_count=True)


class Topics:
    name = "topic"
    mark, rounds = "T", 0

    def __init__(self, settings, place, address):
        self.settings, self.wanted = settings, []
        self.topic = f"{settings.prefix}.{self.name}.sales"
        mapping = place / f"{self.name}.toml"
        columns = COLUMNS.replace('"qty"', '"one"')
        mapping.write_text(f'kind = "sales"\nlocations = ["S"]\n{columns}')
        self.arguments = ["connect", self.name, self.topic, "--mapping", str(mapping), "--once"]
        if address:
            self.arguments += ["--registry", address]

    def fill(self):
        self.rounds += 1
        skus = [f"{self.mark}{self.rounds}-{row}" for row in range(RECORDS)]
        self.wanted += skus
        send(self.settings, self.topic, [self.record(sku) for sku in skus])

    def record(self, sku):
        stream = io.BytesIO()
        fastavro.schemaless_writer(stream, PARSED, {"item": sku, "sold": SOLD, "one": "1"})
        return None, b"\0" + struct.pack(">I", 1) + stream.getvalue()

    def judge(self):
        mine = [one for one in held(self.settings, topic_name(self.settings, "pos")) if one["sku"].startswith(self.mark)]  # fmt: skip
        return judged(self.wanted, mine, repeats_count=False)


class Changes(Topics):
    name, mark = "cdc", "C"

    def record(self, sku):
        row = {"item": sku, "sold": SOLD, "one": 1}
        value = {"before": None, "after": row, "op": "c", "ts_ms": 1_772_615_000_000}
        return json.dumps({"item": sku}).encode(), json.dumps(value).encode()


class Orders:
    name = "out csv"
    rounds = 0

    def __init__(self, settings, place):
        self.settings, self.wanted, self.out = settings, [], place / "orders"
        self.arguments = ["connect", "out", "csv", str(self.out), "--once", "--hold", "0"]

    def fill(self):
        self.rounds += 1
        at = datetime.now(UTC)
        line = OrderedLine(location="S", sku="A", quantity=5)
        names = [f"PO-{self.rounds}-{number}" for number in range(ORDERS)]
        orders = [
            PurchaseOrder(
                order_id=name,
                state="approved",
                version=1,
                changed_at=at,
                lines=(line,),
                ready=True,
                supplier="ACME",
                approved_at=at,
            )
            for name in names
        ]
        self.wanted += names
        topic = topic_name(self.settings, "orders")
        send(self.settings, topic, [(one.order_id.encode(), encode(one)) for one in orders])

    def judge(self):
        files = Counter(path.name.rpartition("-")[0] for path in self.out.glob("*.csv"))
        notes = defaultdict(set)
        again = 0
        for one in held(self.settings, topic_name(self.settings, "orders.events")):
            again += one["event_id"] in notes[one["order_id"]]
            notes[one["order_id"]].add(one["event_id"])
        lost = sum(not files[name] or not notes[name] for name in self.wanted)
        twice = sum(max(files[name] - 1, 0) + max(len(notes[name]) - 1, 0) for name in self.wanted)
        return lost, twice, again


SCHEMA["fields"].append({"name": "one", "type": "string"})
PARSED = fastavro.parse_schema(SCHEMA)


def main_():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--broker")
    given = parser.parse_args()
    ledger.CHUNK, reading._MOST_RECORDS = 7, 7
    chance = random.Random(given.seed)
    failed = False
    with contextlib.ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = given.broker
        if broker is None:
            embedded = EmbeddedBroker(place / "broker")
            embedded.start()
            stack.callback(embedded.stop)
            broker = embedded.bootstrap
        quiet = stack.enter_context((place / "out").open("w"))
        settings = load_settings(broker=broker, prefix=f"kills-{os.getpid()}", partitions=2)
        with TopicAdmin(settings) as admin:
            admin.create()
        address, child = registry()
        stack.callback(os.kill, child, signal.SIGTERM)
        connectors = [
            Folders(settings, place),
            Changes(settings, place, None),
            Topics(settings, place, address),
            Orders(settings, place),
        ]
        print("| connector | taken | killed | lost | twice | said again | seconds |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for one in connectors:
            started, killed = time.monotonic(), 0
            while killed < given.kills:
                one.fill()
                run = ["--broker", broker, "--prefix", settings.prefix, *one.arguments]
                killed += lives(run, chance, quiet)
            lost, twice, again = one.judge()
            failed |= bool(lost or twice)
            seconds = time.monotonic() - started
            print(f"| `{one.name}` | {len(one.wanted)} | {killed} | {lost} | {twice} | {again} | {seconds:.0f} |", flush=True)  # fmt: skip
    sys.exit(failed)


if __name__ == "__main__":
    main_()
