"""Orders that go out: each once, in forms that are read back as what was ordered, by ways that fail and go on."""

import csv
import io
from datetime import UTC, datetime
from types import SimpleNamespace

import msgspec
import pytest
from kafka.errors import KafkaTimeoutError
from support.edi import events
from support.mail import receiving
from support.receiver import WebhookReceiver

from andon.cli import connect_out
from andon.connect.edi.envelopes import Party
from andon.connect.mail import MailServer
from andon.connect.out import forms
from andon.connect.out.channels import Folder, Hook, Mail, NotSent, mail_of
from andon.connect.out.forms import CANCELLATION, ORDER, Parties
from andon.connect.out.outbox import Outbox
from andon.schemas.common import encode
from andon.schemas.orders import OrderedLine, PurchaseOrder, Sending
from andon.streams.admin import BrokerUnavailable

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PARTIES = Parties(Party("ANDON"), Party("ACME"), "004010")
EDIFACT = Parties(Party("ANDON", "14"), Party("ACME", "14"), "D:96A:UN")


def line(sku="TEA-01", quantity=144, location="store-3", **fields):
    return OrderedLine(location=location, sku=sku, quantity=quantity, **fields)


def order(*lines, order_id="PO-7", state="approved", version=1, **fields):
    fields = {"ready": True, "supplier": "ACME", "approved_at": AT, "currency": "EUR", **fields}
    return PurchaseOrder(
        order_id=order_id,
        state=state,
        version=version,
        changed_at=AT,
        lines=lines or (line(unit_cost=1.25),),
        **fields,
    )


CANCELLED = order(state="cancelled", ready=False, cancelled_at=AT.replace(hour=11))
SEVERAL = order(line(), line(quantity=6, location="store-4"), line("JAM", 20))


# Forms


@pytest.mark.parametrize(
    ("make", "parties"), [(forms.as_x12, PARTIES), (forms.as_edifact, EDIFACT)]
)
@pytest.mark.parametrize("one", [order(), order(wanted_at=AT.replace(day=7)), SEVERAL])
def test_an_order_as_edi_is_read_back_as_what_was_ordered(make, parties, one):
    document = make(one, ORDER, parties)
    (told,) = events(document.body)
    assert (told["family"], told["status"], told["shipment_id"]) == ("shipments", "ordered", "PO-7")
    found = {(got["location"], got["sku"]): got["quantity"] for got in told["lines"]}
    assert found == {(want.location, want.sku): want.quantity for want in one.lines}
    assert make(one, ORDER, parties) == document, "the same order is the same document"


@pytest.mark.parametrize(
    ("make", "parties", "kind"),
    [(forms.as_x12, PARTIES, "860"), (forms.as_edifact, EDIFACT, "ORDCHG")],
)
def test_a_cancellation_as_edi_is_read_back_as_one(make, parties, kind):
    document = make(CANCELLED, CANCELLATION, parties)
    (told,) = events(document.body)
    assert (told["status"], told["shipment_id"]) == ("cancelled", "PO-7")
    assert document.name == f"{kind}-PO-7-2.edi"


def test_a_table_has_the_lines_that_are_bought_and_no_formulas():
    taken = line("OWN", left_out="it was answered first by order PO-1")
    one = order(line("=1+1", unit_cost=2.5), taken, order_id="../etc/PO 1")
    document = forms.as_csv(one, ORDER)
    assert document.name == "..%2Fetc%2FPO%201-1.csv"
    (row,) = csv.DictReader(io.StringIO(document.body.decode(), newline=""))
    assert (row["sku"], row["quantity"], row["unit_cost"], row["what"]) == (
        "'=1+1",
        "144",
        "2.5",
        "order",
    )


def test_what_cannot_be_written_as_edi_is_said():
    with pytest.raises(ValueError, match="PO1"):
        forms.as_x12(order(line("A*B")), ORDER, PARTIES)


# What is due


