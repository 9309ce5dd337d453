"""What a sink remembers, what it delivers, and that a restart anywhere loses nothing."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import TopicPartition
from support.receiver import WebhookReceiver

from andon.connect.sinks.delivery import Post, Refused
from andon.connect.sinks.forward import Alertmanager, Forwarder, Webhook
from andon.connect.sinks.open import AlertChange, OpenAlerts
from andon.schemas.alerts import Alert
from andon.schemas.common import encode
from andon.streams.alert_feed import still_open, unrepeated, word_of
from andon.streams.errors import UserError

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
PLACE = ("andon.disruptions.v1", 0)


def alert(name, revision=1, status="opened", severity="warning"):
    return Alert(
        alert_id=f"stockout_risk:S/{name}:1",
        event_id=f"stockout_risk:S/{name}:1:{revision}",
        kind="stockout_risk",
        status=status,
        severity=severity,
        revision=revision,
        sentence="It runs out.",
        opened_at=NOW,
        changed_at=NOW,
        location="S",
        sku=name,
    )


def lives(draws):
    """Return lives of alerts, mixed: each opened, updated some times, and perhaps resolved."""
    log, state = [], {}
    for name, wish in draws:
        revision = state.get(name, 0) + 1
        if revision <= 0:
            continue
        if revision == 1:
            status = "opened"
        elif wish == "end":
            status = "resolved"
        else:
            status = "updated"
        if status == "resolved":
            # The next episode of the key is another alert; here its name is simply not used again.
            state[name] = -(10**6)
        else:
            state[name] = revision
        log.append(alert(name, revision, status))
    return log


LIVES = st.lists(
    st.tuples(st.sampled_from("ABCD"), st.sampled_from(["go on", "go on", "end"])), max_size=40
).map(lives)


def run(log, begin, delivered, until):
    """Run a sink over a part of the log; return it and what it delivered."""
    sink = OpenAlerts()
    sink.begin(PLACE, delivered)
    told = []
    for offset in range(begin, until):
        change = sink.take(log[offset], PLACE, offset)
        if change is not None:
            told.append(change.alert.event_id)
    sink.passed(PLACE, until)
    return sink, told


@given(LIVES, st.data())
def test_a_restart_anywhere_knows_what_is_open_and_delivers_each_change_once(log, data):
    middle = data.draw(st.integers(0, len(log)))
    first, told = run(log, 0, 0, middle)
    begin, delivered = first.commits()[PLACE]
    second, told_later = run(log, begin, delivered, len(log))

    straight, _ = run(log, 0, 0, len(log))
    assert second.alerts == straight.alerts
    assert told + told_later == [one.event_id for one in log]


def said_by(epoch, revision, status):
    return msgspec.structs.replace(alert("A", revision, status), epoch=epoch)


@pytest.mark.parametrize("ended", [False, True])
def test_a_worker_that_lost_its_partition_has_no_say_in_an_alert_any_more(ended):
    """It was paused, and published late what its successor has said otherwise meanwhile."""
    last = said_by(6, 2, "resolved" if ended else "updated")
    log = [said_by(5, 1, "opened"), last, said_by(5, 2, "updated"), said_by(5, 3, "resolved")]
    sink, told = run(log, 0, 0, len(log))
    assert len(told) == 2
    assert [one.event_id for one in unrepeated(log)] == told
    assert sink.alerts == still_open(log) == ([] if ended else [last])


WORDS = st.lists(
    st.tuples(
        st.sampled_from("AB"),
        st.integers(0, 3),
        st.integers(1, 4),
        st.sampled_from(["opened", "updated", "resolved"]),
    ).map(lambda w: msgspec.structs.replace(alert(w[0], w[2], w[3]), epoch=w[1])),
    max_size=20,
)


@given(WORDS)
def test_whatever_zombies_and_repeats_say_each_alert_is_only_told_what_is_newer_than_before(said):
    told = list(unrepeated(said))
    for name in {one.alert_id for one in said}:
        words = [word_of(one) for one in told if one.alert_id == name]
        assert words == sorted(set(words))
        assert words[-1] == max(word_of(one) for one in said if one.alert_id == name)
    assert list(unrepeated(told)) == told
    assert [one.alert_id for one in still_open(told)] == [
        one.alert_id for one in still_open(unrepeated([*said, *said]))
    ]


@given(LIVES, st.data())
def test_a_crash_before_the_commit_delivers_again_and_loses_nothing(log, data):
    committed = data.draw(st.integers(0, len(log)))
    crashed = data.draw(st.integers(committed, len(log)))
    first, told = run(log, 0, 0, committed)
    begin, delivered = first.commits()[PLACE]
    _, lost_in_the_crash = run(log, begin, delivered, crashed)
    _, told_later = run(log, begin, delivered, len(log))

    assert set(lost_in_the_crash) <= set(told_later)
    assert set(told) | set(told_later) == {one.event_id for one in log}


def test_a_repeat_is_not_delivered_again():
    sink = OpenAlerts()
    assert sink.take(alert("A"), PLACE, 0) == AlertChange(alert("A"), None)
    assert sink.take(alert("A"), PLACE, 1) is None


class Wire:
    """Stands for a Post: keeps what it is given, refuses what it should."""

    def __init__(self, refuse=()):
        self.sent = []
        self.refuse = refuse

    def __call__(self, value):
        if any(one.labels.get("sku") in self.refuse for one in value):
            raise Refused("400 Bad Request")
        self.sent.append(value)
        return True


def test_a_new_severity_ends_the_old_one_and_fires_anew():
    wire = Wire()
    manager = Alertmanager(wire, timedelta(minutes=4))
    manager.changes([AlertChange(alert("A", 2, "updated", "critical"), "warning")], NOW)
    ((old, new),) = wire.sent
    assert (old.labels["severity"], old.ends_at) == ("warning", NOW)
    assert (new.labels["severity"], new.ends_at) == ("critical", NOW + timedelta(minutes=4))


def test_a_reminder_sends_all_that_is_open_again():
    wire = Wire()
    Alertmanager(wire, timedelta(minutes=4)).remind([alert("A"), alert("B")], NOW)
    assert [one.labels["sku"] for one in wire.sent[0]] == ["A", "B"]


def test_one_alert_that_is_refused_holds_up_no_other(caplog):
    wire = Wire(refuse="B")
    changes = [AlertChange(alert(name), None) for name in "ABC"]
    assert Alertmanager(wire, timedelta(minutes=4)).changes(changes, NOW)
    assert [batch[0].labels["sku"] for batch in wire.sent] == ["A", "C"]
    assert "passed over" in caplog.text


def test_what_is_not_accepted_is_sent_again_with_growing_pauses(caplog):
    pauses = []
    with WebhookReceiver() as receiver:
        receiver.answers = [500, 503, 429]
        post = Post(receiver.url, None, lambda seconds: bool(pauses.append(seconds)))
        assert post({"alerts": []})
    assert receiver.posts == [{"alerts": []}]
    assert len(pauses) == 3
    assert pauses[2] > pauses[0]
    assert "accepts again" in caplog.text


def test_nobody_listening_is_waited_for_until_told_to_stop():
    post = Post("http://127.0.0.1:9", None, lambda _: True)
    assert post([]) is False


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_a_wrong_address_or_token_ends_the_sink_with_a_word(status):
    with WebhookReceiver() as receiver:
        receiver.answers = [status]
        with pytest.raises(UserError, match=rf"answers {status}"):
            Post(receiver.url, None, lambda _: True)([])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_wrong_address_and_no_token_goes_there(status):
    with WebhookReceiver() as other, WebhookReceiver() as receiver:
        receiver.answers = [status]
        receiver.answer_headers = {"Location": other.url}
        with pytest.raises(UserError, match=rf"answers {status} and points to {other.url}"):
            Post(receiver.url, "s3cret", lambda _: True)([])
    assert other.headers == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("7", 7.0),
        ("90000", 3600.0),
        ("Mon, 23 Nov 2026 08:10:00 GMT", 600.0),
        ("Mon, 23 Nov 2026 08:10:00 -0000", 600.0),
        ("Tue, 24 Nov 2026 08:00:00 GMT", 3600.0),
        ("tomorrow", 30.0),
        ("-5", 30.0),
    ],
)
def test_a_receiver_that_says_when_to_come_back_is_not_asked_before(asked, expected):
    pauses = []
    with WebhookReceiver() as receiver:
        receiver.answers = [503]
        receiver.answer_headers = {"Retry-After": asked}
        assert Post(receiver.url, None, lambda seconds: bool(pauses.append(seconds)), NOW.timestamp)([])  # fmt: skip
    assert pauses == [expected]


@pytest.mark.parametrize("asked", ["0", "Mon, 23 Nov 2026 07:00:00 GMT"])
def test_one_whose_time_has_come_is_asked_after_the_usual_pause(asked):
    pauses = []
    with WebhookReceiver() as receiver:
        receiver.answers = [503]
        receiver.answer_headers = {"Retry-After": asked}
        assert Post(receiver.url, None, lambda seconds: bool(pauses.append(seconds)), NOW.timestamp)([])  # fmt: skip
    assert 0 < pauses[0] <= 0.5


def test_the_token_goes_along_and_is_not_logged(caplog):
    with WebhookReceiver() as receiver:
        receiver.answers = [500]
        Post(receiver.url, "s3cret", lambda _: False)([])
    assert receiver.headers[0]["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in caplog.text


def test_a_webhook_is_told_each_change_in_order():
    with WebhookReceiver() as receiver:
        hook = Webhook(Post(receiver.url, None, lambda _: True))
        changes = [
            AlertChange(alert("A"), None),
            AlertChange(alert("A", 2, "updated"), "warning"),
            AlertChange(alert("A", 3, "resolved"), "warning"),
        ]
        assert hook.changes(changes, NOW)
    assert [one["alert"]["revision"] for one in receiver.alerts] == [1, 2, 3]
    assert len({one["fingerprint"] for one in receiver.alerts}) == 1


@pytest.mark.parametrize("url", ["file:///etc/passwd", "alertmanager:9093"])
def test_only_http_is_an_address(url):
    with pytest.raises(UserError, match="--url"):
        Post(url, None, lambda _: True)


class Topic:
    """Stands for a consumer of one partition: what is there, what was committed, and a clock."""

    def __init__(self, *alerts):
        self.place = TopicPartition(*PLACE)
        self.log = list(alerts)
        self.position = 0
        self.kept = None
        self.now = NOW

    def assignment(self):
        return {self.place}

    def committed(self, partition, metadata):
        assert metadata
        return self.kept

    def seek(self, partition, offset):
        self.position = offset

    def seek_to_beginning(self, partition):
        self.position = 0

    def poll(self, timeout_ms):
        found = [
            SimpleNamespace(topic=PLACE[0], partition=0, offset=offset, value=encode(one))
            for offset, one in enumerate(self.log[self.position :], self.position)
        ]
        self.position = len(self.log)
        return {self.place: found} if found else {}

    def commit(self, offsets):
        self.kept = offsets[self.place]


class Teller:
    """Stands for a receiver: accepts, or is told to give up."""

    def __init__(self):
        self.told = []
        self.reminded = []
        self.accepts = True

    def changes(self, changes, now):
        if self.accepts:
            self.told += [one.alert.event_id for one in changes]
        return self.accepts

    def remind(self, alerts, now):
        self.reminded.append([one.sku for one in alerts])
        return True


def forwarder(topic, teller, *, severe=False):
    made = Forwarder(
        topic,
        teller,
        lambda one: not severe or one.severity == "critical",
        lambda: topic.now,
        timedelta(minutes=1),
    )
    made.begin()
    return made


def test_nothing_is_committed_before_it_is_accepted():
    topic, teller = Topic(alert("A"), alert("A", 2, "resolved")), Teller()
    teller.accepts = False
    assert forwarder(topic, teller).step() is False
    assert topic.kept is None

    teller.accepts = True
    assert forwarder(topic, teller).step()
    assert len(teller.told) == 2
    assert (topic.kept.offset, topic.kept.metadata) == (2, "2")


def test_an_open_alert_is_read_again_at_a_restart_and_not_told_again():
    topic, teller = Topic(alert("A"), alert("B"), alert("B", 2, "resolved")), Teller()
    forwarder(topic, teller).step()
    assert (topic.kept.offset, topic.kept.metadata) == (0, "3")

    again = forwarder(topic, teller)
    again.step()
    assert [one.sku for one in again.open.alerts] == ["A"]
    assert len(teller.told) == 3


def test_reminders_begin_soon_after_a_start_and_then_keep_their_pace():
    topic, teller = Topic(alert("A"), alert("B")), Teller()
    sink = forwarder(topic, teller)
    for seconds in (0, 4, 6, 30, 65, 67):
        topic.now = NOW + timedelta(seconds=seconds)
        sink.step()
    assert teller.reminded == [["A", "B"]] * 2


def test_what_was_not_asked_for_is_passed_over():
    topic, teller = Topic(alert("A"), alert("B", severity="critical")), Teller()
    forwarder(topic, teller, severe=True).step()
    assert teller.told == ["stockout_risk:S/B:1:1"]
