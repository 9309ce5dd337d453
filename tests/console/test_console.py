"""The console asked by a browser and by others: each page, each answer, and what is refused."""

import asyncio
import csv
import io
from datetime import timedelta

import msgspec
import pytest
from support.console import NOW, REPLENISH, Room, opened, served

from andon.console.app import COLUMNS
from andon.schemas.board import Answer
from andon.schemas.examples import EXAMPLES
from andon.schemas.items import Item, Source

NAME = REPLENISH.alert_id
HOUR = timedelta(hours=1)
RISK = "stockout_risk:store-3/TEA-02:1"
EVIL = "<script>alert(1)</script>[/x]"


def risk(name=RISK, **fields):
    defaults = {"kind": "stockout_risk", "sku": "TEA-02", "severity": "critical"}
    return opened(name, **{**defaults, "value_at_risk": 60.0, **fields})


def order(name=NAME, **fields):
    return {"alert_id": name, "action": "ordered", **fields}


# Pages


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/data", "text/html"),
        ("/audit", "text/html"),
        ("/suppliers", "text/html"),
        ("/suppliers/A%2FB", "text/html"),
        ("/locations/store-3", "text/html"),
        ("/disruptions", "text/html"),
        (f"/disruptions/{NAME}", "text/html"),
        ("/api/audit", "application/json"),
        ("/api/suppliers", "application/json"),
        ("/api/suppliers/A%2FB", "application/json"),
        ("/api/locations/store-3", "application/json"),
        ("/api/disruptions", "application/json"),
        (f"/api/disruptions/{NAME}", "application/json"),
        ("/audit.csv", "text/csv"),
        ("/suppliers.csv", "text/csv"),
        ("/data.csv", "text/csv"),
        ("/files.csv", "text/csv"),
        ("/api/data", "application/json"),
        ("/items/store-3/TEA-01", "text/html"),
        ("/items/store-3/a%2Fb", "text/html"),
        ("/static/console.js", "text/javascript"),
        ("/static/console.css", "text/css"),
        ("/static/icon.svg", "image/svg+xml"),
        ("/api/today", "application/json"),
        ("/today.csv", "text/csv"),
        ("/api/items/store-3/TEA-01", "application/json"),
        (f"/api/alerts/{NAME}", "application/json"),
        ("/health", "application/json"),
    ],
)
@served
async def test_each_page_is_there_and_lets_nothing_in_from_elsewhere(path, kind):
    async with Room(opened()) as room:
        answer, body = await room.get(path)
    assert answer.status == 200
    assert answer.content_type == kind
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"http://" not in body.replace(b"http://www.w3.org/2000/svg", b"")
    assert b"https://" not in body
    if kind == "text/html":
        assert b"<script>" not in body, "no script stands in a page"
        assert b" style=" not in body
        assert b" onclick=" not in body


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/static/secrets.txt", 404),
        ("/static/..%2fapp.py", 404),
        ("/api/alerts/replenish:x/y:1", 404),
        ("/api/today?colour=red", 400),
        ("/api/today?first=-1", 400),
        ("/api/today?first=9999999999", 400),
        ("/api/today?search=%0d%0aX-Evil:1", 200),
        ("/api/today?colour=%0d%0aX-Evil:1", 400),
    ],
)
@served
async def test_what_is_not_there_or_makes_no_sense_is_said(path, status):
    async with Room(opened()) as room:
        answer, body = await room.get(path)
    assert answer.status == status
    assert "X-Evil" not in answer.headers
    if status != 200:
        assert msgspec.json.decode(body)["error"]


@served
async def test_only_answers_change_anything():
    async with Room(opened()) as room:
        for path in ("/", "/api/today", "/today.csv", "/api/changes"):
            headers = {"X-Andon-Token": await room.token()}
            async with room.client.post(path, headers=headers) as answer:
                assert answer.status == 405
        async with room.client.get("/api/answers") as answer:
            assert answer.status == 405


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:9180", 200),
        ("localhost", 200),
        ("[::1]:9180", 200),
        ("console.shop:9180", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
    ],
)
@served
async def test_pages_are_shown_to_who_asks_by_one_of_its_names(host, status):
    async with Room(opened(), names=("console.shop",)) as room:
        answer, _ = await room.get("/", headers={"Host": host})
    assert answer.status == status