def record(one, seconds=0):
    return SimpleNamespace(
        key=one.order_id.encode(), value=encode(one), timestamp=int(seconds * 1000), headers=()
    )


def due(outbox, now=100.0):
    return [(one.order_id, revision) for one, revision in outbox.due(now)]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (order(), [("PO-7", 1)]),
        (order(ready=False), []),
        (order(state="drafted", ready=False, approved_at=None), []),
        (order(state="sent", sent=(Sending(channel="csv", at=AT),)), []),
        (order(state="sent", sent=(Sending(channel="mail", at=AT),)), [("PO-7", 1)]),
        (order(state="confirmed"), []),
        (CANCELLED, []),
        (msgspec.structs.replace(CANCELLED, sent=(Sending(channel="csv", at=AT),)), [("PO-7", 2)]),
        (msgspec.structs.replace(CANCELLED, sent=(Sending(channel="mail", at=AT),)), []),
        (order(supplier="HANSA"), []),
    ],
)
def test_what_goes_out_is_what_its_way_has_not_sent(one, expected):
    outbox = Outbox("csv", ("ACME",))
    outbox.take(record(one))
    assert due(outbox) == expected


def test_an_order_can_be_taken_back_for_a_while():
    outbox = Outbox("csv", hold=10)
    outbox.take(record(order(), 95))
    assert due(outbox, 100) == []
    assert due(outbox, 105) == [("PO-7", 1)]
    outbox.take(record(msgspec.structs.replace(CANCELLED, version=2), 106))
    assert due(outbox, 120) == [], "what never went out is not called back"


def test_what_was_sent_is_not_sent_again_though_no_worker_has_heard_of_it():
    outbox, successor, other = Outbox("csv"), Outbox("csv"), Outbox("mail")
    for one in (outbox, successor, other):
        one.take(record(order()))
    event = outbox.sent(order(), ORDER, "PO-7-1.csv", AT)
    for one in (successor, other):
        one.take_event(SimpleNamespace(value=encode(event)))
        one.take_event(SimpleNamespace(value=b"{"))
    assert (due(outbox), due(successor), due(other)) == ([], [], [("PO-7", 1)])
    assert outbox.sent(order(), ORDER, "PO-7-1.csv", AT).event_id == event.event_id


# Ways


@pytest.mark.parametrize("problem", [BrokerUnavailable("away"), KafkaTimeoutError("slow")])
def test_what_went_out_while_the_broker_was_away_is_said_later_and_before_more_goes_out(
    monkeypatch, problem
):
    log, problems, outbox, passed_over = [], [None, problem, problem], Outbox("csv"), set()
    for number in range(3):
        outbox.take(record(order(order_id=f"PO-{number}")))

    def publish(settings, family, events):
        found = problems.pop(0) if problems else None
        if found is not None:
            raise found
        log.extend(("said", one.order_id) for one in events)

    way = SimpleNamespace(send=lambda _, one, __: log.append(("sent", one.order_id)))
    monkeypatch.setattr(connect_out, "publish", publish)
    failed = [
        connect_out._send_due(None, outbox, way, forms.as_csv, passed_over, as_json=False)
        for _ in range(3)
    ]
    assert failed == [1, 1, 0]
    names = [name for word, name in log if word == "sent"]
    assert sorted(names) == ["PO-0", "PO-1", "PO-2"]
    assert log == [(word, name) for name in names for word in ("sent", "said")]


def test_a_file_is_there_whole_and_once(tmp_path):
    folder, document = Folder(tmp_path / "out"), forms.as_csv(order(), ORDER)
    for _ in range(2):
        folder.send(document, order(), ORDER)
    (file,) = (tmp_path / "out").iterdir()
    assert (file.name, file.read_bytes()) == ("PO-7-1.csv", document.body)


def test_a_folder_that_cannot_be_written_to_is_tried_again(tmp_path):
    (tmp_path / "out").write_text("no folder")
    with pytest.raises(NotSent) as error:
        Folder(tmp_path / "out").send(forms.as_csv(order(), ORDER), order(), ORDER)
    assert error.value.later


