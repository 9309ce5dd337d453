"""Digests for a buyer: what is in them and in what order, when they are due, and that each is told."""

from datetime import UTC, datetime, time, timedelta
from html.parser import HTMLParser
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import TopicPartition
from support.mail import receiving

from andon.connect.sinks.digest import Digest, Wanted, as_html, as_text, mail_of, subject, waiting
from andon.connect.sinks.mailing import Mailbox, Mailer, Told
from andon.connect.sinks.times import Every, TimesOfDay
from andon.schemas.alerts import Alert
from andon.schemas.board import Answer, BoardEntry
from andon.schemas.common import encode
from andon.streams.errors import UserError

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONSOLE = "https://andon.example"


def alert(name="A", revision=1, **fields):
    return Alert(
        alert_id=f"stockout_risk:S/{name}:1",
        event_id=f"stockout_risk:S/{name}:1:{revision}",
        status="opened",
        revision=revision,
        **{
            "kind": "stockout_risk",
            "severity": "warning",
            "sentence": f"{name} runs out.",
            "opened_at": NOW - HOUR,
            "changed_at": NOW - HOUR,
            "location": "S",
            "sku": name,
            "supplier": "ACME",
            "currency": "EUR",
            **fields,
        },
    )


def answered(revision=1, until=None):
    return Answer(
        event_id="a", action="acknowledged", at=NOW, revision=revision, snooze_until=until
    )


def entry(one, answer=None):
    return BoardEntry(alert=one, answer=answer)


# What is in it


@pytest.mark.parametrize(
    ("wanted", "one", "answer", "told"),
    [
        (Wanted(), alert(), None, True),
        (Wanted(), alert(stage="shadow"), None, False),
        (Wanted(), alert(), answered(), False),
        (Wanted(), alert(revision=2), answered(), True),
        (Wanted(), alert(), answered(until=NOW + HOUR), False),
        (Wanted(), alert(), answered(until=NOW - HOUR), True),
        (Wanted(locations=frozenset("S")), alert(), None, True),
        (Wanted(locations=frozenset("T")), alert(), None, False),
        (Wanted(suppliers=frozenset({"ACME"})), alert(), None, True),
        (Wanted(suppliers=frozenset({"ACME"})), alert(supplier=None), None, False),
        (Wanted(kinds=frozenset({"overstock"})), alert(), None, False),
        (Wanted(severities=frozenset({"critical"})), alert(), None, False),
        (Wanted(frozenset("S"), frozenset({"HANSA"})), alert(), None, False),
    ],
)
def test_a_buyer_is_told_of_what_was_asked_for_and_nobody_has_answered(wanted, one, answer, told):
    assert waiting([entry(one, answer)], wanted, NOW) == ((one,) if told else ())


MONEY = st.one_of(st.none(), st.floats(0, 1e6))


@given(st.lists(st.tuples(MONEY, st.sampled_from(["info", "warning", "critical"])), max_size=8))
def test_the_most_money_at_stake_comes_first_in_whatever_order_it_came(draws):
    entries = [
        entry(alert(f"T{n}", value_at_risk=amount, severity=severity))
        for n, (amount, severity) in enumerate(draws)
    ]
    found = waiting(entries, Wanted(), NOW)
    assert found == waiting(entries[::-1], Wanted(), NOW)
    amounts = [one.value_at_risk or 0.0 for one in found]
    assert amounts == sorted(amounts, reverse=True)
    assert len(found) == len(entries)


def digest(*alerts, **fields):
    return Digest(alerts, **{"since": None, "zone": ZoneInfo("Europe/Berlin"), **fields})


