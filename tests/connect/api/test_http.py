"""Events by HTTP: what is right is published and acknowledged before the answer, what is not is told, and nobody else gets in."""

import asyncio
import base64
import hashlib
import hmac
import json

import pytest
from aiohttp.test_utils import TestClient, TestServer

from andon.connect.api import app as api_app
from andon.connect.api.app import Api
from andon.connect.api.events import INPUTS, MOST_EVENTS
from andon.connect.edi.terms import Terms
from andon.connect.imports.mapping import Mapping
from andon.schemas.common import encode
from andon.schemas.examples import EXAMPLES

SALE = {"event_id": "1", "occurred_at": "2026-03-04T09:00:00Z", "location": "S1", "sku": "A", "quantity": 2}  # fmt: skip
TOKEN = "a-token-that-is-long"
SECRET = "of-the-shop"


class Door:
    """The application, and what it published."""

    def __init__(self, *, fails=False, said=None, **options):
        self.published, self.rejected, self.fails = [], [], fails
        terms = Terms(Mapping(**({"locations": ("web",)} if said is None else said)))
        secrets = {"shopify": SECRET, "woocommerce": SECRET}
        self.api = Api(self._publish, self._reject, secrets=secrets, terms=terms, **options)

    async def _publish(self, family, records):
        if self.fails:
            raise ConnectionError("no broker")
        self.published += [(family, key.decode(), json.loads(value)) for key, value in records]

    async def _reject(self, shop, lines):
        self.rejected += [(shop, line) for line in lines]

    def ask(self, path, body=b"", *, method="POST", kind="application/json", **headers):
        """Return status, body and headers of an answer."""

        async def talk():
            async with TestClient(TestServer(self.api.application())) as client:
                given = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}  # fmt: skip
                data = (
                    body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
                )
                async with client.request(method, path, data=data, headers=given) as answer:
                    text = await answer.text()
                    told = json.loads(text) if answer.content_type == "application/json" else text
                    return answer.status, told, answer.headers

        return asyncio.run(talk())


def test_what_became_of_each_event_is_told():
    door = Door()
    status, told, _ = door.ask("/v1/pos", [SALE, {**SALE, "quantity": "x"}, {**SALE, "event_id": "2", "colour": 1}, 7])  # fmt: skip
    assert (status, told["accepted"], told["refused"]) == (202, 2, 2)
    assert [one["status"] for one in told["events"]] == [
        "accepted",
        "refused",
        "accepted",
        "refused",
    ]
    assert told["events"][0] == {"index": 0, "status": "accepted", "key": "S1/A", "event_id": "1"}
    assert "quantity" in told["events"][1]["error"]
    assert told["events"][2]["unknown_fields"] == ["colour"]
    assert [(family, key, value["event_id"]) for family, key, value in door.published] == [("pos", "S1/A", "1"), ("pos", "S1/A", "2")]  # fmt: skip


@pytest.mark.parametrize("family", INPUTS)
def test_every_family_that_comes_in_can_be_posted(family):
    door = Door()
    status, told, _ = door.ask(f"/v1/{family}", encode(EXAMPLES[family]))
    assert (status, told["accepted"], len(door.published)) == (202, 1, 1)


def test_json_lines_are_taken_line_by_line():
    door = Door()
    lines = "\n".join((json.dumps(SALE), "", "{no json", json.dumps({**SALE, "event_id": "3"})))
    status, told, _ = door.ask("/v1/pos", lines.encode(), kind="application/x-ndjson")
    assert (status, told["accepted"], told["refused"]) == (202, 2, 1)
    assert "not JSON" in told["events"][1]["error"]


