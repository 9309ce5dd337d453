"""Ways out: a folder, a webhook, a mail server. Each takes a document whole, or fails and takes it again."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

import msgspec

from andon.connect.mail import MailServer, NotDelivered, deliver
from andon.connect.out.forms import CANCELLATION, Document, as_csv
from andon.connect.sinks.delivery import Post, Refused
from andon.planning.alerting.sentences import price
from andon.schemas.orders import PurchaseOrder


class NotSent(Exception):
    """It could not be sent; `later` says whether it may be another time."""

    def __init__(self, text: str, *, later: bool = True) -> None:
        super().__init__(text)
        self.later = later


class Channel(Protocol):
    """A way out."""

    def send(self, document: Document, order: PurchaseOrder, revision: int) -> None:
        """Send a document, and return when it is out of our hands.

        Raises:
            NotSent: it is not.
        """
        ...


class Folder:
    """Files in a folder: each is there whole or not at all, and the same document is the same file."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def send(self, document: Document, order: PurchaseOrder, revision: int) -> None:
        """Write a document, unless it is there already."""
        del order, revision
        target = self._directory / document.name
        hidden = self._directory / f".{document.name}.part"
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            if target.exists() and target.read_bytes() == document.body:
                return
            with hidden.open("wb") as file:
                file.write(document.body)
                file.flush()
                os.fsync(file.fileno())
            hidden.replace(target)
        except OSError as error:
            with contextlib.suppress(OSError):
                hidden.unlink()
            raise NotSent(f"{target}: {error.strerror or error}") from error


class Hook:
    """A webhook; its token goes nowhere else, and a redirect is an error.

    Args:
        url: where to.
        token: is sent as `Authorization: Bearer`, if there is one.
        wait: pauses, and says whether to give up.
    """

    def __init__(self, url: str, token: str | None, wait: Callable[[float], bool]) -> None:
        self._post = Post(url, token, wait)

    def send(self, document: Document, order: PurchaseOrder, revision: int) -> None:
        """Post a document until it is accepted."""
        del order, revision
        try:
            accepted = self._post(msgspec.Raw(document.body))
        except Refused as error:
            raise NotSent(f"{document.name} is refused: {error}", later=False) from error
        if not accepted:
            raise NotSent(f"{document.name} was not accepted in time")


class Mail:
    """Mails to suppliers, each with the order in words and as a table.

    Args:
        server: sends them.
        addresses: of suppliers, by their names.
        usual: where orders of other suppliers go, if anywhere.
    """

    def __init__(self, server: MailServer, addresses: Mapping[str, str], usual: str | None) -> None:
        self._server = server
        self._addresses = addresses
        self._usual = usual

    def send(self, document: Document, order: PurchaseOrder, revision: int) -> None:
        """Mail a document to the order's supplier."""
        to = self._addresses.get(order.supplier or "", self._usual)
        if to is None:
            raise NotSent(
                f"{order.order_id}: no address of {order.supplier or 'no supplier'}", later=False
            )
        try:
            message = mail_of(document, order, revision, self._server.sender, to)
        except ValueError as error:
            raise NotSent(f"{order.order_id} cannot be mailed: {error}", later=False) from error
        try:
            deliver(self._server, message)
        except NotDelivered as error:
            # What the server has against us is mended there, and holds for every order.
            raise NotSent(str(error), later=error.later or error.of_server) from error


def mail_of(
    document: Document, order: PurchaseOrder, revision: int, sender: str, to: str
) -> EmailMessage:
    """Return the mail of an order; one that is sent twice has the same id.

    Raises:
        ValueError: an address or a name has what no head of a mail may hold.
    """
    is_off = revision == CANCELLATION
    digest = hashlib.sha256(f"{document.name}\n{to}".encode()).hexdigest()[:32]
    message = EmailMessage()
    message["Subject"] = f"{'Cancellation of order' if is_off else 'Order'} {order.order_id}"
    message["From"], message["To"] = sender, to
    message["Message-ID"] = f"<{digest}@andon>"
    message["Date"] = order.cancelled_at if is_off and order.cancelled_at else order.approved_at
    lines = [
        f"{line.quantity} x {line.sku} for {line.location}"
        + (
            f" at {price(line.unit_cost, order.currency or '')}"
            if line.unit_cost is not None
            else ""
        )
        for line in order.bought
    ]
    what = "Please cancel our order" if is_off else "Please deliver our order"
    wanted = f", wanted by {order.wanted_at:%Y-%m-%d}" if order.wanted_at and not is_off else ""
    message.set_content("\n".join([f"{what} {order.order_id}{wanted}:", "", *lines, ""]))
    table = as_csv(order, revision)
    message.add_attachment(table.body, maintype="text", subtype="csv", filename=table.name)
    return message
