"""`andon sink` on a broker: from the topics to a webhook, over a restart."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from support.mail import receiving
from support.receiver import WebhookReceiver
from support.workers import publish, until

from andon.schemas.alerts import Alert
from andon.schemas.board import BoardEntry
from andon.schemas.common import encode, utc

pytestmark = pytest.mark.integration


def alert(sku, revision=1, status="opened"):
    return Alert(
        alert_id=f"stockout_risk:S/{sku}:1",
        event_id=f"stockout_risk:S/{sku}:1:{revision}",
        kind="stockout_risk",
        status=status,
        severity="warning",
        revision=revision,
        sentence="It runs out.",
        opened_at=utc(1_790_000_000),
        changed_at=utc(1_790_000_000 + revision),
        location="S",
        sku=sku,
    )


def say(settings, *alerts):
    publish(settings, (("disruptions", f"S/{one.sku}".encode(), encode(one)) for one in alerts))


@pytest.fixture
def sink(topics):
    """Starts `andon sink`; whatever still runs is ended."""
    running = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "andon.cli.main", "sink", *arguments],
            env={**os.environ, "ANDON_BROKER": topics.broker, "ANDON_PREFIX": topics.prefix},
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


def end(process):
    process.send_signal(signal.SIGTERM)
    return process.wait(15)


def test_changes_reach_a_webhook_once_and_a_restart_goes_on_where_it_stopped(topics, sink):
    with WebhookReceiver() as receiver:

        def told():
            return sorted((one["labels"]["sku"], one["status"]) for one in receiver.alerts)

        say(topics, alert("A"), alert("B"))
        first = sink("webhook", "--url", receiver.url)
        until(lambda: len(told()) == 2, "both alerts are delivered")
        assert end(first) == 0

        say(topics, alert("A", 2, "resolved"), alert("C"))
        sink("webhook", "--url", receiver.url)
        until(lambda: len(told()) >= 4, "what came meanwhile is delivered")
        assert told() == [("A", "firing"), ("A", "resolved"), ("B", "firing"), ("C", "firing")]


def test_alertmanager_is_reminded_of_what_is_open_after_a_restart_too(topics, sink):
    with WebhookReceiver() as receiver:
        arguments = ("alertmanager", "--url", receiver.url, "--resend", "1s")
        say(topics, alert("A"), alert("B"))
        first = sink(*arguments)

        def reminders(*skus):
            return [
                post
                for post in receiver.posts
                if sorted(one["labels"]["sku"] for one in post) == list(skus)
            ]

        until(lambda: len(reminders("A", "B")) >= 2, "both are sent again")
        say(topics, alert("A", 2, "resolved"))
        until(lambda: reminders("B"), "one alone is sent again")
        assert end(first) == 0

        receiver.posts.clear()
        sink(*arguments)
        until(lambda: reminders("B"), "it is sent again after a restart")
        assert not reminders("A", "B")


def test_only_what_was_asked_for_is_forwarded(topics, sink):
    with WebhookReceiver() as receiver:
        say(topics, alert("A"))
        sink("webhook", "--url", receiver.url, "--kind", "overstock")
        watched = sink("webhook", "--url", receiver.url, "--group", "all")
        until(lambda: receiver.alerts, "the sink that wants all has delivered")
        assert watched.poll() is None
        assert len(receiver.alerts) == 1


def test_a_digest_is_mailed_at_the_start_and_a_restart_does_not_mail_it_again(
    topics, sink, tmp_path
):
    one = alert("A")
    publish(topics, [("board", one.alert_id.encode(), encode(BoardEntry(alert=one)))])
    with receiving() as server:
        arguments = (
            *("mail", f"127.0.0.1:{server.port}", "--security", "none", "--every", "1h"),
            *("--from", "a@x.example", "--to", "b@y.example"),
        )
        first = sink(*arguments)
        until(lambda: server.mails, "the digest is mailed")
        assert end(first) == 0

        alive = tmp_path / "alive"
        again = sink(*arguments, "--alive-file", str(alive))
        until(alive.exists, "it runs again")
        begun = alive.stat().st_mtime_ns
        until(lambda: alive.stat().st_mtime_ns > begun, "it has looked once more")
        assert again.poll() is None
        assert [mail["Subject"] for mail in server.messages] == ["Andon: 1 open"]


def test_the_consumer_in_the_guide_orders_once(topics, tmp_path):
    guide = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text()
    code = re.search(r"```python\n(.*?)```", guide, re.DOTALL)[1]
    code = code.replace("localhost:9092", topics.broker).replace("andon.", f"{topics.prefix}.")
    orders = [
        msgspec.structs.replace(alert(sku), kind="replenish", supplier="ACME", order_quantity=40)
        for sku in ("A", "A", "B")
    ]
    # One key, so that they are read in this order.
    publish(topics, [("replenishment", b"S/A", encode(order)) for order in orders])
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=out)
    try:
        until(lambda: "B" in (tmp_path / "out").read_text(), "the consumer orders")
        lines = (tmp_path / "out").read_text().splitlines()
        assert lines == ["order 40 of A from ACME", "order 40 of B from ACME"]
    finally:
        process.kill()
        process.wait()
