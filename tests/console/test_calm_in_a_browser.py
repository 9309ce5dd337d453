"""What changes while somebody is at a page, in a real browser: it is shown, and nothing moves under a hand."""

import asyncio
import json

import msgspec
import pytest
from support.browser import CHROMIUM, Browser
from support.console import REPLENISH, Room, opened, served

from andon.console import accounts as module
from andon.console.accounts import Account, Accounts
from andon.schemas.examples import EXAMPLES

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")

PASSWORD = "four plain little words"
HASH = module.PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
NAME = REPLENISH.alert_id
OTHER = "replenish:store-3/TEA-02:1"
ROW = f"[data-id='{NAME}']"
LINE = f"document.querySelector({ROW!r})"
FIRST, SECOND = "PO-1", "PO-2"


def order(name, **fields):
    line = msgspec.structs.replace(EXAMPLES["orders"].lines[0], left_out=None)
    whole = {"ready": True, "lines": (line,), "supplier": "HANSA", "comment": None, **fields}
    return msgspec.structs.replace(EXAMPLES["orders"], order_id=name, **whole)


async def queue(browser, room, rows=2):
    await browser.open(room.client.make_url("/"))
    await browser.until(f"document.querySelectorAll('#rows tr').length === {rows}")


async def says_nothing_of(browser, text):
    """Wait until the page has heard of a change, and see that it does not show it."""
    await browser.until("live.held.size === 1")
    assert not await browser.value(f"document.body.innerText.includes({json.dumps(text)})")


@served
async def test_a_row_that_changed_while_somebody_was_in_its_field_is_shown_when_they_leave(
    tmp_path,
):
    async with Room(opened(), opened(OTHER, sku="TEA-02")) as room, Browser(tmp_path) as browser:
        await queue(browser, room)
        await browser.value(f"{LINE}.querySelector('.quantity').focus()")
        room.shows(opened(revision=2, sentence="Now it is urgent."))
        await says_nothing_of(browser, "Now it is urgent.")
        await browser.value("document.activeElement.blur()")
        await browser.shows("Now it is urgent.")


@served
async def test_a_button_that_is_being_pressed_is_still_there_when_the_press_ends(tmp_path):
    async with Room(opened(), opened(OTHER, sku="TEA-02")) as room, Browser(tmp_path) as browser:
        await queue(browser, room)
        await browser.mouse("mousePressed", f"{ROW} .ack")
        room.shows(opened(revision=2, sentence="Now it is urgent."))
        await says_nothing_of(browser, "Now it is urgent.")
        await browser.mouse("mouseReleased", f"{ROW} .ack")
        await browser.until(f"{LINE}.innerText.includes('sent; not on the board yet')")
        assert [ack.action for ack in room.sender.acks] == ["acknowledged"]


@served
async def test_a_row_under_the_pointer_is_as_it_was_read_until_the_pointer_leaves(tmp_path):
    async with Room(opened(), opened(OTHER, sku="TEA-02")) as room, Browser(tmp_path) as browser:
        await queue(browser, room)
        await browser.mouse("mouseMoved", f"{ROW} .order")
        room.shows(opened(revision=2, order_quantity=500, sentence="Order 500."))
        await says_nothing_of(browser, "Order 500.")
        await browser.mouse("mouseMoved", f"[data-id='{OTHER}'] .order")
        await browser.until(f"{LINE}.querySelector('.quantity').value === '500'")


@served
async def test_a_row_that_went_and_comes_back_as_it_was_can_be_answered(tmp_path):
    async with Room(opened(), opened(OTHER, sku="TEA-02")) as room, Browser(tmp_path) as browser:
        await queue(browser, room)
        room.removes(NAME)
        await browser.until(f"{LINE}.querySelector('.order').disabled")
        room.shows(opened())
        await browser.until(f"!{LINE}.querySelector('.order').disabled")


@served
async def test_the_keyboard_stays_on_its_button_when_another_order_comes_before_it(tmp_path):
    async with Room() as room, Browser(tmp_path) as browser:
        room.orders(order(FIRST))
        await browser.open(room.client.make_url("/orders?show=all"))
        mine = f"[data-order={FIRST}] .cancelled"
        await browser.until(f"document.querySelector({mine!r}) !== null")
        await browser.value(f"document.querySelector({mine!r}).focus()")
        newer = EXAMPLES["orders"].approved_at.replace(year=2027)
        room.orders(order(SECOND, approved_at=newer))
        await browser.until(f"document.querySelector('[data-order={SECOND}]') !== null")
        assert await browser.value(f"document.activeElement === document.querySelector({mine!r})")


@served
async def test_what_was_opened_and_typed_on_the_page_of_an_item_stays_when_it_is_drawn_anew(
    tmp_path,
):
    async with Room(opened(numbers={"on_hand": 3.0})) as room, Browser(tmp_path) as browser:
        await browser.open(room.client.make_url("/items/store-3/TEA-01"))
        await browser.click("details summary")
        room.shows(opened(revision=2, sentence="Now it is urgent.", numbers={"on_hand": 2.0}))
        await browser.shows("Now it is urgent.")
        assert await browser.value("document.querySelector('details').open")


