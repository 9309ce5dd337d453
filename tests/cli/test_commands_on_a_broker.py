import gzip
import json
from collections import Counter

import msgspec
import pytest
from kafka.partitioner.default import murmur2

from andon.cli import main
from andon.schemas.board import BoardEntry
from andon.schemas.examples import EXAMPLES
from andon.streams import deadletters
from andon.streams.admin import TopicAdmin
from andon.streams.clients import consumer, present, producer, publish
from andon.streams.producer import partition_of
from andon.streams.topics import topic_name

pytestmark = pytest.mark.integration

SALE = '{"location":"store-3","sku":"TEA-01","quantity":2}'


@pytest.fixture
def andon(settings, capfd, tmp_path, monkeypatch):
    """Runs a command against the broker; returns its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    # --config goes into the environment; set and deleted, it is put back afterwards.
    monkeypatch.setenv("ANDON_CONFIG", "")
    monkeypatch.delenv("ANDON_CONFIG")

    def run(*arguments):
        where = ["--broker", settings.broker, "--prefix", settings.prefix]
        code = main.code_of([*where, *arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return code, out

    return run


def records(settings, family):
    client = consumer(settings, (family,), from_start=True)
    try:
        return list(present(client))
    finally:
        client.close()


def test_topics_are_created_with_as_many_partitions_as_the_command_says(andon, settings):
    code, _ = andon("topics", "create", "--partitions", "6", "--replication-factor", "1")
    assert code == 0
    listed = json.loads(andon("topics", "list", "--json")[1])
    assert {"topic": topic_name(settings, "pos"), "partitions": 6}.items() <= listed[0].items()
    assert andon("topics", "create", "--partitions", "0")[0] == 1


def test_topics_are_created_once_listed_and_found_well(andon, settings):
    code, out = andon("topics", "create", "--json")
    assert code == 0
    assert all(json.loads(out).values())
    assert not any(json.loads(andon("topics", "create", "--json")[1]).values())
    listed = json.loads(andon("topics", "list", "--json")[1])
    assert {"topic": topic_name(settings, "pos"), "partitions": 4}.items() <= listed[0].items()
    assert andon("topics", "check") == (0, "all topics are as they must be\n")


def test_missing_topics_and_wrong_partition_counts_are_told(andon, settings):
    code, out = andon("topics", "check", "--json")
    assert code == 1
    assert all("andon topics create" in problem["problem"] for problem in json.loads(out))
    with TopicAdmin(settings.model_copy(update={"partitions": 3})) as admin:
        admin.create()
    code, out = andon("topics", "check")
    assert code == 1
    assert "has 3 partitions, but 4 are set" in out


@pytest.mark.parametrize(
    ("family", "event"),
    [("suppliers", '{"supplier":"ACME"}'), ("locations", '{"location":"store-3"}')],
)
def test_master_data_without_a_time_were_changed_now(andon, topics, family, event):
    assert andon("send", family, event)[0] == 0
    [record] = records(topics, family)
    assert "updated_at" in json.loads(record.value)


def test_a_sent_event_lies_under_its_canonical_key_in_its_partition(andon, topics):
    code, out = andon("send", "pos", SALE, "--json")
    [record] = records(topics, "pos")
    assert code == 0
    assert json.loads(out)["partition"] == record.partition
    assert record.key == b"store-3/TEA-01"
    assert record.partition == partition_of(record.key, 4)
    assert {"event_id", "occurred_at"} <= json.loads(record.value).keys()


def test_one_bad_event_and_none_is_sent(andon, topics, tmp_path):
    (tmp_path / "events.jsonl").write_text(f"{SALE}\n{SALE[:-2]}x}}\n")
    assert andon("send", "pos", "--file", "events.jsonl")[0] == 1
    assert records(topics, "pos") == []


@pytest.mark.parametrize("key", [b"a", b"store-3/TEA-01", "zürich/日本".encode(), b"x" * 131])
def test_both_clients_put_a_key_where_java_does(key):
    assert (murmur2(key) & 0x7FFFFFFF) % 7 == partition_of(key, 7)


@pytest.mark.parametrize("packed", [False, True])
def test_a_replay_accounts_for_every_row(andon, topics, tmp_path, packed):
    text = (
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        "1,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850.0,UK\n"
        "C2,85123A,HEART,-1,2010-12-02 08:26:00,2.55,17850.0,UK\n"
        "3,POST,POSTAGE,1,2010-12-02 08:26:00,2.55,17850.0,UK\n"
        "4,85123A,HEART,many,2010-12-02 08:26:00,2.55,17850.0,UK\n"
    )
    path = tmp_path / ("sales.csv.gz" if packed else "sales.csv")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    code, out = andon("replay", str(path), "--format", "online-retail", "--json")
    account = json.loads(out)
    assert code == 0
    assert [account[name] for name in ("rows", "sales", "returns", "skipped", "dead_letters")] == [
        4,
        1,
        1,
        1,
        1,
    ]
    sold = records(topics, "pos")
    assert [record.key for record in sold] == [b"uk-warehouse/85123A"] * 2
    [letter] = records(topics, "deadletters")
    assert dict(letter.headers)["andon-line"] == b"5"
    assert b"many" in letter.value
    [listed] = andon("deadletters", "list", "--json")[1].splitlines()
    assert (json.loads(listed)["file"], json.loads(listed)["line"]) == (path.name, "5")


def test_a_replay_twice_carries_the_same_event_ids(andon, topics, tmp_path):
    event = SALE.replace("{", '{"event_id":"e1","occurred_at":"2026-01-01T00:00:00Z",', 1)
    (tmp_path / "events.jsonl").write_text(event)
    for _ in range(2):
        assert andon("replay", "events.jsonl")[0] == 0
    first, second = records(topics, "pos")
    assert first.value == second.value


def test_a_replay_keeps_its_pace(andon, topics, tmp_path):
    lines = [
        SALE.replace("{", f'{{"event_id":"{n}","occurred_at":"2026-01-01T00:00:0{n}Z",', 1)
        for n in range(4)
    ]
    (tmp_path / "events.jsonl").write_text("\n".join(lines))
    account = json.loads(andon("replay", "events.jsonl", "--speed", "10", "--json")[1])
    assert 0.3 <= account["seconds"] < 3


def test_a_replay_of_weeks_publishes_their_days_in_order(andon, topics, tmp_path):
    rows = [f"2026-01-{day:02},S,{sku},70" for sku in ("A", "B") for day in (5, 12, 19)]
    (tmp_path / "weeks.csv").write_text("\n".join(["date,store,sku,quantity", *rows]))
    assert andon("replay", "weeks.csv")[0] == 1
    assert records(topics, "pos") == []
    code, out = andon("replay", "weeks.csv", "--grain", "week", "--json")
    assert (code, json.loads(out)["rows"]) == (0, 6)
    for sku in ("A", "B"):
        sold = [
            json.loads(one.value)
            for one in records(topics, "pos")
            if one.key == b"S/" + sku.encode()
        ]
        assert [one["quantity"] for one in sold] == [10] * 21
        assert [one["occurred_at"][8:10] for one in sold] == [f"{day:02}" for day in range(5, 26)]


def test_a_file_of_another_format_is_refused(andon, topics, tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    assert andon("replay", "other.csv", "--format", "scms")[0] == 1


def test_alerts_are_listed_and_the_open_ones_told_apart(andon, topics):
    import msgspec

    opened = EXAMPLES["replenishment"]
    other = msgspec.structs.replace(
        opened, alert_id="replenish:a/b:1", event_id="replenish:a/b:1:1", location="a", sku="b"
    )
    resolved = msgspec.structs.replace(
        opened, status="resolved", revision=2, event_id="replenish:store-3/TEA-01:1:2"
    )
    publish(topics, "replenishment", [opened, other, resolved])
    publish(topics, "disruptions", [EXAMPLES["disruptions"]])
    publish(topics, "replenishment.shadow", [EXAMPLES["replenishment.shadow"]])
    assert len(andon("alerts", "--json")[1].splitlines()) == 4
    (silent,) = andon("alerts", "--shadow", "--json")[1].splitlines()
    assert json.loads(silent)["stage"] == "shadow"
    board = [
        EXAMPLES["board"],
        BoardEntry(alert=other),
        BoardEntry(alert=EXAMPLES["replenishment.shadow"]),
        msgspec.structs.replace(EXAMPLES["board"], alert=EXAMPLES["disruptions"]),
    ]
    publish(topics, "board", board)
    client = producer(topics)
    client.send(topic_name(topics, "board"), key=b"replenish:store-3/TEA-01:1").get(timeout=30)
    client.close()
    still = [json.loads(line) for line in andon("alerts", "--open", "--json")[1].splitlines()]
    assert {alert["alert_id"]: (alert["answer"] or {}).get("by") for alert in still} == {
        "replenish:a/b:1": None,
        "stockout_risk:store-3/TEA-01:1": "lena",
    }
    text = andon("alerts", "--open")[1]
    assert "replenish:a/b:1" in text
    assert "snoozed until 2026-03-02 14:00 by lena" in text
    (hidden,) = andon("alerts", "--open", "--shadow", "--json")[1].splitlines()
    assert json.loads(hidden)["location"] == "store-9"
    assert EXAMPLES["disruptions"].sentence in andon("alerts", "--kind", "stockout_risk")[1]


def test_a_dead_letter_is_shown_and_put_back_as_it_was(andon, topics):
    client = producer(topics)
    headers = [
        ("trace", b"t1"),
        (deadletters.MESSAGE, b"$.quantity: expected int >= 1"),
        (deadletters.TOPIC, topic_name(topics, "pos").encode()),
        (deadletters.REASON, b"invalid"),
        (deadletters.ORIGIN, b"0:1"),
    ]
    name = topic_name(topics, "deadletters")
    client.send(name, key=b"k", value=b"{}", headers=headers, partition=1).get(10)
    client.close()
    assert "expected int >= 1" in andon("deadletters", "show", "1:0")[1]
    assert andon("deadletters", "show", "9:9")[0] == 1
    assert andon("deadletters", "replay", "1:0", "7:7")[0] == 1
    assert json.loads(
        andon("deadletters", "replay", "--all", "--reason", "empty", "--json")[1]
    ) == {
        "replayed": 0,
        "left": 0,
        "before": 0,
    }
    assert json.loads(andon("deadletters", "replay", "1:0", "--json")[1]) == {
        "replayed": 1,
        "left": 0,
        "before": 0,
    }
    [record] = records(topics, "pos")
    assert (record.key, record.value, record.headers) == (b"k", b"{}", [("trace", b"t1")])


def test_a_simulation_publishes_from_master_data_to_sales(andon, topics):
    sent = Counter()
    # Four seconds may not be enough on a busy machine for a first sale.
    while not sent["pos"]:
        code, out = andon("simulate", "--for", "4s", "--items", "3", "--locations", "2", "--json")
        assert code == 0
        events = json.loads(out)["events"]
        assert events["items"] == 6
        sent.update(events)
    assert sent["pos"] == len(records(topics, "pos"))


def test_a_basket_is_told_with_what_is_short_and_that_no_worker_says_what_would_fill_it(
    andon, topics
):
    alert = msgspec.structs.replace(
        EXAMPLES["replenishment"], supplier="ACME", order_quantity=10, currency="EUR"
    )
    publish(topics, "board", [BoardEntry(alert=alert)])
    item = msgspec.structs.replace(EXAMPLES["items"], location=alert.location, sku=alert.sku)
    publish(topics, "items", [item])
    terms = msgspec.structs.replace(EXAMPLES["suppliers"], minimum_order_value=150.0)
    publish(topics, "suppliers", [terms])
    nobody = ("--worker", "http://127.0.0.1:9")
    code, out = andon("basket", "ACME", *nobody, "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["value"], told["missing"]) == ({"EUR": 22.0}, 128.0)
    assert [(line["sku"], line["quantity"]) for line in told["lines"]] == [(alert.sku, 10)]
    assert told["error"]
    code, out = andon("basket", "ACME", *nobody)
    assert code == 0
    assert "128 EUR short of the minimum." in out
    assert "How other items stand is not known" in out
    assert andon("basket", "NOBODY")[1].startswith("Nothing is to be ordered now.")
