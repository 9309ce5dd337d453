"""The whole of it alive: a simulated network, a worker, Prometheus with our rules, Alertmanager, and a webhook at its end."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
import yaml
from support.debian import Unavailable, program
from support.monitoring import GRAFANA, AlertmanagerServer, PrometheusServer
from support.receiver import WebhookReceiver
from support.workers import ForecasterProcess, WorkerProcess, publish, until

from andon.connect.sinks.notification import fingerprint, labels_of
from andon.streams.admin import TopicAdmin
from andon.streams.alert_feed import FAMILIES, decoded, still_open
from andon.streams.clients import consumer, present
from andon.streams.embedded import EmbeddedBroker
from andon.streams.settings import load_settings

PANELS = {
    f"{path.stem}: {panel['title']}: {target['legendFormat']}": target["expr"]
    for path in sorted((GRAFANA / "dashboards").glob("*.json"))
    for panel in json.loads(path.read_text())["panels"]
    for target in panel.get("targets", ())
}
RULES = [
    rule
    for group in yaml.safe_load((GRAFANA / "prometheus" / "rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
SERIES = r"(?:[a-z_]+:)?andon[a-z_]*(?::[a-z0-9_]+)*(?:{[^}]*})?|\bup\b(?:{[^}]*})?"
#: How long the demo may take to have shown everything.
PATIENCE = 300.0


class Commands:
    """`andon` commands that run until they are stopped."""

    def __init__(self, settings, log):
        self._environment = {
            **os.environ,
            "ANDON_BROKER": settings.broker,
            "ANDON_PARTITIONS": str(settings.partitions),
        }
        self._log = log
        self._running = []

    def start(self, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "andon.cli.main", *arguments],
            env=self._environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._running.append(process)
        return process

    def simulate(self, seed):
        """Two small shops, two days a second."""
        size = ("--locations", "2", "--items", "20")
        return self.start("simulate", "--seed", str(seed), "--speed", "172800", *size)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self._running:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    try:
        for name in ("prometheus", "prometheus-alertmanager"):
            program(name)
    except Unavailable as reason:
        pytest.skip(f"no Prometheus: {reason}")
    folder = tmp_path_factory.mktemp("world")
    with contextlib.ExitStack() as stack:
        broker = EmbeddedBroker(folder / "broker")
        broker.start()
        stack.callback(broker.kill)
        settings = load_settings(
            broker=broker.bootstrap,
            partitions=4,
            allowed_lateness_hours=0.0,
            checkpoint_interval_seconds=3.0,
        )
        with TopicAdmin(settings) as admin:
            admin.create()
        webhook = stack.enter_context(WebhookReceiver())
        alertmanager = stack.enter_context(AlertmanagerServer(folder / "alertmanager", webhook.url))
        worker = stack.enter_context(WorkerProcess(settings))
        forecaster = stack.enter_context(ForecasterProcess(settings))
        prometheus = stack.enter_context(
            PrometheusServer(folder / "prometheus", worker.port, forecaster.port, alertmanager)
        )
        log = stack.enter_context((folder / "commands.log").open("wb"))
        commands = stack.enter_context(Commands(settings, log))
        sink = commands.start("sink", "alertmanager", "--url", alertmanager.url, "--resend", "5s")
        yield SimpleNamespace(
            settings=settings,
            webhook=webhook,
            alertmanager=alertmanager,
            worker=worker,
            prometheus=prometheus,
            commands=commands,
            sink=sink,
            feed=commands.simulate(seed=1),
        )


def told(world, name, status):
    """Whether the webhook was told of an alert; and what its labels were."""
    return [
        one["labels"]
        for one in world.webhook.alerts
        if one["labels"]["alertname"] == name and one["status"] == status
    ]


def feed_garbage(world):
    publish(world.settings, [("pos", b"S/A", b"no JSON"), ("stock", b"S/A", b"{}")])


def test_it_is_watched_as_the_documentation_promises(world):
    """One story, because each part needs the one before it: the demo, the panels, two faults and their ends."""
    prometheus = world.prometheus
    until(lambda: prometheus.query("andon:events:rate5m > 0"), "events flow")
    feed_garbage(world)

    _every_panel_and_rule_returns_something(prometheus)
    _alertmanager_has_what_is_open(world)

    # Garbage: told of through Prometheus and Alertmanager, to whoever listens at the end.
    until(lambda: told(world, "AndonDeadLetters", "firing"), "the webhook is told of garbage")
    reasons = {one["reason"] for one in told(world, "AndonDeadLetters", "firing")}
    assert reasons <= {"not_json", "invalid"}

    # The feed stops, is missed, and comes back.
    until(lambda: not prometheus.firing("AndonTopicSilent"), "sales flow")
    silent = len(told(world, "AndonTopicSilent", "firing"))
    heard = len(told(world, "AndonTopicSilent", "resolved"))
    world.feed.send_signal(signal.SIGTERM)
    until(
        lambda: len(told(world, "AndonTopicSilent", "firing")) > silent,
        "the webhook is told of silence",
    )
    assert [one["topic"] for one in prometheus.firing("AndonTopicSilent")] == ["andon.pos.v1"]
    world.commands.simulate(seed=2)
    until(
        lambda: len(told(world, "AndonTopicSilent", "resolved")) > heard,
        "the webhook is told of its end",
    )
    until(lambda: told(world, "AndonDeadLetters", "resolved"), "the garbage is over, too", 90)


def _every_panel_and_rule_returns_something(prometheus):
    recorded = [rule["record"] for rule in RULES if "record" in rule]
    used = {series for rule in RULES for series in re.findall(SERIES, rule["expr"])}
    wanted = {**PANELS, **{name: name for name in [*recorded, *used]}}
    empty = dict.fromkeys(wanted)

    def ask():
        for name in tuple(empty):
            if prometheus.query(wanted[name]):
                del empty[name]
        return not empty

    with contextlib.suppress(AssertionError):
        until(ask, "every expression returns something", PATIENCE)
    assert not empty, f"these return nothing: {json.dumps(sorted(empty), indent=2)}"
    unhealthy = [rule["name"] for rule in prometheus.rules() if rule["health"] != "ok"]
    assert unhealthy == []


def _alertmanager_has_what_is_open(world):
    def known():
        return [
            one for one in world.alertmanager.alerts() if one["labels"].get("source") == "andon"
        ]

    until(known, "Alertmanager knows an alert of Andon")
    for one in known():
        assert one["fingerprint"] == fingerprint(one["labels"])
    until(
        lambda: told(world, "replenish", "resolved"),
        "the webhook is told that something was ordered",
    )

    def the_same():
        client = consumer(world.settings, FAMILIES, from_start=True)
        try:
            here = {fingerprint(labels_of(one)) for one in still_open(decoded(present(client)))}
        finally:
            client.close()
        return here and here == {one["fingerprint"] for one in known()}

    world.feed.send_signal(signal.SIGSTOP)
    until(the_same, "Alertmanager has exactly what is open")
    world.feed.send_signal(signal.SIGCONT)