def test_events_without_an_id_are_named_by_the_request():
    door = Door()
    bare = {name: value for name, value in SALE.items() if name != "event_id"}
    assert door.ask("/v1/pos", [bare])[0] == 422
    for _ in range(2):
        assert door.ask("/v1/pos", [bare, bare], Idempotency_Key="till-7")[0] == 202
    assert [one[2]["event_id"] for one in door.published] == ["till-7:0", "till-7:1"] * 2


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "text"),
    [
        ("/v1/pos", b"{no", {}, 400, "not JSON"),
        ("/v1/pos", b"\xff\xfe", {}, 400, "not JSON"),
        ("/v1/pos", b"[" * 5000, {}, 400, "not JSON"),
        ("/v1/pos", b"[]", {}, 400, "no event"),
        ("/v1/pos", [SALE] * (MOST_EVENTS + 1), {}, 400, "at most"),
        ("/v1/pos", b" " * (api_app.MOST_BYTES + 1), {}, 413, "at most"),
        ("/v1/pos", SALE, {"kind": "text/plain"}, 415, "application/json"),
        ("/v1/pos", SALE, {"Idempotency_Key": "x" * 101}, 400, "Idempotency-Key"),
        ("/v1/forecasts", SALE, {}, 404, "none of"),
        ("/v1/pos", SALE, {"Host": "evil.example"}, 403, "not known as 'evil.example'"),
        ("/v1/pos", SALE, {"Origin": "http://evil.example"}, 403, "another origin"),
        ("/nowhere", SALE, {}, 404, "Not Found"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_told_and_nothing_is_published(path, body, headers, status, text):
    door = Door()
    found, told, _ = door.ask(path, body, **headers)
    assert (found, door.published) == (status, [])
    assert text in told["error"]


@pytest.mark.parametrize(
    ("given", "status"),
    [("Bearer " + TOKEN, 202), ("bearer " + TOKEN, 202), ("Bearer wrong", 401), ("", 401), (TOKEN, 401), ("Bearer é", 401)],
)  # fmt: skip
def test_who_has_no_token_may_not_post(given, status):
    door = Door(token=TOKEN)
    found, _, headers = door.ask("/v1/pos", SALE, Authorization=given)
    assert (found, len(door.published)) == (status, int(status == 202))
    assert ("WWW-Authenticate" in headers) == (status == 401)


def test_a_broker_that_does_not_answer_is_told_so_that_it_is_sent_again():
    status, told, headers = Door(fails=True).ask("/v1/pos", SALE)
    assert (status, headers["Retry-After"]) == (503, "5")
    assert "send it again, with the same ids" in told["error"]


def test_a_request_that_does_not_come_whole_is_given_up():
    door = Door(body_seconds=0.05)

    async def talk():
        async with TestServer(door.api.application()) as server:
            reader, writer = await asyncio.open_connection(server.host, server.port)
            writer.write(b"POST /v1/pos HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{")  # fmt: skip
            first = await reader.readline()
            writer.close()
            return first

    assert b" 408 " in asyncio.run(talk())
    assert door.published == []


def test_the_document_and_the_page_name_every_family():
    door = Door()
    _, told, headers = door.ask("/openapi.json", None, method="GET")
    assert set(told["paths"]) == {f"/v1/{name}" for name in INPUTS}
    assert set(told["components"]["schemas"]) == set(INPUTS)
    assert headers["X-Content-Type-Options"] == "nosniff"
    _, page, _ = door.ask("/", None, method="GET")
    assert all(f"POST /v1/{name}" in page for name in INPUTS)
    assert door.ask("/healthz", None, method="GET")[:2] == (200, {"status": "ok"})


def hooked(door, shop, topic, value, *, secret=SECRET, **more):
    body = json.dumps(value).encode()
    signed = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    names = {"shopify": ("X_Shopify_Hmac_Sha256", "X_Shopify_Topic"), "woocommerce": ("X_WC_Webhook_Signature", "X_WC_Webhook_Topic")}[shop]  # fmt: skip
    return door.ask(f"/hooks/{shop}", body, **{names[0]: signed, names[1]: topic, **more})


LINE = {"id": 11, "sku": "TEA", "quantity": 2, "price": "4.50"}
ORDER = {"id": 7, "processed_at": "2026-03-04T10:00:00+01:00", "email": "a@b.example", "line_items": [LINE, {**LINE, "id": 12, "sku": "CUP"}]}  # fmt: skip
REFUND = {"id": 8, "processed_at": "2026-03-05T10:00:00Z", "refund_line_items": [
    {"id": 21, "quantity": 1, "restock_type": "return", "location_id": 5, "line_item": LINE},
    {"id": 22, "quantity": 1, "restock_type": "no_restock", "line_item": LINE},
]}  # fmt: skip
WOO = {"id": 9, "status": "processing", "date_created_gmt": "2026-03-04T09:00:00", "line_items": [{**LINE, "price": 4.5}]}  # fmt: skip


def sold(door):
    return [(one["event_id"], one["location"], one["sku"], one["quantity"], one.get("kind", "sale"), one["occurred_at"]) for _, _, one in door.published]  # fmt: skip


@pytest.mark.parametrize(
    ("shop", "topic", "value", "expected"),
    [
        ("shopify", "orders/create", ORDER, [("shopify:7:11", "web", "TEA", 2, "sale", "2026-03-04T10:00:00+01:00"), ("shopify:7:12", "web", "CUP", 2, "sale", "2026-03-04T10:00:00+01:00")]),
        ("shopify", "refunds/create", REFUND, [("shopify:8:21", "5", "TEA", 1, "return", "2026-03-05T10:00:00Z")]),
        ("shopify", "orders/create", {**ORDER, "cancelled_at": "2026-03-04T10:00:00Z"}, []),
        ("shopify", "orders/create", {**ORDER, "test": True}, []),
        ("shopify", "orders/paid", ORDER, []),
        ("woocommerce", "order.created", WOO, [("woocommerce:9:11", "web", "TEA", 2, "sale", "2026-03-04T09:00:00Z")]),
        ("woocommerce", "order.updated", {**WOO, "status": "pending"}, []),
    ],
)  # fmt: skip
def test_orders_of_shops_are_sales(shop, topic, value, expected):
    door = Door()
    status, told, _ = hooked(door, shop, topic, value)
    assert (status, sold(door), door.rejected) == (202, expected, [])
    assert told["accepted"] == len(expected)
    assert told["accepted"] or told["skipped"]


def test_what_a_shop_s_line_does_not_say_is_kept_for_people_without_the_customer():
    door = Door(said={})
    bad = {**ORDER, "location_id": 5, "line_items": [{**LINE, "sku": ""}, {**LINE, "quantity": 1.5}, {**LINE, "id": None}, "x", LINE]}  # fmt: skip
    status, told, _ = hooked(door, "shopify", "orders/create", bad)
    assert (status, len(sold(door)), len(told["refused"])) == (202, 1, 4)
    assert len(door.rejected) == 4
    assert "a@b.example" not in str(door.rejected)
    assert hooked(door, "shopify", "orders/create", ORDER)[1]["refused"][0]["error"].startswith("location:")  # fmt: skip


@pytest.mark.parametrize(
    "headers", [{"X_Shopify_Hmac_Sha256": "no"}, {"X_Shopify_Hmac_Sha256": "é"}]
)
def test_a_webhook_with_another_signature_is_refused(headers):
    door = Door()
    assert hooked(door, "shopify", "orders/create", ORDER, secret="other")[0] == 401
    assert hooked(door, "shopify", "orders/create", ORDER, **headers)[0] == 401
    assert door.published == []


def test_a_shop_that_is_not_set_up_is_not_known():
    door = Door()
    door.api = Api(door._publish, door._reject, terms=Terms(Mapping()))
    assert hooked(door, "shopify", "orders/create", ORDER)[0] == 404
    assert door.ask("/hooks/other", ORDER)[0] == 404


def test_the_skus_and_places_of_a_shop_are_named_by_the_mapping(tmp_path):
    (tmp_path / "codes.csv").write_text("code,sku\nTEA,T-1\nCUP,C-1\n")
    (tmp_path / "places.csv").write_text("code,place\n5,berlin\n")
    said = {"maps": {"sku": str(tmp_path / "codes.csv"), "location": str(tmp_path / "places.csv")}}
    door = Door(said=said)
    hooked(door, "shopify", "orders/create", {**ORDER, "location_id": 5})
    assert [one[1:3] for one in sold(door)] == [("berlin", "T-1"), ("berlin", "C-1")]