@served
async def test_what_others_have_named_is_nowhere_part_of_a_page():
    entry = opened(f"replenish:store-3/{EVIL}:1", sku=EVIL, sentence=EVIL, supplier=EVIL)
    async with Room(entry, login='"><script>') as room:
        shell, page = await room.get("/")
        _, item = await room.get(f"/items/store-3/{EVIL.replace('/', '%2F')}")
        answer, body = await room.get("/api/today")
    assert shell.content_type == "text/html"
    assert b"<script>" not in page + item, "names come as data, and a login is escaped"
    assert b"&quot;&gt;&lt;script&gt;" in page
    assert answer.content_type == "application/json"
    assert msgspec.json.decode(body)["rows"][0]["sentence"] == EVIL


@served
async def test_the_pages_script_writes_texts_as_texts():
    async with Room() as room:
        scripts = [
            (await room.get(f"/static/{name}.js"))[1]
            for name in (
                *("words", "live", "console", "screens", "charts", "orders", "supplier"),
                *("network", "lines", "importing"),
            )
        ]
        _, queue = await room.get("/")
        _, screen = await room.get("/data")
    assert queue.count(b"<script") == 3
    assert screen.count(b"<script") == len(scripts)
    script = b"".join(scripts)
    for way in (b"innerHTML", b"outerHTML", b"insertAdjacentHTML", b"document.write", b"eval("):
        assert way not in script
    assert max(len(one) for one in scripts) < 40_000


# The queue


@served
async def test_what_loses_most_an_hour_comes_first_and_then_what_has_least_time():
    soon, late = NOW + 2 * HOUR, NOW + 40 * HOUR
    none = {"order_by": None, "stockout_p50": None, "expected_arrival": None}
    entries = [
        opened("replenish:s/a:1", value_at_risk=40.0, **{**none, "order_by": late}),
        opened("replenish:s/b:1", value_at_risk=10.0, **{**none, "order_by": soon}),
        opened("replenish:s/c:1", value_at_risk=1e9, **none),
        opened("replenish:s/d:1", **{**none, "order_by": late}),
        opened("replenish:s/e:1", **{**none, "stockout_p50": soon}),
        opened("replenish:s/f:1", value_at_risk=6.0, **{**none, "order_by": NOW - HOUR}),
    ]
    async with Room(*entries) as room:
        told = await room.rows()
    assert [row["alert_id"][12] for row in told["rows"]] == ["f", "b", "a", "e", "d", "c"]
    assert [row["per_hour"] for row in told["rows"][:3]] == [6.0, 5.0, 1.0]
    assert told["rows"][-1]["hours_left"] is None, "what is not known is no number"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"TEA-01", "TEA-02", "TEA-03"}),
        ("?location=store-3", {"TEA-01", "TEA-02"}),
        ("?supplier=HANSA", {"TEA-03"}),
        ("?kind=stockout_risk", {"TEA-02"}),
        ("?severity=critical", {"TEA-02"}),
        ("?tile=order", {"TEA-01", "TEA-03"}),
        ("?tile=nothing", set()),
        ("?service_class=critical", {"TEA-01"}),
        ("?search=earl+GREY", {"TEA-01"}),
        ("?search=grey+darjeeling", set()),
        ("?answered=yes", {"TEA-04"}),
        ("?answered=all", {"TEA-01", "TEA-02", "TEA-03", "TEA-04"}),
        ("?stage=shadow", {"TEA-05"}),
        ("?first=1", {"TEA-01", "TEA-03"}),
        ("?first=7", set()),
    ],
)
@served
async def test_the_queue_is_filtered_and_searched(query, found):
    said = Answer(event_id="x", action="acknowledged", at=NOW, revision=1, by="max")
    entries = [
        opened(),
        risk(),
        opened("replenish:store-4/TEA-03:1", location="store-4", sku="TEA-03", supplier="HANSA"),
        opened("replenish:store-4/TEA-04:1", said, location="store-4", sku="TEA-04"),
        opened("replenish:store-9/TEA-05:1", stage="shadow", sku="TEA-05"),
    ]
    async with Room(*entries) as room:
        room.learns(
            Item(
                location="store-3",
                sku="TEA-01",
                updated_at=NOW,
                description="Earl Grey",
                service_class="critical",
                sources=(Source(supplier="ACME", lead_time_days=5.0),),
            )
        )
        told = await room.rows(query)
    assert {row["sku"] for row in told["rows"]} == found
    assert told["choices"]["location"] == ["store-3", "store-4"]


