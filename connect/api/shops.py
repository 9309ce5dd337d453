"""Orders of shops, as their webhooks send them: Shopify's and WooCommerce's, by a mapping."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from andon.connect.edi.terms import Terms
from andon.connect.imports.events import record_of
from andon.connect.tables.errors import BadRow
from andon.schemas.common import Record, encode, item_key
from andon.schemas.pos import Sale

#: States of a WooCommerce order in which it is paid for.
_PAID: Final = ("processing", "completed")


@dataclass
class Taken:
    """What became of a webhook's lines: sales with their keys, what was left out and why, and what cannot be."""

    sales: list[tuple[bytes, bytes]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, text: str, **line: Any) -> None:
        """Note what cannot be: of a line its number, sku and quantity, and nothing of the customer."""
        self.refused.append({**line, "error": text})

    def add(self, sale: Record, key: str) -> None:
        """Keep a sale."""
        self.sales.append((key.encode(), encode(sale)))

    def as_dict(self) -> dict[str, Any]:
        """Return it for the answer."""
        return {"accepted": len(self.sales), "skipped": self.skipped, "refused": self.refused}


@dataclass(frozen=True)
class Shop:
    """A kind of shop: the headers of its webhooks' signature and topic, and what reads them."""

    name: str
    signature: str
    topic: str
    read: Callable[[str, dict[str, Any], Terms, Taken], None]


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Return whether a body was signed with a secret: HMAC-SHA256 in base64."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    # What is no ASCII cannot be compared as text.
    return hmac.compare_digest(base64.b64encode(digest), signature.encode())


def take(shop: Shop, topic: str, body: bytes, terms: Terms) -> Taken:
    """Return what becomes of a webhook.

    Raises:
        ValueError: it is no JSON object.
    """
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        msg = f"it is not JSON: {error}"
        raise ValueError(msg) from error
    if not isinstance(value, dict):
        msg = "it is no JSON object"
        raise ValueError(msg)  # noqa: TRY004 - of the caller's input, not of an argument
    taken = Taken()
    shop.read(topic, value, terms, taken)
    return taken


def _shopify(topic: str, value: dict[str, Any], terms: Terms, taken: Taken) -> None:
    if value.get("test") is True:
        taken.skipped.append("a test")
    elif topic == "orders/create":
        at = value.get("processed_at") or value.get("created_at")
        if value.get("cancelled_at"):
            taken.skipped.append("cancelled")
            return
        for line in _rows(value.get("line_items"), taken):
            told = _Line("shopify", value, line, line.get("quantity"), "sale", at)
            _take(told, value.get("location_id"), terms, taken)
    elif topic == "refunds/create":
        at = value.get("processed_at") or value.get("created_at")
        for row in _rows(value.get("refund_line_items"), taken):
            if row.get("restock_type") in (None, "no_restock"):
                taken.skipped.append("refunded, and not put back")
                continue
            [line] = _rows([row.get("line_item")], taken) or [{}]
            told = _Line("shopify", value, {**line, "id": row.get("id")}, row.get("quantity"), "return", at)  # fmt: skip
            _take(told, row.get("location_id"), terms, taken)
    else:
        taken.skipped.append(
            f"{topic or 'no topic'} is not read, but orders/create and refunds/create"
        )


def _woocommerce(topic: str, value: dict[str, Any], terms: Terms, taken: Taken) -> None:
    if topic not in ("order.created", "order.updated"):
        taken.skipped.append(
            f"{topic or 'no topic'} is not read, but order.created and order.updated"
        )
        return
    if value.get("status") not in _PAID:
        taken.skipped.append(f"its status is {value.get('status')!r}")
        return
    at = value.get("date_paid_gmt") or value.get("date_created_gmt")
    at = f"{at}Z" if isinstance(at, str) and not at.endswith("Z") else at
    for line in _rows(value.get("line_items"), taken):
        told = _Line("woocommerce", value, line, line.get("quantity"), "sale", at)
        _take(told, None, terms, taken)


@dataclass(frozen=True)
class _Line:
    shop: str
    document: dict[str, Any]
    line: dict[str, Any]
    quantity: Any
    kind: str
    at: Any


def _rows(value: Any, taken: Taken) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        taken.refuse("it has no list of lines")
        return []
    found = [one for one in value if isinstance(one, dict)]
    for _ in range(len(value) - len(found)):
        taken.refuse("a line is no object")
    return found


def _take(told: _Line, place: Any, terms: Terms, taken: Taken) -> None:
    """Keep the sale of a line, or say why it is none."""
    line, name = told.line, f"line {told.line.get('id')}"
    try:
        document, number = told.document.get("id"), line.get("id")
        if not _is_number(document) or not _is_number(number):
            raise BadRow("missing", "id: what names the order and its line is missing")  # noqa: TRY301
        code = line.get("sku") or ""
        if not isinstance(code, str) or not code:
            raise BadRow("missing", "sku: the line has none")  # noqa: TRY301
        units = terms.units(str(told.quantity), "", "quantity")
        if units == 0:
            taken.skipped.append(f"{name}: nothing of it")
            return
        location = terms.location("" if place is None else str(place))
        sku = terms.sku([("IN", code)])
        values = {
            "event_id": f"{told.shop}:{document}:{number}",
            "occurred_at": told.at,
            "location": location,
            "sku": sku,
            "quantity": units,
            "kind": told.kind,
            "unit_price": _price(line.get("price")),
            "transaction_id": f"{told.shop}:{document}",
        }
        taken.add(record_of(Sale, values), item_key(location, sku))
    except BadRow as error:
        line = {name: line.get(name) for name in ("id", "sku", "quantity")}
        taken.refuse(str(error), document=told.document.get("id"), **line)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _price(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


SHOPS: Final = {
    shop.name: shop
    for shop in (
        Shop("shopify", "X-Shopify-Hmac-Sha256", "X-Shopify-Topic", _shopify),
        Shop("woocommerce", "X-WC-Webhook-Signature", "X-WC-Webhook-Topic", _woocommerce),
    )
}