def test_a_digest_says_how_many_how_much_and_what_is_new():
    told = digest(
        alert("TEA", value_at_risk=1234.0, severity="critical"),
        alert("JAM", value_at_risk=20.0, currency="USD", opened_at=NOW - 9 * HOUR),
        since=NOW - 2 * HOUR,
        console=CONSOLE,
    )
    assert subject(told) == "Andon: 2 open, 1 critical"
    assert as_text(told) == (
        "2 open, 1 of them new since Mon 23 Nov 07:00 CET. At stake: 1,234 EUR, 20.00 USD.\n\n"
        "1. critical, 1,234 EUR, new\n   TEA runs out.\n"
        f"   {CONSOLE}/?search=stockout_risk%3AS%2FTEA%3A1&answered=all\n\n"
        "2. warning, 20.00 USD\n   JAM runs out.\n"
        f"   {CONSOLE}/?search=stockout_risk%3AS%2FJAM%3A1&answered=all\n\n"
        f"{CONSOLE}\n"
    )


def test_what_does_not_fit_is_counted_and_the_end_of_all_is_told():
    told = digest(*(alert(f"T{n}") for n in range(5)), most=2)
    assert "And 3 more" in as_text(told)
    assert "And 3 more" in as_html(told)
    assert "T2 runs out" not in as_text(told) + as_html(told)
    assert "Nothing is open any more." in as_text(digest())


class _Read(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.texts, self.links = set(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data):
        self.texts.append(data)


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.sampled_from(["", CONSOLE]))
def test_whatever_a_sentence_says_it_is_text_of_one_line_and_no_markup(text, console):
    name = "".join(char for char in text if char.isprintable()) or "A"
    one = alert(name, sentence=f"<script>{text}</script>\r\n2. forged")
    told = digest(one, console=console)
    read = _Read()
    read.feed(as_html(told))
    assert read.tags <= {"html", "body", "p", "table", "tr", "td", "a"}
    assert any("</script> 2. forged" in one for one in read.texts)
    assert all(link.startswith(CONSOLE) for link in read.links)
    assert [line for line in as_text(told).splitlines() if line.startswith("2. ")] == []


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_nothing_that_an_event_says_comes_into_the_head_and_what_is_said_comes_back(text):
    one = alert("A", sentence=f"Tea {text}\r\nBcc: all@x.example", supplier="X\r\nBcc: y@x")
    message = mail_of(digest(one), "a@x.example", ["b@y.example"], "name", NOW)
    head = {"Subject", "From", "To", "Message-ID", "Date", "Auto-Submitted", "MIME-Version"}
    assert set(message.keys()) == head | {"Content-Type"}
    assert message.get_body(("plain",)).get_content() == as_text(digest(one))


@pytest.mark.parametrize(
    ("sender", "to"),
    [
        ("a@x\r\nBcc: all@x", ["b@y"]),
        ("a@x", ["b@y\nBcc: all@x"]),
        ("a@x", ["b@y", "c@z\r\n\r\nx"]),
    ],
)
def test_an_address_that_would_forge_the_head_is_refused(sender, to):
    with pytest.raises(ValueError, match="linefeed"):
        mail_of(digest(), sender, to, "name", NOW)


def test_a_digest_that_tells_the_same_twice_has_one_id_and_any_other_has_its_own():
    def name(*alerts, to=("b@y",), of="anna 1", now=NOW):
        return mail_of(digest(*alerts), "a@x", to, of, now)["Message-ID"]

    assert name(alert()) == name(alert(), now=NOW + HOUR)
    others = [
        name(alert()),
        name(alert(revision=2)),
        name(alert(), alert("B")),
        name(alert(), to=("c@y",)),
        name(alert(), of="anna 2"),
    ]
    assert len(set(others)) == len(others)


# When it is due

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])  # fmt: skip
TIMES = st.lists(st.times().map(lambda one: one.replace(second=0, microsecond=0, fold=0)), min_size=1, max_size=3, unique=True)  # fmt: skip


