"""`andon sink mail`: what cannot be is told, and on a broker a digest is sent, remembered and only shown if that is asked."""

import pytest
from support.command import andon
from support.mail import receiving
from support.workers import publish

from andon.schemas.board import BoardEntry
from andon.schemas.common import encode
from andon.schemas.examples import EXAMPLES

HERE = ("127.0.0.1:9", "--from", "a@x.example", "--to", "b@y.example", "--security", "none")
#: An alert of the examples, of which nobody has answered anything.
ALERT = EXAMPLES["replenishment"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "say when: either --at and a time of day"),
        (("--at", "07:00", "--every", "4h"), "say when: either --at and a time of day"),
        (("--at", "7"), "--at: expected a time of day such as 07:00, got '7'"),
        (("--at", "24:00"), "--at: expected a time of day"),
        (("--at", "07:00", "--time-zone", "Berlin"), "--time-zone: time_zone: 'Berlin' is no name"),
        (("--every", "5s"), "--every: expected at least 1m"),
        (("--once", "--kind", "flood"), "--kind flood is unknown"),
        (("--once", "--severity", "bad"), "--severity bad is unknown"),
        (("--once", "--console", "javascript:alert(1)"), "--console: expected http:// or https://"),
        (("--once", "--security", "ssl"), "--security: expected starttls, tls or none"),
        (("--once", "--user", "anna"), "--user: who signs in needs a password"),
        (("--once", "--password-file", "nowhere"), "cannot read nowhere"),
        (("--once", "--to", "b@y\nBcc: all@x"), "--from or --to is no address"),
    ],
)
def test_what_cannot_be_is_told(options, message, monkeypatch):
    monkeypatch.delenv("ANDON_MAIL_PASSWORD", raising=False)
    code, _, err = andon("--broker", "127.0.0.1:1", "sink", "mail", *HERE, *options)
    assert code == 1
    assert message in " ".join(err.split())


def test_a_password_of_the_environment_is_as_one_of_a_file(monkeypatch):
    monkeypatch.setenv("ANDON_MAIL_PASSWORD", "pass-of-test")
    code, _, err = andon(
        "--broker", "127.0.0.1:1", "sink", "mail", *HERE, "--once", "--user", "anna"
    )
    assert code == 1
    assert "no Kafka broker answers" in " ".join(err.split())
    assert "pass-of-test" not in err


@pytest.mark.integration
def test_a_digest_is_shown_sent_and_remembered(topics):
    publish(topics, [("board", ALERT.alert_id.encode(), encode(BoardEntry(alert=ALERT)))])
    with receiving() as server:
        given = (f"127.0.0.1:{server.port}", *HERE[1:], "--console", "https://andon.example/")

        def run(*options):
            where = ("--broker", topics.broker, "--prefix", topics.prefix)
            return andon(*where, "sink", "mail", *given, *options)

        code, shown, err = run("--dry-run")
        assert (code, server.mails) == (0, []), err
        assert ALERT.sentence in shown
        assert run("--dry-run")[1] == shown, "what is only shown is not noted"
        assert run("--once", "--location", "nowhere")[0] == 0
        assert server.mails == []
        assert run("--once")[0] == 0
        assert run("--once")[0] == 0
        first, second = server.messages
        assert f"Message-ID: {first['Message-ID']}" in shown
        assert "new since" not in first.get_body(("plain",)).get_content()
        assert "0 of them new since" in second.get_body(("plain",)).get_content()

        publish(topics, [("board", ALERT.alert_id.encode(), None)])
        assert run("--once")[0] == 0
        assert run("--once")[0] == 0
        assert server.messages[-1]["Subject"] == "Andon: nothing is open any more"
        assert len(server.mails) == 3
    code, _, err = run("--once")
    assert code == 0, "nothing is open, so that nobody is asked"