@served
async def test_the_tiles_count_what_needs_a_hand_and_what_is_at_stake_in_each_currency():
    said = Answer(event_id="x", action="acknowledged", at=NOW, revision=1)
    entries = [
        opened(value_at_risk=10.0),
        opened("replenish:s/b:1", value_at_risk=5.0, currency="SEK"),
        opened("replenish:s/c:1", said, value_at_risk=99.0),
        opened("replenish:s/d:1", stage="shadow", value_at_risk=99.0),
        risk(),
    ]
    async with Room(*entries) as room:
        told = {tile["name"]: tile for tile in (await room.rows())["tiles"]}
    assert told["order"]["count"] == 2
    assert told["order"]["at_stake"] == {"EUR": 10.0, "SEK": 5.0}
    assert told["out"]["count"] == 1


@served
async def test_an_alert_that_speaks_again_needs_a_hand_again():
    said = Answer(event_id="x", action="acknowledged", at=NOW, revision=1, by="max")
    async with Room(opened(answer=said)) as room:
        assert (await room.rows())["rows"] == []
        room.shows(opened(answer=said, revision=2))
        (row,) = (await room.rows())["rows"]
    assert row["answer"].startswith("acknowledged by max")
    assert not row["answer_stands"]


@served
async def test_the_export_is_what_the_screen_shows_in_its_order():
    evil = opened("replenish:s/=1:1", sku="=1", sentence="=cmd|' /C calc'!A0", supplier="@x")
    async with Room(risk(), opened(), evil) as room:
        for query in ("", "?location=store-3", "?kind=replenish&search=tea"):
            told = await room.rows(query)
            _, body = await room.get(f"/today.csv{query}")
            table = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
            assert [line["alert_id"] for line in table] == [row["alert_id"] for row in told["rows"]]
            for line, row in zip(table, told["rows"], strict=True):
                assert tuple(line) == COLUMNS
                for name, cell in line.items():
                    shown = "" if row[name] is None else str(row[name])
                    assert cell.removeprefix("'") == shown
                    assert not cell.startswith(("=", "@", "+"))


# The item


@served
async def test_an_item_has_its_alerts_its_answers_and_its_book():
    book = {"on_hand": 38, "worker": "here"}
    async with Room(opened(), risk(), books={"store-3/TEA-01": book}) as room:
        room.shows(opened("overdue_order:store-3/TEA-01:1", kind="overdue_order"))
        await room.answer(order("overdue_order:store-3/TEA-01:1", quantity=4))
        room.applies(room.sender.acks[0], closes=True)
        _, body = await room.get("/api/items/store-3/TEA-01")
        _, other = await room.get("/api/items/store-3/TEA-02")
        _, unknown = await room.get("/api/items/store-3/NOTHING")
    told = msgspec.json.decode(body)
    assert [one["row"]["alert_id"] for one in told["alerts"]] == [NAME]
    assert told["alerts"][0]["entry"]["alert"]["numbers"]["reorder_point"] == 81.0
    assert told["ended"][0]["answer"]["by"] == "lena"
    assert told["book"] == book
    assert msgspec.json.decode(other)["book"] == {"error": "no worker has it"}
    assert msgspec.json.decode(unknown)["alerts"] == []


# Data


