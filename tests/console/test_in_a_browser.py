"""The console in a real browser, by mouse, by keyboard and on a phone."""

import msgspec
import pytest
from support.browser import CHROMIUM, Browser
from support.console import NOW, REPLENISH, Room, opened, served

from andon.schemas.board import Answer
from andon.schemas.examples import EXAMPLES

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")

NAME = REPLENISH.alert_id
OTHER = "replenish:store-3/TEA-02:1"
ROW = f"document.querySelector('[data-id=\"{NAME}\"]')"
EVIL = "<img src=x onerror=document.title='broken'><script>document.title='broken'</script>[/x]"


def entries():
    return [
        opened(value_at_risk=60.0),
        opened(OTHER, sku="TEA-02", sentence=EVIL, supplier="שלום עולם"),
        opened("late_shipment:PO-7:1", kind="late_shipment", location=None, sku=None),
    ]


async def ready(browser, room, path="/", rows=3):
    await browser.open(room.client.make_url(path))
    await browser.until(f"document.querySelectorAll('#rows tr').length === {rows}")


@served
async def test_a_quantity_is_edited_in_its_row_kept_over_a_change_and_ordered_once(tmp_path):
    async with Room(*entries()) as room, Browser(tmp_path) as browser:
        await ready(browser, room)
        for refused in ("0", "-5", "1.5"):
            await browser.value(f"{ROW}.querySelector('.quantity').value = {refused}")
            await browser.value(f"{ROW}.querySelector('.order').click()")
            await browser.shows(f"{refused} cannot be ordered: whole units from 1 to 1,000,000,000")
        assert room.sender.acks == []
        await browser.value(f"{ROW}.querySelector('.quantity').select()")
        await browser.value(f"{ROW}.querySelector('.quantity').focus()")
        await browser.type("66")
        # While it is edited, the alert changes and another comes: nothing jumps, and what was typed stays.
        room.shows(opened(value_at_risk=90.0, revision=2, order_quantity=200))
        room.shows(opened("replenish:store-3/TEA-09:1", sku="TEA-09", value_at_risk=1e6))
        await browser.until("document.getElementById('new').textContent.startsWith('1 new')")
        assert await browser.value(f"{ROW}.querySelector('.quantity').value") == "66"
        assert await browser.value(f"document.querySelectorAll('#rows tr')[0] === {ROW}")
        await browser.press("Enter", 13)
        await browser.until(f"{ROW}.innerText.includes('sent; not on the board yet')")
        await browser.value(f"{ROW}.querySelector('.order').click()")
        await browser.until(f"!{ROW}.dataset.sending")
        (ack,) = room.sender.acks
        assert (ack.action, ack.quantity, ack.by) == ("ordered", 66, "lena")
        room.applies(ack, closes=True)
        await browser.until(f"{ROW}.classList.contains('gone')")
        await browser.value("document.getElementById('new').click()")
        await browser.until("document.querySelectorAll('#rows tr').length === 3")
        assert browser.complaints == []


@served
async def test_names_from_outside_are_texts_and_nothing_is_asked_of_anywhere_else(tmp_path):
    async with Room(*entries()) as room, Browser(tmp_path) as browser:
        await ready(browser, room)
        assert await browser.value(
            f"document.body.innerText.includes({EVIL!r})".replace("\\'", "'")
        )
        assert (
            await browser.value("document.querySelectorAll('#rows img, #rows script').length") == 0
        )
        await browser.open(room.client.make_url("/items/store-3/TEA-02"))
        await browser.until("document.body.innerText.includes('onerror')")
        assert await browser.value("document.title") == "TEA-02 at store-3 · Andon"
        room.buries(EVIL.encode(), key=EVIL)
        await browser.open(room.client.make_url("/data"))
        await browser.until("document.querySelectorAll('#letters tr').length === 1")
        await browser.until("document.getElementById('letters').innerText.includes('onerror')")
        assert await browser.value("document.title") == "Data · Andon"
        origin = str(room.client.make_url(""))
        assert [one for one in browser.asked if not one.startswith(origin)] == []
        assert browser.complaints == []


@served
async def test_it_is_worked_by_keyboard_alone(tmp_path):
    async with Room(*entries()) as room, Browser(tmp_path) as browser:
        await ready(browser, room)
        await browser.type("js")
        await browser.until("document.querySelector('tr.here .told').textContent.includes('sent')")
        await browser.type("k")
        await browser.type("e")
        assert await browser.value("document.activeElement.className") == "quantity"
        await browser.press("Escape", 27)
        await browser.type("x")
        await browser.until("document.getElementById('chosen').textContent === '1 selected'")
        await browser.type("/")
        assert await browser.value("document.activeElement.id") == "search"
        await browser.type("TEA-02")
        await browser.until("document.querySelectorAll('#rows tr').length === 1")
        assert await browser.value("location.search") == "?search=TEA-02"
        (ack,) = room.sender.acks
        assert (ack.action, ack.alert_id) == ("snoozed", "late_shipment:PO-7:1")


@served
async def test_the_second_buyer_is_told_who_was_first(tmp_path):
    async with Room(*entries()) as room, Browser(tmp_path) as browser:
        await ready(browser, room)
        await room.answer({"alert_id": NAME, "action": "ordered", "quantity": 9}, by="max")
        await browser.value(f"{ROW}.querySelector('.order').click()")
        await browser.until(f"{ROW}.innerText.includes('ordered 9 by max')")
        assert len(room.sender.acks) == 1


