"""A purchase order in the forms that go out: CSV, X12 850 and 860, EDIFACT ORDERS and ORDCHG, JSON.

The same order makes the same document to the byte, under the same name, so that one that is sent twice is known again.
"""

import csv
import hashlib
import io
from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import quote

import msgspec

from andon.connect.edi.envelopes import Envelope, Party, edifact_interchange, x12_interchange
from andon.connect.edi.segments import Segment, segment
from andon.connect.tables.formulas import harmless
from andon.schemas.orders import OrderedLine, PurchaseOrder

#: What an order, and what its cancellation is called in files.
ORDER: Final = 1
CANCELLATION: Final = 2
_COLUMNS: Final = (
    "order_id",
    "revision",
    "what",
    "supplier",
    "location",
    "sku",
    "quantity",
    "unit_cost",
    "currency",
    "wanted_at",
    "approved_by",
    "comment",
)
_MOST_CONTROL: Final = 999_999_999
#: An SDQ segment has room for so many places.
_PLACES: Final = 10


class Document(NamedTuple):
    """What goes out: under which name, as what, and its bytes."""

    name: str
    media_type: str
    body: bytes


class Parties(NamedTuple):
    """Who sends EDI to whom, and in which version."""

    sender: Party
    receiver: Party
    version: str
    is_test: bool = False


#: Makes the document of an order in a revision.
Form = Callable[[PurchaseOrder, int], Document]


def name_of(order: PurchaseOrder, revision: int) -> str:
    """Return what a document of an order is called, whatever its form: a name that every file system takes."""
    return f"{quote(order.order_id, safe='')}-{revision}"


def control_of(order: PurchaseOrder, revision: int) -> int:
    """Return the number of an order's interchange, always the same, of up to nine digits."""
    digest = hashlib.sha256(f"{order.order_id}\n{revision}".encode()).digest()
    return int.from_bytes(digest[:8]) % _MOST_CONTROL + 1


