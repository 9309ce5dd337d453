"""Connectors that are killed between reading, publishing, noting and committing: what is lost, and what is there twice.

    python bench/kills.py [--kills 100] [--seed 1] [--broker HOST:PORT] [--only NAME]...

Each of `andon connect folder`, `cdc`, `topic` (framed Avro, with a registry), `out csv`, `out webhook` and `out mail`, and of `andon sink
webhook`, `alertmanager` and `mail`, is begun again and again in a fork that ends by SIGKILL at a chance step (a call of the broker, the registry,
the disk or the receiver) or a chance moment, until all is taken; then with new files and records, until it was killed so often. A judge
that shares no code with them counts what is there. What was not noted is said once more, under the same ids, which books and receivers
count once; a second id of one sale, order or change is there twice. Receivers fail, too (bench/receivers.py).
"""

import argparse
import contextlib
import io
import json
import os
import random
import shutil
import signal
import smtplib
import struct
import sys
import tempfile
import time
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fastavro
from kafka import KafkaConsumer
from kills_digests import MailedDigests
from kills_outgoing import KeptAlerts, MailedOrders, Orders, PostedAlerts, PostedOrders, held, send
from receivers import Journal, mail_server, web_server

from andon.cli import connect_out, main
from andon.connect import folder
from andon.connect.imports import ledger
from andon.connect.out.channels import Folder, Hook
from andon.connect.sinks import delivery
from andon.connect.sinks.delivery import Post
from andon.connect.sinks.forward import Forwarder
from andon.connect.topic import reading
from andon.connect.topic.registry import Registry
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
RECORDS, FILES = 150, 6
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
    *((delivery, "ask"), (Post, "_try"), (Hook, "send"), (Forwarder, "_commit")),
    *((smtplib.SMTP, name) for name in ("connect", "rcpt", "data", "quit")),
)


def lives(arguments, chance, quiet, one):
    """Run a command in forks until one comes to its end, or all has been taken; return how many were killed."""
    killed = 0
    for _ in range(MOST_LIVES):
        by_time, steps, seconds = chance.random() < BY_TIME, chance.randint(1, MOST_STEPS), chance.uniform(0.05, MOST_SECONDS)  # fmt: skip
        child = os.fork()
        if child == 0:
            os.dup2(quiet.fileno(), 1)
            os.dup2(quiet.fileno(), 2)
            if hasattr(one, "child"):
                one.child()
            # However fast the machine is, no life gets far.
            dying(steps, PLACES)
            if by_time:
                signal.setitimer(signal.ITIMER_REAL, seconds)
            os._exit(main.code_of(arguments))
        asked, status = ended(child, one)
        if not os.WIFEXITED(status):
            # Who is told to end may not have begun to listen; that is no kill.
            killed += os.WTERMSIG(status) != signal.SIGTERM
            if asked:
                return killed
        elif os.WEXITSTATUS(status) == 0:
            return killed
        elif os.WEXITSTATUS(status) not in one.goes_on:
            sys.exit(f"{arguments} failed with {os.WEXITSTATUS(status)}")
    sys.exit(f"{arguments} did not come to an end in {MOST_LIVES} lives")


def ended(child, one):
    """Wait for the end of a life; return whether it was told to end, as one without an end of its own is, and its status."""
    if not hasattr(one, "is_done"):
        return False, os.waitpid(child, 0)[1]
    asked = False
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return asked, status
        if not asked and one.is_done():
            os.kill(child, signal.SIGTERM)
            asked = True
        time.sleep(0.05)


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
    goes_on = ()

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
    mark, rounds, goes_on = "T", 0, ()

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


SCHEMA["fields"].append({"name": "one", "type": "string"})
PARSED = fastavro.parse_schema(SCHEMA)


def main_():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--broker")
    parser.add_argument("--only", action="append", help="such as 'out mail'; repeatable")
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

        def served(made, *told):
            address, child = made(*told)
            stack.callback(os.kill, child, signal.SIGTERM)
            return address

        def received(kind, server):
            journal = Journal(place / f"{kind.way}-{kind.__name__}")
            address = served(server, journal, random.Random(given.seed))
            return kind(settings, address, journal)

        connectors = {
            "folder": lambda: Folders(settings, place),
            "cdc": lambda: Changes(settings, place, None),
            "topic": lambda: Topics(settings, place, served(registry)),
            "out csv": lambda: Orders(settings, place),
            "out webhook": lambda: received(PostedOrders, web_server),
            "out mail": lambda: received(MailedOrders, mail_server),
            "sink webhook": lambda: received(PostedAlerts, web_server),
            "sink alertmanager": lambda: received(KeptAlerts, web_server),
            "sink mail": lambda: received(MailedDigests, mail_server),
        }
        unknown = set(given.only or ()) - set(connectors)
        if unknown:
            parser.error(f"--only: expected one of {', '.join(connectors)}")
        print("| connector | taken | killed | lost | twice | said again | seconds |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for name in given.only or connectors:
            one, started, killed = connectors[name](), time.monotonic(), 0
            while killed < given.kills:
                one.fill()
                run = ["--broker", broker, "--prefix", settings.prefix, *one.arguments]
                killed += lives(run, chance, quiet, one)
            lost, twice, again = one.judge()
            failed |= bool(lost or twice)
            seconds = time.monotonic() - started
            print(f"| `{one.name}` | {len(one.wanted)} | {killed} | {lost} | {twice} | {again} | {seconds:.0f} |", flush=True)  # fmt: skip
    sys.exit(failed)


if __name__ == "__main__":
    main_()
