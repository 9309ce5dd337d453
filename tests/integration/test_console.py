"""The console on a real broker: what is on the board is in the list, and what is answered is in the topic."""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request

import msgspec
import pytest
from support.workers import _RUNNING, read, send, until

from andon.schemas.board import BoardEntry
from andon.schemas.common import decode
from andon.schemas.examples import EXAMPLES
from andon.schemas.orders import OrderEvent
from andon.streams.embedded import free_port

pytestmark = pytest.mark.integration

NAME = EXAMPLES["board"].alert.alert_id


def ask(address, path, body=None, **headers):
    request = urllib.request.Request(f"{address}{path}", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def test_an_open_alert_is_listed_and_its_answer_published_under_its_key(topics):
    other = msgspec.structs.replace(EXAMPLES["replenishment"], alert_id="replenish:a/b:1", sku="b")
    entries = [BoardEntry(alert=EXAMPLES["board"].alert), BoardEntry(alert=other)]
    send(topics, [("items", EXAMPLES["items"]), *(("board", entry) for entry in entries)])
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    where = ["--broker", topics.broker, "--prefix", topics.prefix]
    options = ["--port", str(port), "--worker", f"http://127.0.0.1:{free_port()}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "andon.cli.main", *where, "console", *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    _RUNNING.append(process)
    assert process.stdout is not None
    assert address in process.stdout.readline()

    def listed():
        told = json.loads(ask(address, "/api/today"))
        return told["rows"] if told["is_read"] else []

    rows = {row["alert_id"]: row for row in until(listed, "the board is read")}
    assert rows.keys() == {NAME, "replenish:a/b:1"}
    assert rows[NAME]["service_class"] == EXAMPLES["items"].service_class
    token = re.findall(r'andon-token" content="([^"]+)"', ask(address, "/"))[0]
    body = {"by": "lena", "answers": [{"alert_id": NAME, "action": "ordered", "quantity": 66}]}
    head = {"Content-Type": "application/json"}
    with pytest.raises(urllib.error.HTTPError, match="403"):
        ask(address, "/api/answers", json.dumps(body).encode(), **head)
    ask(address, "/api/answers", json.dumps(body).encode(), **head, **{"X-Andon-Token": token})
    (record,) = read(topics, "orders.events")
    told = decode(record.value, OrderEvent)
    (line,) = told.lines
    assert (record.key, line.quantity, told.by) == (told.order_id.encode(), 66, "lena")
    item = json.loads(ask(address, "/api/items/store-3/TEA-01"))
    assert "do not answer" in item["book"]["error"]
    process.terminate()
    assert process.wait(10) == 0