@given(ZONES, TIMES, st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1)))
def test_each_time_of_day_comes_once_on_each_day_over_changes_of_the_clock_too(zone, times, begin):
    due = TimesOfDay(tuple(times), ZoneInfo(zone))
    now, found = begin.replace(tzinfo=UTC, microsecond=0), []
    end = now + timedelta(days=3)
    last = begun = now
    while now < end:
        now += timedelta(minutes=15)
        if due.is_due(now, last, begun):
            found.append(due.before(now))
            last = now
    expected = {
        at
        for day in range(-1, 6)
        for one in times
        if begun
        < (at := datetime.combine((begun + timedelta(day)).astimezone(due.zone).date(), one, due.zone).astimezone(UTC))
        <= now
    }  # fmt: skip
    # Those that come within one look are told together.
    assert set(found) <= expected
    assert all(any(one <= told < one + timedelta(minutes=15) for told in found) for one in expected)


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        ("2026-03-02T05:59:00", None, False),
        ("2026-03-02T06:00:00", None, True),
        ("2026-03-02T06:01:00", "2026-03-02T06:00:00", False),
        ("2026-03-05T12:00:00", "2026-03-02T06:00:00", True),
        # In summer it is an hour earlier.
        ("2026-06-02T05:00:00", "2026-06-01T05:00:00", True),
        # A time that the clock leaps over, and one that it shows twice.
        ("2026-03-29T05:00:00", "2026-03-28T06:00:00", True),
    ],
)
def test_seven_in_the_morning_is_that_of_the_buyers_clock(now, last, due):
    times = TimesOfDay((time(7),), ZoneInfo("Europe/Berlin"))
    begun = datetime(2026, 3, 1, 23, tzinfo=UTC)
    last = None if last is None else datetime.fromisoformat(last).replace(tzinfo=UTC)
    assert times.is_due(datetime.fromisoformat(now).replace(tzinfo=UTC), last, begun) is due


def test_every_so_often_begins_at_once():
    every = Every(4 * HOUR)
    assert every.is_due(NOW, None, NOW)
    assert not every.is_due(NOW + 3 * HOUR, NOW, NOW)
    assert every.is_due(NOW + 4 * HOUR, NOW, NOW)


# That it is told


class Board:
    """Stands for a consumer of the board: what is there, what a group has noted, and a clock."""

    def __init__(self):
        self.place = TopicPartition("andon.board.v1", 0)
        self.log, self.at, self.kept, self.now = [], 0, None, NOW

    def say(self, one, answer=None):
        self._add(one.alert_id, encode(entry(one, answer)))

    def end(self, one):
        self._add(one.alert_id, None)

    def _add(self, key, value):
        self.log.append(SimpleNamespace(key=key.encode(), value=value, headers=()))

    def assignment(self):
        return {self.place}

    def committed(self, partition, metadata):
        assert metadata
        return self.kept

    def commit(self, offsets):
        self.kept = offsets[self.place]

    def position(self, partition):
        return self.at

    def end_offsets(self, partitions):
        return {self.place: len(self.log)}

    def poll(self, timeout_ms):
        found, self.at = self.log[self.at :], len(self.log)
        return {self.place: found} if found else {}


class Reader:
    """Stands for a mail server: keeps mails, or takes none."""

    def __init__(self):
        self.mails, self.takes = [], True

    def __call__(self, message):
        if self.takes:
            self.mails.append(message)
        return self.takes

    @property
    def subjects(self):
        return [one["Subject"] for one in self.mails]


def mailer(board, reader):
    board.at = 0

    def write(alerts, told, now):
        return mail_of(digest(*alerts, since=told.at), "a@x", ["b@y"], f"n {told.mails}", now)

    return Mailer(board, Wanted(), write, reader, lambda: board.now)


def test_nothing_is_sent_while_nothing_is_open_and_its_end_is_told_once():
    board, reader = Board(), Reader()
    one = mailer(board, reader)
    for change in (None, lambda: board.say(alert()), None, lambda: board.end(alert()), None):
        if change is not None:
            change()
        board.now += HOUR
        assert one.step(Every(HOUR))
    told = ["Andon: 1 open", "Andon: 1 open", "Andon: nothing is open any more"]
    assert reader.subjects == told
    assert len({one["Message-ID"] for one in reader.mails}) == 3