@served
async def test_a_screen_that_changed_while_somebody_was_in_a_field_is_shown_when_they_leave(
    tmp_path,
):
    async with Room() as room, Browser(tmp_path) as browser:
        room.knows_supplier("HANSA")
        room.orders(order(FIRST))
        await browser.open(room.client.make_url("/suppliers/HANSA"))
        await browser.until("document.querySelector('.comes') !== null")
        await browser.value("document.querySelector('.comes').focus()")
        room.orders(order(SECOND))
        await says_nothing_of(browser, SECOND)
        await browser.shows("there is news")
        # Whoever goes from the field to a button presses the button that they saw.
        await browser.mouse("mousePressed", f"[data-order={FIRST}] .say-confirmed")
        await browser.mouse("mouseReleased", f"[data-order={FIRST}] .say-confirmed")
        await browser.until(f"document.querySelector('[data-order={SECOND}]') !== null")
        await browser.shows(SECOND)
        assert [one.order_id for one in room.sender.orders] == [FIRST]
        assert browser.complaints == []


@served
async def test_what_was_confirmed_short_is_ordered_from_another_supplier_in_its_row(tmp_path):
    item = EXAMPLES["items"]
    sources = tuple(
        msgspec.structs.replace(item.sources[0], supplier=one) for one in ("ACME", "RIVAL")
    )
    entry = opened(
        "order_deviation:store-3/TEA-01:1", kind="order_deviation", order_quantity=None,
        bridge_quantity=24, sentence="24 are missing: order them elsewhere.",
    )  # fmt: skip
    async with Room(entry) as room, Browser(tmp_path) as browser:
        room.learns(msgspec.structs.replace(item, sources=sources))
        await queue(browser, room, rows=1)
        told = "document.querySelector('.from')"
        assert await browser.value(f"[...{told}.options].map((one) => one.value)") == [
            *("ACME", "RIVAL")
        ]
        await browser.value(
            f"({told}.value = 'RIVAL', {told}.dispatchEvent(new Event('change', {{ bubbles: true }})))"
        )
        # A change that comes meanwhile leaves the choice as it is.
        room.shows(opened(entry.alert.alert_id, kind="order_deviation", order_quantity=None, bridge_quantity=24, revision=2, sentence="Still."))  # fmt: skip
        await browser.until("live.held.size === 1")
        await browser.click(".order")
        await browser.shows("1 sent")
        (order,) = room.sender.orders
        assert (order.supplier, order.lines[0].quantity) == ("RIVAL", 24)
        status, body = await room.answer(
            {
                "alert_id": entry.alert.alert_id,
                "action": "ordered",
                "supplier": "NOBODY",
                "quantity": 1,
            }
        )
        assert "is no way out of" in str(body), status


@served
async def test_a_page_that_nobody_sees_does_not_listen_and_is_up_to_date_when_somebody_looks(
    tmp_path,
):
    hide = "(Object.defineProperty(document, 'hidden', {{ value: {}, configurable: true }}), document.dispatchEvent(new Event('visibilitychange')))"
    async with Room(opened()) as room, Browser(tmp_path) as browser:
        await queue(browser, room, rows=1)
        await browser.value(hide.format("true"))
        room.shows(opened(revision=2, sentence="Now it is urgent."))
        await asyncio.sleep(1.0)
        assert not await browser.value("document.body.innerText.includes('Now it is urgent.')")
        await browser.value(hide.format("false"))
        await browser.shows("Now it is urgent.")


@served
async def test_what_holds_goods_up_is_told_anew_on_its_page(tmp_path):
    wide = {"kind": "disruption", "location": None, "sku": None}
    async with Room(opened("disruption:D1:1", **wide)) as room, Browser(tmp_path) as browser:
        await browser.open(room.client.make_url("/disruptions/disruption:D1:1"))
        await browser.until("document.querySelector('#head h2') !== null")
        room.shows(opened("disruption:D1:1", **wide, revision=2, sentence="It lasts longer."))
        await browser.until(
            "document.getElementById('head').innerText.includes('It lasts longer.')"
        )


@served
async def test_a_session_that_ends_takes_nothing_that_was_typed(tmp_path):
    accounts = Accounts(tmp_path / "accounts.json")
    accounts.add(Account.of("lena", "buyer", None, HASH))
    async with Room(opened(), accounts=accounts) as room, Browser(tmp_path) as browser:
        await browser.open(room.client.make_url("/"))
        await browser.fill("#name", "lena")
        await browser.fill("#password", PASSWORD)
        await browser.press("Enter", 13)
        await browser.fill(f"{ROW} .quantity", "66")
        room.seconds += 4000.0
        await browser.press("Enter", 13)
        await browser.shows("your session is over: load the page again to sign in")
        assert await browser.value(f"{LINE}.querySelector('.quantity').value") == "66"
        assert room.sender.orders == []
        await browser.value("location.reload()")
        await browser.until("document.querySelector('#password') !== null")


@served
async def test_who_hears_the_page_is_told_what_is_new_and_not_of_every_change(tmp_path):
    said = "document.getElementById('heard').textContent"
    async with Room(opened()) as room, Browser(tmp_path) as browser:
        room.learns(msgspec.structs.replace(EXAMPLES["items"], description="Green tea"))
        await queue(browser, room, rows=1)
        room.shows(opened(revision=2, sentence="Now it is urgent."))
        await browser.shows("Now it is urgent.")
        assert await browser.value(said) == ""
        room.shows(opened(OTHER, sku="TEA-02"))
        await browser.until(f"{said} === '1 new'")
        named = await browser.value(f"{LINE}.querySelector('.quantity').getAttribute('aria-label')")
        assert named == "quantity for Green tea at store-3, to order"
        await browser.click(f"{ROW} .ack")
        await browser.until(f"{said} === '1 sent'")
