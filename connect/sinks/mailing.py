"""The loop of digests: follow the board, mail what is open when it is due, and note that it was told."""

import logging
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from typing import Final

import msgspec
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from andon.connect.mail import MailServer, NotDelivered, deliver
from andon.connect.sinks.digest import Wanted, waiting
from andon.connect.sinks.times import Times
from andon.schemas.alerts import Alert
from andon.streams.board_feed import OpenBoard, time_on_board
from andon.streams.clients import present
from andon.streams.errors import UserError

logger = logging.getLogger("andon.sink")

_POLL_MS: Final = 500
_FIRST_PAUSE_SECONDS: Final = 2.0
_LONGEST_PAUSE_SECONDS: Final = 300.0


#: Makes a mail of what is open, given what was told before and the time.
Write = Callable[[tuple[Alert, ...], "Told", datetime], EmailMessage]


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a buyer was told so far: since when, how many mails, when it was last looked, and how much was open then."""

    begun: datetime | None = None
    mails: int = 0
    at: datetime | None = None
    open: int = 0


class Ledger:
    """What was told, kept by the broker beside a group's offset of the board's first partition."""

    def __init__(self, client: KafkaConsumer) -> None:
        self._client = client
        self._place: TopicPartition = min(client.assignment())

    def read(self) -> Told:
        """Return what was told; nothing, if nobody has noted anything that can be read."""
        found = self._client.committed(self._place, metadata=True)
        try:
            return msgspec.json.decode(found.metadata if found else b"{}", type=Told)
        except (msgspec.MsgspecError, TypeError):
            return Told()

    def write(self, told: Told) -> None:
        """Note what was told."""
        text = msgspec.json.encode(told).decode()
        offset = self._client.position(self._place)
        self._client.commit({self._place: OffsetAndMetadata(offset, text, -1)})


class Mailbox:
    """Hands over mails until each is taken; `wait(seconds)` pauses and says whether to give up."""

    def __init__(self, server: MailServer, wait: Callable[[float], bool]) -> None:
        self._server = server
        self._wait = wait

    def __call__(self, message: EmailMessage) -> bool:
        """Hand over a mail; False if it was told to give up before it was taken.

        Raises:
            UserError: the server refuses us, all recipients or the mail, for good.
        """
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                deliver(self._server, message)
            except NotDelivered as error:
                if not error.later:
                    raise UserError(f"the digest is not taken: {error}") from error
                logger.warning("the digest is not taken yet: %s", error)
            else:
                return True
            if self._wait(pause):
                return False
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


class Mailer:
    """Mails digests of what a consumer of the board reads.

    Args:
        client: reads the board from its beginning, in a group of its own.
        wanted: what the buyer is told of.
        write: makes a mail of what is open, given what was told before and the time.
        send: hands it over; False if it was told to give up.
        clock: what time it is.
    """

    def __init__(
        self,
        client: KafkaConsumer,
        wanted: Wanted,
        write: Write,
        send: Callable[[EmailMessage], bool],
        clock: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._wanted = wanted
        self._write = write
        self._send = send
        self._clock = clock
        self._ledger = Ledger(client)
        self._board = OpenBoard()
        self.told = self._ledger.read()

    def step(self, times: Times) -> bool:
        """Follow the board, and tell what is open if that is due; False if it was told to give up."""
        for records in self._client.poll(timeout_ms=_POLL_MS).values():
            self._board.fold(records)
        now = self._clock()
        if self.told.begun is None:
            # Whoever is started again before the first digest is due still knows that it was asked for.
            self._note(msgspec.structs.replace(self.told, begun=now))
        return not times.is_due(now, self.told.at, self.told.begun or now) or self.tell()

    def tell(self) -> bool:
        """Mail what is open, and note it; False if it was told to give up before it was taken."""
        now = self._clock()
        alerts = self._waiting(now)
        message = self._letter(alerts, now)
        if message is not None and not self._send(message):
            return False
        mails = self.told.mails + (message is not None)
        self._note(Told(self.told.begun or now, mails, now, len(alerts)))
        return True

    def letter(self) -> EmailMessage | None:
        """Return the mail that would be sent now, if any."""
        now = self._clock()
        return self._letter(self._waiting(now), now)

    def _note(self, told: Told) -> None:
        self._ledger.write(told)
        self.told = told

    def _waiting(self, now: datetime) -> tuple[Alert, ...]:
        entries = self._board.fold(present(self._client)).entries.values()
        newest = max((one.alert.changed_at for one in entries), default=now)
        return waiting(entries, self._wanted, time_on_board(newest, now))

    def _letter(self, alerts: tuple[Alert, ...], now: datetime) -> EmailMessage | None:
        # Where nothing is open, that is news only to who was told of something.
        return self._write(alerts, self.told, now) if alerts or self.told.open else None
