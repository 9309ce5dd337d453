"""`andon connect http`: a process that takes events until it is told to stop."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

import pytest
from support.command import andon
from support.imports import sent

SALE = {"event_id": "1", "occurred_at": "2026-03-04T09:00:00Z", "location": "S1", "sku": "A", "quantity": 2}  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--host", "0.0.0.0"), "without a token it listens on loopback alone"),
        (("--shop", "amazon=secret"), "--shop amazon=secret: expected NAME=FILE, of shopify, woocommerce"),
        (("--token-file", "nowhere"), "cannot read nowhere"),
        (("--mapping", "nowhere"), "cannot read nowhere"),
    ],
)  # fmt: skip
def test_what_would_not_be_safe_or_cannot_be_is_told(options, message):
    code, _, err = andon("--broker", "127.0.0.1:1", "connect", "http", *options)
    assert code == 1
    assert message in " ".join(err.split())


def test_a_short_token_is_refused(tmp_path):
    (tmp_path / "token").write_text("short\n")
    code, _, err = andon("connect", "http", "--token-file", str(tmp_path / "token"))
    assert code == 1
    assert "too short" in err


@pytest.mark.integration
def test_what_is_posted_is_in_kafka_before_the_answer_and_a_signal_ends_it(topics):
    process = subprocess.Popen(
        [sys.executable, "-m", "andon.cli.main", "--broker", topics.broker, "--prefix", topics.prefix, "connect", "http", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if name[:6] != "ANDON_"},
    )  # fmt: skip
    try:
        [address] = re.findall(r"http://\S+?(?=/v1)", process.stdout.readline())
        request = urllib.request.Request(f"{address}/v1/pos", json.dumps(SALE).encode(), {"Content-Type": "application/json"})  # fmt: skip
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert (answer.status, json.load(answer)["accepted"]) == (202, 1)
        assert [one["event_id"] for one in sent(topics, "pos")] == ["1"]
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    finally:
        process.kill()
        process.communicate()