@served
async def test_many_are_answered_at_once_with_the_quantities_in_their_rows(tmp_path):
    many = [opened(f"replenish:s/A{n}:1", sku=f"A{n}", order_quantity=n + 1) for n in range(50)]
    async with Room(*many) as room, Browser(tmp_path) as browser:
        await ready(browser, room, rows=50)
        await browser.value(
            "document.querySelectorAll('#rows input[type=checkbox]').forEach((one) => one.click())"
        )
        await browser.value("document.querySelector('.bulk').click()")
        await browser.until("document.getElementById('state').textContent === '50 sent'")
        assert {ack.quantity for ack in room.sender.acks} == set(range(1, 51))


@served
async def test_it_fits_a_phone_and_says_when_nothing_is_open(tmp_path):
    said = Answer(event_id="x", action="acknowledged", at=NOW, revision=1, by="max")
    async with Room(*entries()) as room, Browser(tmp_path, width=390, height=844) as browser:
        await ready(browser, room)
        assert await browser.value("document.documentElement.scrollWidth") <= 390
        for entry in entries():
            room.shows(opened(entry.alert.alert_id, said))
        await browser.until("document.querySelectorAll('#rows tr.gone').length === 3")
        await browser.value("refresh(true)")
        await browser.until("!document.getElementById('empty').hidden")


@served
async def test_an_order_is_given_seen_confirmed_short_and_made_up_for(tmp_path):
    short = opened(
        "order_deviation:store-3/TEA-01:1",
        kind="order_deviation",
        sentence="ACME confirmed PO-7001 otherwise than ordered: 96 of 144 units.",
        order_quantity=48,
    )
    order = EXAMPLES["orders"]
    async with Room(opened()) as room, Browser(tmp_path) as browser:
        await ready(browser, room, rows=1)
        await browser.value(f"{ROW}.querySelector('.quantity').value = '144'")
        await browser.value(f"{ROW}.querySelector('.order').click()")
        await browser.until(f"{ROW}.innerText.includes('sent; not on the board yet')")
        (given,) = room.sender.orders
        room.applies(room.sender.acks[0], closes=True)
        room.orders(msgspec.structs.replace(order, order_id=given.order_id))
        room.shows(short)
        await ready(browser, room, "/?tile=deviation", rows=1)
        line = f"document.querySelector('[data-id=\"{short.alert.alert_id}\"]')"
        assert await browser.value(f"{line}.querySelector('.quantity').value") == "48"
        await browser.open(room.client.make_url("/orders?show=differs"))
        shown = f"document.querySelector('[data-order=\"{given.order_id}\"]')"
        await browser.until(f"{shown}?.innerText.includes('48 short')")
        await ready(browser, room, "/?tile=deviation", rows=1)
        await browser.value(f"{line}.querySelector('.order').click()")
        await browser.until(f"{line}.innerText.includes('sent; not on the board yet')")
        second = room.sender.orders[-1]
        assert [(one.quantity, one.alert_id) for one in second.lines] == [
            (48, short.alert.alert_id)
        ]
        room.removes(short.alert.alert_id)
        await browser.until(f"!{line} || {line}.classList.contains('gone')")
        assert browser.complaints == []


@served
async def test_a_suppliers_basket_is_one_order_by_one_click(tmp_path):
    needs = [
        opened(f"replenish:store-3/{sku}:1", sku=sku, supplier="HANSA", order_quantity=10)
        for sku in ("A", "B")
    ]
    async with Room(*needs) as room, Browser(tmp_path) as browser:
        await browser.open(room.client.make_url("/suppliers/HANSA"))
        await browser.until("document.querySelectorAll('#basket-lines tbody tr').length === 2")
        await browser.click("#order-all")
        await browser.shows("2 ordered")
        (order,) = room.sender.orders
        assert (order.supplier, [line.sku for line in order.lines]) == ("HANSA", ["A", "B"])
        assert browser.complaints == []


@served
async def test_a_basket_is_filled_to_its_minimum_by_one_click(tmp_path):
    need = opened("replenish:store-3/A:1", sku="A", supplier="HANSA", order_quantity=10)
    source = msgspec.structs.replace(EXAMPLES["items"].sources[0], supplier="HANSA")
    async with Room(need) as room, Browser(tmp_path) as browser:
        for sku in ("A", "B"):
            room.learns(
                msgspec.structs.replace(
                    EXAMPLES["items"], sku=sku, sources=(source,), pack_size=1, minimum_order=1
                )
            )
        room.knows_supplier("HANSA", minimum_order_value=None, minimum_order_units=16)
        standing = {"days": 2.0, "daily": 2.0, "need": 20, "most": 40}
        room.workers.alls["baskets", "HANSA"] = [{"location": "store-3", "sku": "B", **standing}]
        await browser.open(room.client.make_url("/suppliers/HANSA"))
        await browser.until("document.querySelectorAll('#basket-added tbody tr').length === 1")
        await browser.shows("6 units short of the minimum.")
        await browser.click("#order-filled")
        await browser.shows("2 ordered")
        (order,) = room.sender.orders
        assert [(line.sku, line.quantity) for line in order.lines] == [("A", 10), ("B", 6)]
        assert browser.complaints == []