@pytest.mark.parametrize(
    ("answers", "expected"), [([200], "sent"), ([503, 200], "sent"), ([422], "refused")]
)
def test_a_webhook_is_posted_until_it_is_accepted(answers, expected):
    document = forms.as_json(order(), ORDER)
    with WebhookReceiver() as receiver:
        receiver.answers = answers
        hook = Hook(receiver.url, "s3cret", lambda _: False)
        if expected == "refused":
            with pytest.raises(NotSent) as error:
                hook.send(document, order(), ORDER)
            assert not error.value.later
            return
        hook.send(document, order(), ORDER)
    (post,) = receiver.posts
    assert (post["id"], post["what"], post["order"]["order_id"]) == ("PO-7-1", "order", "PO-7")
    assert receiver.headers[0]["Authorization"] == "Bearer s3cret"


@pytest.fixture
def mail_server():
    with receiving() as server:
        yield server


@pytest.mark.parametrize(("supplier", "later"), [("ACME", None), ("HANSA", False), ("GONE", False)])
def test_an_order_is_mailed_to_its_supplier(mail_server, supplier, later):
    addresses = {"ACME": "orders@acme.example", "GONE": "nobody@gone.example"}
    mail, one = Mail(mail_server.given(), addresses, None), order(supplier=supplier)
    document = forms.as_csv(one, ORDER)
    if later is not None:
        with pytest.raises(NotSent) as error:
            mail.send(document, one, ORDER)
        assert error.value.later is later
        assert mail_server.mails == []
        return
    mail.send(document, one, ORDER)
    (text,) = mail_server.mails
    assert b"Subject: Order PO-7" in text
    assert b"144 x TEA-01 for store-3 at 1.25 EUR" in text
    assert b'filename="PO-7-1.csv"' in text


@pytest.mark.parametrize(
    ("word", "answer", "later"),
    [
        ("MAIL", b"451 busy", True),
        ("RCPT", b"450 greylisted", True),
        ("RCPT", b"550 unknown", False),
        ("DATA", b"451 busy", True),
        ("DATA", b"554 never", False),
        (".", b"452 full", True),
        (".", b"552 too large", False),
    ],
)
def test_a_mail_that_is_refused_for_the_moment_is_tried_again_and_for_good_is_not(
    mail_server, word, answer, later
):
    mail_server.answers[word] = [answer]
    with pytest.raises(NotSent) as error:
        Mail(mail_server.given(), {}, "all@x.example").send(
            forms.as_csv(order(), ORDER), order(), ORDER
        )
    assert error.value.later is later
    assert mail_server.mails == []


@pytest.mark.parametrize(
    "goodbye", [b"421 closing", b"500 what?", b"250 well", b"no answer at all"]
)
def test_a_mail_that_was_taken_is_sent_however_the_server_says_goodbye(mail_server, goodbye):
    mail_server.answers["QUIT"] = [goodbye]
    Mail(mail_server.given(), {}, "all@x.example").send(
        forms.as_csv(order(), ORDER), order(), ORDER
    )
    assert len(mail_server.mails) == 1


def test_a_mail_server_that_is_away_is_tried_again():
    given = MailServer("127.0.0.1", 9, "none", "us@shop.example")
    with pytest.raises(NotSent) as error:
        Mail(given, {}, "all@x.example").send(forms.as_csv(order(), ORDER), order(), ORDER)
    assert error.value.later


def test_a_mail_that_is_sent_twice_has_one_id_and_a_head_cannot_be_forged():
    document = forms.as_csv(order(), ORDER)
    one, two = (mail_of(document, order(), ORDER, "a@x", "b@y") for _ in range(2))
    assert one["Message-ID"] == two["Message-ID"]
    evil = order(order_id="PO\r\nBcc: all@x.example")
    with pytest.raises(ValueError, match="linefeed"):
        mail_of(forms.as_csv(evil, ORDER), evil, ORDER, "a@x", "b@y")