@served
async def test_dead_letters_say_where_from_why_and_what_but_for_those_put_back():
    async with Room() as room:
        room.buries(b"{1", 1)
        room.buries(b"\xff<script>" + b"x" * 9000, 2, key=EVIL, reason="too_large")
        room.buries(b"{2", 3)
        room.puts_back(3)
        _, body = await room.get("/api/data")
    one, two = sorted(msgspec.json.decode(body)["letters"], key=lambda letter: letter["offset"])
    assert (one["topic"], one["partition"], one["reason"]) == ("andon.pos.v1", "2", "not_json")
    assert (one["message"], one["value"]) == ("it is no JSON", "{1")
    assert two["key"] == EVIL
    assert two["value"].startswith("\ufffd<script>")
    assert len(two["value"]) < 400


@served
async def test_only_the_last_dead_letters_are_kept():
    async with Room() as room:
        for offset in range(600):
            room.buries(b"{", offset)
        _, body = await room.get("/api/data")
    letters = msgspec.json.decode(body)["letters"]
    assert {int(letter["offset"]) for letter in letters} == set(range(100, 600))


# Answers


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        (order(), {"action": "ordered", "quantity": 144}),
        (order(quantity=66), {"action": "ordered", "quantity": 66}),
        (
            {"alert_id": NAME, "action": "snoozed", "snooze_hours": 4},
            {"action": "snoozed", "snooze_until": NOW + 4 * HOUR},
        ),
        ({"alert_id": NAME, "action": "rejected", "comment": "off"}, {"comment": "off"}),
        ({"alert_id": NAME, "action": "acknowledged"}, {"action": "acknowledged"}),
    ],
)
@served
async def test_an_answer_becomes_one_event(given, fields):
    async with Room(opened()) as room:
        status, told = await room.answer(given)
        (ack,) = room.sender.acks
        (row,) = (await room.rows())["rows"]
        assert row["on_its_way"], "sent is not done"
        room.applies(ack)
        assert (await room.rows("?answered=all"))["rows"][0]["on_its_way"] is False
    assert status == 200
    assert told["results"][0]["sent"]["event_id"] == ack.event_id
    assert (ack.alert_id, ack.by) == (NAME, "lena")
    assert {name: getattr(ack, name) for name in fields} == fields


@served
async def test_many_are_answered_at_once_and_each_for_itself():
    async with Room(opened(), risk()) as room:
        wishes = [order(), order(RISK), order(RISK, quantity=3), order("replenish:s/x:1")]
        status, told = await room.answer(*wishes)
    assert status == 200
    assert ["error" in one for one in told["results"]] == [False, True, False, True]
    assert len(room.sender.acks) == 2


@served
async def test_a_double_click_acts_once():
    async with Room(opened()) as room:
        one, two = await asyncio.gather(
            room.answer(order(quantity=9)), room.answer(order(quantity=9))
        )
        assert (one[0], two[0]) == (200, 200)
        assert len(room.sender.acks) == 1
        room.applies(room.sender.acks[0])
        assert (await room.answer(order(quantity=9)))[0] == 200
        assert len({ack.event_id for ack in room.sender.acks}) == 1


@pytest.mark.parametrize("arrived", ["on its way", "on the board", "closed"])
@served
async def test_of_two_buyers_the_second_is_told_who_was_first(arrived):
    async with Room(opened()) as room:
        assert (await room.answer(order(quantity=9), by="lena"))[0] == 200
        if arrived != "on its way":
            room.applies(room.sender.acks[0], closes=arrived == "closed")
        status, told = await room.answer(order(quantity=12), by="max")
    assert status == (404 if arrived == "closed" else 409)
    assert "ordered 9 by lena" in told["results"][0]["error"]
    assert [ack.by for ack in room.sender.acks] == ["lena"]


@served
async def test_of_two_buyers_at_one_moment_one_orders():
    async with Room(opened()) as room:
        answers = (room.answer(order(quantity=9), by=name) for name in ("lena", "max"))
        statuses = [status for status, _ in await asyncio.gather(*answers)]
    assert sorted(statuses) == [200, 409]
    assert len(room.sender.acks) == 1


@served
async def test_who_is_told_may_answer_all_the_same():
    async with Room(opened()) as room:
        await room.answer(order(quantity=9), by="lena")
        status, _ = await room.answer(order(quantity=12, again=True), by="max")
    assert status == 200
    assert [ack.by for ack in room.sender.acks] == ["lena", "max"]