def as_csv(order: PurchaseOrder, revision: int) -> Document:
    """Return an order as a table, a line a row; a text that a spreadsheet would take for a formula has an apostrophe before it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for line in order.bought:
        row = (
            order.order_id,
            revision,
            "cancel" if revision == CANCELLATION else "order",
            order.supplier,
            line.location,
            line.sku,
            line.quantity,
            line.unit_cost,
            order.currency,
            None if order.wanted_at is None else order.wanted_at.isoformat(),
            order.approved_by,
            order.comment,
        )
        writer.writerow([harmless(cell) for cell in row])
    return Document(f"{name_of(order, revision)}.csv", "text/csv", out.getvalue().encode())


def as_json(order: PurchaseOrder, revision: int) -> Document:
    """Return an order as JSON: that of its topic, with what the receiver is to do."""
    told = {
        "id": name_of(order, revision),
        "what": "cancel" if revision == CANCELLATION else "order",
        "order": msgspec.structs.replace(order, lines=order.bought),
    }
    body = msgspec.json.encode(told)
    return Document(f"{name_of(order, revision)}.json", "application/json", body)


def as_x12(order: PurchaseOrder, revision: int, parties: Parties) -> Document:
    """Return an order as an 850, its cancellation as an 860.

    Raises:
        ValueError: an identity does not fit, or a text has what X12 cannot write.
    """
    ordered, said = _ordered_at(order), _said_at(order, revision)
    day = f"{ordered:%Y%m%d}"
    places = sorted({line.location for line in order.bought})
    head = [segment("CUR", "BY", order.currency)] if order.currency else []
    if order.wanted_at is not None:
        head.append(segment("DTM", "002", f"{order.wanted_at:%Y%m%d}"))
    if len(places) == 1:
        head.append(segment("N1", "ST", places[0], "92", places[0]))
    if revision == CANCELLATION:
        bch = ("01", "SA", order.order_id, "", "", day, "", "", "", "", f"{said:%Y%m%d}")
        kind, body = "860", [segment("BCH", *bch)]
    else:
        lines = list(_x12_lines(order, len(places) > 1))
        count = segment("CTT", str(sum(one.tag == "PO1" for one in lines)))
        kind, body = (
            "850",
            [segment("BEG", "00", "SA", order.order_id, "", day), *head, *lines, count],
        )
    text = x12_interchange(kind, [body], _envelope(order, revision, parties, said))
    return Document(f"{kind}-{name_of(order, revision)}.edi", "application/EDI-X12", text.encode())


def _x12_lines(order: PurchaseOrder, has_places: bool) -> list[Segment]:
    """Return the lines of an 850; where it goes to several places, each item once, with how much goes where."""
    found: list[Segment] = []
    items: dict[tuple[str, float | None], list[OrderedLine]] = {}
    for line in order.bought:
        items.setdefault((line.sku, line.unit_cost), []).append(line)
    for number, ((sku, cost), lines) in enumerate(items.items(), 1):
        units = str(sum(line.quantity for line in lines))
        price = "" if cost is None else f"{cost:.4f}".rstrip("0").rstrip(".")
        found.append(segment("PO1", str(number), units, "EA", price, "", "VP", sku))
        for first in range(0, len(lines), _PLACES) if has_places else ():
            shares = [
                part
                for line in lines[first : first + _PLACES]
                for part in (line.location, str(line.quantity))
            ]
            found.append(segment("SDQ", "EA", "92", *shares))
    return found


def as_edifact(order: PurchaseOrder, revision: int, parties: Parties) -> Document:
    """Return an order as ORDERS, its cancellation as ORDCHG.

    Raises:
        ValueError: an identity does not fit, or a text has what cannot be sent.
    """
    said = _said_at(order, revision)
    is_off = revision == CANCELLATION
    places = sorted({line.location for line in order.bought})
    body = [
        segment("BGM", "230" if is_off else "220", order.order_id, "1" if is_off else "9"),
        segment("DTM", ("137", f"{said:%Y%m%d%H%M}", "203")),
    ]
    if order.wanted_at is not None and not is_off:
        body.append(segment("DTM", ("2", f"{order.wanted_at:%Y%m%d}", "102")))
    if is_off:
        body.append(segment("RFF", ("ON", order.order_id)))
    body.append(segment("NAD", "BY", (parties.sender.id, "", "92")))
    if len(places) == 1:
        body.append(segment("NAD", "DP", (places[0], "", "92")))
    if order.currency and not is_off:
        body.append(segment("CUX", ("2", order.currency, "9")))
    for number, line in enumerate(() if is_off else order.bought, 1):
        body.append(segment("LIN", str(number), "", (line.sku, "SA")))
        body.append(segment("QTY", ("21", str(line.quantity), "PCE")))
        if line.unit_cost is not None:
            price = f"{line.unit_cost:.4f}".rstrip("0").rstrip(".")
            body.append(segment("PRI", ("AAA", price)))
        if len(places) > 1:
            body.append(segment("NAD", "DP", (line.location, "", "92")))
    body.append(segment("UNS", "S"))
    if not is_off:
        body.append(segment("CNT", ("2", str(len(order.bought)))))
    kind = "ORDCHG" if is_off else "ORDERS"
    text = edifact_interchange(kind, [body], _envelope(order, revision, parties, said))
    name = f"{kind}-{name_of(order, revision)}.edi"
    return Document(name, "application/EDIFACT", text.encode())


def _envelope(order: PurchaseOrder, revision: int, parties: Parties, said: datetime) -> Envelope:
    control = control_of(order, revision)
    return Envelope(
        parties.sender, parties.receiver, control, said, parties.version, is_test=parties.is_test
    )


def _ordered_at(order: PurchaseOrder) -> datetime:
    return order.approved_at or order.changed_at


def _said_at(order: PurchaseOrder, revision: int) -> datetime:
    """Return when what a document says was decided: that is the same whenever it is made."""
    off = order.cancelled_at
    return off if revision == CANCELLATION and off is not None else _ordered_at(order)