def test_a_digest_that_was_not_taken_is_sent_by_the_successor_and_one_that_was_is_not_sent_again():
    board, reader = Board(), Reader()
    board.say(alert())
    reader.takes = False
    assert not mailer(board, reader).step(Every(HOUR))
    assert mailer(board, reader).told == Told(NOW)
    reader.takes = True
    assert mailer(board, reader).step(Every(HOUR))
    assert mailer(board, reader).step(Every(HOUR))
    assert reader.subjects == ["Andon: 1 open"]


def test_a_crash_before_it_is_noted_tells_the_same_under_the_same_id():
    board, reader = Board(), Reader()
    board.say(alert())
    board.commit = lambda offsets: None
    for _ in range(2):
        board.now += timedelta(minutes=1)
        mailer(board, reader).step(Every(HOUR))
    first, second = (one["Message-ID"] for one in reader.mails)
    assert first == second


def test_a_time_that_was_missed_while_nobody_was_there_is_told_at_the_start():
    board, reader = Board(), Reader()
    board.say(alert())
    times = TimesOfDay((time(7),), ZoneInfo("UTC"))
    mailer(board, reader).step(times)
    assert reader.mails == [], "seven o'clock was before anybody was asked to tell"
    board.now += timedelta(hours=22)
    mailer(board, reader).step(times)
    assert reader.mails == []
    board.now += timedelta(hours=2)
    mailer(board, reader).step(times)
    board.now += timedelta(days=2)
    one = mailer(board, reader)
    assert one.step(times)
    assert one.step(times)
    assert reader.subjects == ["Andon: 1 open"] * 2


@pytest.mark.parametrize("metadata", ["", "7", "{", '{"mails":"x"}', None])
def test_a_note_that_nobody_can_read_is_as_none(metadata):
    board = Board()
    board.kept = SimpleNamespace(offset=0, metadata=metadata)
    assert mailer(board, Reader()).told == Told()


def test_what_is_answered_between_two_digests_is_not_in_the_second():
    board, reader = Board(), Reader()
    board.say(alert("A"))
    board.say(alert("B"))
    one = mailer(board, reader)
    one.tell()
    board.say(alert("A"), answered())
    board.now += HOUR
    one.tell()
    assert reader.subjects == ["Andon: 2 open", "Andon: 1 open"]


def test_a_mail_server_is_asked_again_until_it_takes_the_digest():
    pauses = []
    with receiving() as server:
        server.answers["RCPT"] = [b"450 greylisted", b"450 greylisted"]
        send = Mailbox(server.given(), lambda seconds: bool(pauses.append(seconds)))
        assert send(mail_of(digest(alert()), "a@x.example", ["b@y.example"], "n", NOW))
        (message,) = server.messages
    assert pauses == [2.0, 4.0]
    assert message["Subject"] == "Andon: 1 open"
    assert "A runs out." in message.get_body(("plain",)).get_content()
    assert "<td>A runs out.</td>" in message.get_body(("html",)).get_content()


def test_who_is_told_to_stop_gives_up_and_who_is_refused_for_good_says_so():
    message = mail_of(digest(alert()), "a@x.example", ["nobody@y.example"], "n", NOW)
    with receiving() as server:
        with pytest.raises(UserError, match=r"nobody@y.example refused .* 550 unknown"):
            Mailbox(server.given(), lambda _: False)(message)
        server.answers["MAIL"] = [b"451 busy"]
        assert not Mailbox(server.given(), lambda _: True)(message)


def test_the_note_is_small_enough_for_a_broker_however_much_is_open():
    told = Told(NOW, 10**9, NOW, 10**9)
    assert msgspec.json.decode(msgspec.json.encode(told), type=Told) == told
    assert len(msgspec.json.encode(told)) < 4096