@served
async def test_an_answer_that_never_arrives_can_be_given_anew():
    async with Room(opened()) as room:
        await room.answer(order(quantity=9), by="lena")
        room.seconds = 61.0
        assert (await room.answer(order(quantity=12), by="max"))[0] == 200


@served
async def test_a_broker_that_is_away_is_no_answer_sent():
    async with Room(opened()) as room:
        room.sender.fails = True
        status, told = await room.answer(order())
        assert status == 502
        assert "could not be sent" in told["results"][0]["error"]
        room.sender.fails = False
        assert (await room.answer(order()))[0] == 200
        assert len(room.sender.acks) == 1


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("", {}),
        ("guessed", {}),
        (None, {"Origin": "http://evil.example"}),
        (None, {"Origin": "null"}),
        (None, {"Host": "evil.example"}),
    ],
)
@served
async def test_an_answer_from_elsewhere_is_refused(token, headers):
    async with Room(opened()) as room:
        status, told = await room.answer(order(), token=token, **headers)
    assert status == 403
    assert told["error"]
    assert room.sender.acks == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"by":"a","answers":[]}', "application/json", 400),
        (b'{"by":"a","answers":[{"alert_id":"x","action":"burn"}]}', "application/json", 400),
        (b'{"by":"a","answers":[],"more":1}', "application/json", 400),
        (b'{"by":"a","answers":[{"alert_id":"x","action":"ordered"}]}', "text/plain", 415),
        (b"x" * 300_000, "application/json", 413),
    ],
)
@served
async def test_what_is_no_answer_is_refused(body, kind, status):
    async with Room(opened()) as room:
        headers = {"X-Andon-Token": await room.token(), "Content-Type": kind}
        async with room.client.post("/api/answers", data=body, headers=headers) as answer:
            assert answer.status == status
            assert (await answer.json())["error"]
    assert room.sender.acks == []


@pytest.mark.parametrize(
    "given",
    [
        order(quantity=0),
        order(quantity=-1),
        order(quantity=10**15),
        {"alert_id": NAME, "action": "rejected"},
        {"alert_id": NAME, "action": "snoozed"},
        {"alert_id": NAME, "action": "snoozed", "snooze_hours": 1e300},
        {"alert_id": NAME, "action": "snoozed", "snooze_hours": -1},
        {"alert_id": NAME, "action": "acknowledged", "comment": "x" * 3000},
    ],
)
@served
async def test_an_answer_that_does_not_fit_is_refused_with_a_reason(given):
    async with Room(opened()) as room:
        status, told = await room.answer(given)
    assert status == 400
    assert told["results"][0]["error"]
    assert room.sender.acks == []


@served
async def test_who_gives_no_name_answers_by_the_login():
    async with Room(opened()) as room:
        await room.answer(order(), by=" ")
    assert room.sender.acks[0].by == "lena"


# Live


@served
async def test_a_page_hears_of_each_change():
    async with Room(opened()) as room, room.client.get("/api/changes") as stream:
        assert stream.content_type == "text/event-stream"
        assert "default-src 'none'" in stream.headers["Content-Security-Policy"]
        assert await stream.content.readline() == f"data: {room.desk.version}\n".encode()
        assert await stream.content.readline() == b"\n"
        room.shows(risk())
        assert await stream.content.readline() == f"data: {room.desk.version}\n".encode()
        told = await room.rows()
        assert told["version"] == room.desk.version
        assert told["total"] == 2
        room.removes(RISK)
        assert (await room.rows())["total"] == 1


@served
async def test_what_cannot_be_read_changes_nothing():
    async with Room(opened()) as room:
        version = room.desk.version
        room._take("board", NAME, b"{")
        room._take("items", "store-3/TEA-01", b"{")
        room._take("items", "store-3/TEA-01", None)
        assert room.desk.version == version
        assert (await room.rows())["total"] == 1


@served
async def test_it_is_not_ready_before_the_board_is_read():
    async with Room() as room:
        room.desk.is_read = False
        answer, _ = await room.get("/health")
        assert answer.status == 503
        assert (await room.rows())["is_read"] is False


def test_the_example_of_the_board_can_be_a_row():
    assert EXAMPLES["board"].alert.alert_id == NAME
