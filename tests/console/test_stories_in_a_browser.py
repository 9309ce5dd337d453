"""Stories of those who use the console, in a real browser: who signs in, orders, is second, has no broker, holds a phone."""

import asyncio
import csv
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from support.browser import CHROMIUM, Browser
from support.console import NOW, REPLENISH, Room, opened, served
from support.lines import lines_of_a_plant
from support.stories import KEY, Story

from andon.agents.pages import describe
from andon.console import accounts as module
from andon.console.access import ROLES
from andon.console.accounts import Account, Accounts
from andon.planning.decision.outlook import outlook
from andon.schemas.alerts import AlertKind, Alternative
from andon.schemas.board import Answer
from andon.schemas.examples import EXAMPLES
from andon.streams.errors import UserError

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")

NAME = REPLENISH.alert_id
PASSWORD = "four plain little words"
HASH = module.PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
ROW = f"[data-id='{NAME}']"
EVIL = "<img src=x onerror=document.title='broken'><script>document.title='broken'</script>[/x]"
RIGHT_TO_LEFT = "שלום עולם"
WIDE = "disruption:D1:1"


@pytest.fixture
def accounts(tmp_path):
    made = Accounts(tmp_path / "accounts.json")
    for role in ROLES:
        made.add(Account.of(role, role, "HANSA" if role == "supplier" else None, HASH))
    return made


@pytest.fixture
def profile(tmp_path):
    """A folder for a browser; several for several."""
    made = iter(range(9))

    def folder():
        path = tmp_path / f"browser-{next(made)}"
        path.mkdir()
        return path

    return folder


def entries():
    way = Alternative(kind="transfer", from_location=EVIL[:60], quantity=6, why=EVIL)
    return [
        opened(value_at_risk=60.0, supplier="HANSA"),
        opened("replenish:store-3/TEA-02:1", sku="TEA-02", sentence=EVIL, supplier=RIGHT_TO_LEFT),
        opened(
            "stockout_risk:store-3/TEA-03:1",
            kind="stockout_risk",
            sku="TEA-03",
            parent_id=WIDE,
            alternatives=(way,),
        ),
        opened(
            "late_shipment:PO-7:1",
            kind="late_shipment",
            location=None,
            sku=None,
            shipment_id="PO-7",
        ),
        opened(WIDE, kind="disruption", location=None, sku=None, sentence=EVIL),
    ]


def furnished(room):
    """Let a room have something to show on every screen."""
    room.knows_supplier("HANSA", description=EVIL)
    room.learns(msgspec.structs.replace(EXAMPLES["items"], description=EVIL))
    line = msgspec.structs.replace(EXAMPLES["orders"].lines[0], left_out=None)
    room.orders(
        msgspec.structs.replace(
            EXAMPLES["orders"], supplier="HANSA", ready=True, lines=(line,), comment=EVIL
        )
    )
    room.workers.alls["suppliers", "HANSA"] = [
        {
            "shipment_id": EVIL,
            "order_id": None,
            "location": "store-3",
            "sku": "TEA-01",
            "quantity": 9,
            "received": 0,
            "status": "ordered",
            "promised": NOW.timestamp(),
            "expected": None,
        }
    ]
    coming = [{"shipment_id": "PO-7", "quantity": 9, "expected": NOW.timestamp(), "from": EVIL}]
    room.workers.alls["locations", "store-3"] = [
        {
            "sku": "TEA-01",
            "name": EVIL,
            "on_hand": 0,
            "free": 0,
            "is_out": True,
            "surplus": 4,
            "coming": coming,
        }
    ]
    room.workers.alls["lines", "*"], room.workers.alls["loops", "*"] = lines_of_a_plant(EVIL)
    room.buries(EVIL.encode(), key=EVIL)
    reason = {"count": 2, "lines": [3], "example": EVIL}
    room.takes_file("sales", EVIL, rows=9, read=7, refused={"date": reason}, sent=7)
    room.hears(
        msgspec.structs.replace(
            EXAMPLES["acks"], alert_id=NAME, by=EVIL[:100], comment=EVIL, occurred_at=NOW
        )
    )
    told = Story(stock=60)
    told.days(12)
    told.line("PO", 1, quantity=40, days=3)
    view = outlook(told.book, KEY, told.now, told.supply)
    pages = room.workers.pages
    pages["books"]["store-3/TEA-01"] = plain(describe(told.book, KEY))
    pages["forecasts"]["store-3/TEA-01"] = {
        "model": "level x weekday",
        "level": 10.0,
        "first_day": 20_012,
        "mean": [10.0] * 28,
        "low": [3.0] * 28,
        "high": [18.0] * 28,
        "history": {"first_day": 20_000, "sold": [*range(9, 20), None]},
    }
    pages["outlooks"]["store-3/TEA-01"] = plain(view)


def plain(value):
    return msgspec.json.decode(msgspec.json.encode(value))


SCREENS = {
    "/": "#rows tr",
    "/items/store-3/TEA-01": "#why tr",
    "/suppliers": "#suppliers tr",
    "/suppliers/HANSA": "#open-lines tr",
    "/locations/store-3": "#coming tr",
    "/disruptions": "#disruptions tr",
    f"/disruptions/{WIDE}": "#head h2",
    "/orders": "#orders td",
    "/network": "#found tr",
    "/network/TEA-01": "#lies tr",
    "/lines": "#lines tr",
    "/audit": "#audit tr",
    "/data": "#letters tr",
}


async def see(browser, room, path="/"):
    await browser.open(room.client.make_url(path))
    await browser.until(f"document.querySelector({SCREENS[path]!r}) !== null")


async def sign_in(browser, room, name, password=PASSWORD, path="/"):
    await browser.open(room.client.make_url(path))
    await browser.fill("#name", name)
    await browser.fill("#password", password)
    await browser.press("Enter", 13)


# People


@served
async def test_who_has_no_session_is_asked_for_one_and_then_is_where_they_wanted_to_be(
    accounts, profile
):
    async with Room(*entries(), accounts=accounts) as room, Browser(profile()) as browser:
        furnished(room)
        await sign_in(browser, room, "buyer", "a wrong password", "/audit")
        await browser.shows("do not go together")
        await browser.fill("#password", PASSWORD)
        await browser.press("Enter", 13)
        await browser.until("document.querySelector('#audit tr') !== null")
        assert await browser.value("location.pathname") == "/audit"
        await browser.shows("buyer · buyer")
        await browser.click("#sign-out")
        await browser.until("document.getElementById('password') !== null")
        assert not await browser.value("document.body.innerText.includes('Who did what')")


@served
async def test_a_session_that_is_over_is_begun_anew_on_the_same_page(accounts, profile):
    async with Room(*entries(), accounts=accounts) as room, Browser(profile()) as browser:
        await sign_in(browser, room, "buyer")
        await browser.until("document.querySelector('#rows tr') !== null")
        room.seconds = 4000.0
        await browser.value("void refresh(true)")  # it leads away from the page that is asked
        await browser.until("document.getElementById('password') !== null")


@served
async def test_a_viewer_sees_all_and_can_answer_nothing(accounts, profile):
    async with Room(*entries(), accounts=accounts) as room, Browser(profile()) as browser:
        await sign_in(browser, room, "viewer")
        await browser.until("document.querySelectorAll('#rows tr').length === 5")
        assert await browser.value("document.querySelectorAll('#rows button').length") == 0
        await browser.type("osar")
        await asyncio.sleep(0.2)
        assert room.sender.acks == []
        assert browser.complaints == []


@served
async def test_a_supplier_is_shown_its_own_page_wherever_it_goes(accounts, profile):
    async with Room(*entries(), accounts=accounts) as room, Browser(profile()) as browser:
        furnished(room)
        await sign_in(browser, room, "supplier")
        await browser.until("document.querySelector('#open-lines tr') !== null")
        for path in ("/audit", "/suppliers/VERDE"):
            await browser.open(room.client.make_url(path))
            await browser.until("document.querySelector('#open-lines tr') !== null")
            text = await browser.value("document.body.innerText")
            assert RIGHT_TO_LEFT not in text
            assert "TEA-02" not in text


# Answers


@served
async def test_a_double_click_orders_once(profile):
    async with Room(*entries()) as room, Browser(profile()) as browser:
        await see(browser, room)
        await browser.value(
            f"for (const _ of [1, 2]) document.querySelector({(ROW + ' .order')!r}).click()"
        )
        await browser.shows("sent; not on the board yet")
        await browser.value(f"document.querySelector({(ROW + ' .order')!r}).click()")
        await browser.until(f"!document.querySelector({ROW!r}).dataset.sending")
        assert len(room.sender.acks) == 1


@served
async def test_of_two_buyers_in_two_browsers_the_second_is_told_and_may_answer_all_the_same(
    accounts, profile
):
    async with (
        Room(*entries(), accounts=accounts) as room,
        Browser(profile()) as first,
        Browser(profile()) as second,
    ):
        await sign_in(first, room, "buyer")
        await sign_in(second, room, "admin")
        for browser in (first, second):
            await browser.until(f"document.querySelector({(ROW + ' .order')!r}) !== null")
        room.sender.slow = True
        await first.click(f"{ROW} .order")
        await first.shows("sent; not on the board yet")
        await second.click(f"{ROW} .order")
        await second.shows("by buyer")
        assert [ack.by for ack in room.sender.acks] == ["buyer"]
        await second.click(f"{ROW} .order")
        await second.shows("sent; not on the board yet")
        assert [ack.by for ack in room.sender.acks] == ["buyer", "admin"]


@served
async def test_a_snooze_is_taken_back(profile):
    said = Answer(
        event_id="x",
        action="snoozed",
        at=NOW,
        revision=9,
        by="max",
        snooze_until=NOW + timedelta(days=2),
    )
    async with Room(opened(answer=said)) as room, Browser(profile()) as browser:
        await browser.open(room.client.make_url("/?answered=yes"))
        await browser.click(f"{ROW} .back")
        await browser.shows("sent; not on the board yet")
        (ack,) = room.sender.acks
        assert (ack.action, ack.snooze_until) == ("snoozed", ack.occurred_at)


@served
async def test_a_rejection_needs_a_reason_and_says_it(profile):
    async with Room(*entries()) as room, Browser(profile()) as browser:
        await see(browser, room)
        await browser.click(f"{ROW} .reject")
        await browser.press("Enter", 13)
        assert room.sender.acks == []
        await browser.type("no room")
        await browser.press("Enter", 13)
        await browser.shows("sent; not on the board yet")
        (ack,) = room.sender.acks
        assert (ack.action, ack.comment) == ("rejected", "no room")


@served
async def test_an_order_is_given_by_keyboard_alone_with_its_own_quantity(profile):
    async with Room(opened()) as room, Browser(profile()) as browser:
        await see(browser, room)
        await browser.type("e")
        await browser.value("document.activeElement.select()")
        await browser.type("72")
        await browser.press("Enter", 13)
        await browser.shows("sent; not on the board yet")
        assert [ack.quantity for ack in room.sender.acks] == [72]


@served
async def test_a_broker_that_is_away_is_said_in_the_row_and_the_answer_can_be_given_again(profile):
    async with Room(*entries()) as room, Browser(profile()) as browser:
        await see(browser, room)
        room.sender.fails = True
        await browser.click(f"{ROW} .order")
        await browser.shows("it could not be sent: no broker")
        room.sender.fails = False
        await browser.click(f"{ROW} .order")
        await browser.shows("sent; not on the board yet")
        assert len(room.sender.acks) == 1


@served
async def test_what_a_disruption_holds_up_is_answered_in_bulk_on_its_page(profile):
    held = [
        opened(f"stockout_risk:s/A{n}:1", kind="stockout_risk", sku=f"A{n}", parent_id=WIDE)
        for n in range(3)
    ]
    async with Room(*entries()[:2], entries()[4], *held) as room, Browser(profile()) as browser:
        await see(browser, room, f"/disruptions/{WIDE}")
        await browser.until("document.querySelectorAll('#rows tr').length === 3")
        await browser.value(
            "document.querySelectorAll('#rows input[type=checkbox]').forEach((one) => one.click())"
        )
        await browser.value("document.querySelectorAll('.bulk')[1].click()")
        await browser.until("document.getElementById('state').textContent === '3 sent'")
        assert {ack.alert_id for ack in room.sender.acks} == {one.alert.alert_id for one in held}


# Item


@served
async def test_a_drill_says_on_the_page_of_disruptions_what_would_run_out_and_changes_nothing(
    profile,
):
    way = {"kind": "wait", "why": EVIL}
    one = {"location": "store-3", "sku": "TEA-01", "currency": "EUR", "service_class": "balanced", "on_hand": 4, "stockout_p50": NOW.isoformat(), "short_units": 12.4, "cost": 310.0, "saves": 200.0, "alternatives": [way]}  # fmt: skip

    async def drill(kind, name, seconds, severity):
        if name == "NOBODY":
            msg = "no state yet"
            raise UserError(msg)
        told = f"Drill: {kind}:{name} out for {seconds / 86_400:g} days at {severity:g}"
        return {"told": told, "casualties": [one], "at": NOW.isoformat()}

    async with Room(*entries(), drill=drill) as room, Browser(profile()) as browser:
        await see(browser, room, "/disruptions")
        await browser.fill("#drill-name", "ACME")
        await browser.fill("#drill-days", "7")
        await browser.fill("#drill-severity", "50")
        await browser.click("#drill button")
        await browser.shows("Drill: supplier:ACME out for 7 days at 0.5")
        cells = await browser.value("document.querySelector('#casualties tbody tr').innerText")
        assert "TEA-01 · store-3" in cells
        assert "310" in cells
        # What was found out stays when the page is drawn anew, as it is once nobody is at a field.
        await browser.value("document.activeElement.blur()")
        room.shows(opened("disruption:D2:1", kind="disruption", location=None, sku=None))
        await browser.until("document.querySelectorAll('#disruptions tbody tr').length === 3")
        await browser.shows("Drill: supplier:ACME out for 7 days at 0.5")
        assert browser.complaints == []
        await browser.fill("#drill-name", "NOBODY")
        await browser.click("#drill button")
        await browser.shows("no state yet")
        assert room.sender.acks == []


@served
async def test_what_a_connector_refused_of_a_file_is_shown_with_its_reason(profile):
    reason = {"count": 2, "lines": [3], "example": "date: 'soon' is no date"}
    async with Room(*entries()) as room, Browser(profile()) as browser:
        room.takes_file("sales", "march.csv", rows=9, read=7, refused={"date": reason}, sent=7)
        await see_data(browser, room)
        await browser.shows("2 x date (from line 3): date: 'soon' is no date")
        room.takes_file("edi", "order.x12", failed="it begins with nothing that is known")
        await browser.shows("it begins with nothing that is known")
        assert await browser.value("document.querySelectorAll('#files tbody tr').length") == 2
        assert browser.complaints == []


@served
async def test_what_changes_while_a_page_begins_to_listen_is_shown(profile):
    async with Room(*entries()) as room, Browser(profile()) as browser:
        tell, may_tell = room.console._tell, asyncio.Event()

        async def late(*asked):
            await may_tell.wait()
            await tell(*asked)

        room.console._tell = late
        await browser.open(room.client.make_url("/data"))
        await browser.shows("No file was taken by a connector")
        room.takes_file("edi", "order.x12", failed="it begins with nothing that is known")
        may_tell.set()
        await browser.shows("it begins with nothing that is known")


async def see_data(browser, room):
    await browser.open(room.client.make_url("/data"))
    await browser.until("document.querySelector('#files tr') !== null")


@served
async def test_why_shows_the_numbers_of_the_worker_to_the_digit_and_trying_out_leaves_no_trace(
    profile,
):
    async with Room(*entries()) as room, Browser(profile()) as browser:
        furnished(room)
        book = room.workers.pages["books"]["store-3/TEA-01"]
        view = room.workers.pages["outlooks"]["store-3/TEA-01"]
        tried = {**view, "tried": {**view["plan"], "reorder_point": 4321}}
        room.workers.pages["outlooks"]["store-3/TEA-01"] = lambda query: tried if query else view
        await see(browser, room, "/items/store-3/TEA-01")
        rows = await browser.value(
            "[...document.querySelectorAll('#why tbody tr')].map((one) => [one.dataset.path, one.dataset.value])"
        )
        assert len(rows) > 15
        for path, shown in rows:
            value = book
            for name in path.split("."):
                value = value[name]
            assert json.loads(shown) == value, path
        assert await browser.value("document.querySelectorAll('svg.chart').length") == 2
        label = await browser.value(
            "document.querySelector('svg.chart').getAttribute('aria-label')"
        )
        assert label.startswith("Stock expected over 28 days")
        await browser.fill("#try-demand", "20")
        await browser.press("Enter", 13)
        await browser.shows("4,321")
        *_, query = room.workers.asked[-1]
        assert query == {"demand": "1.2"}
        assert room.sender.acks == []
        # Drawn anew, as whenever something changes, the page keeps what was tried out.
        await browser.value("document.activeElement.blur()")
        room.shows(opened(value_at_risk=98.5, revision=2))
        await browser.shows("98.50 EUR")
        await browser.shows("4,321")
        assert browser.complaints == []


@served
async def test_a_suppliers_page_shows_week_by_week_how_its_deliveries_have_been(profile):
    async with Room() as room, Browser(profile()) as browser:
        room.knows_supplier("HANSA")
        await browser.open(room.client.make_url("/suppliers/HANSA"))
        await browser.until("document.querySelector('#on-time rect') !== null")
        bar = await browser.value("document.querySelector('#on-time title').textContent")
        assert bar == "week of 23 Feb: 2 of 3 on time"
        assert await browser.value("document.querySelector('#lead-times line.middle') !== null")
        await browser.click("details summary")
        assert await browser.value(
            "document.querySelector('#weeks tbody').innerText.split('\\t')"
        ) == [*("23 Feb", "3", "67%", "0.8", "5.9")]
        assert browser.complaints == []


@served
async def test_figures_of_a_worker_that_is_away_say_how_old_they_are(profile):
    async with Room(*entries()) as room, Browser(profile()) as browser:
        furnished(room)
        room.workers.pages["books"]["store-3/TEA-01"]["age_seconds"] = 90.0
        await see(browser, room, "/items/store-3/TEA-01")
        await browser.shows("The worker is away: its figures are 90 s old.")
        await browser.open(room.client.make_url("/items/store-3/TEA-02"))
        await browser.shows("no worker has it")


# Lists, names, phones


@served
async def test_the_export_is_what_the_screen_shows(profile):
    async with Room(*entries()) as room, Browser(profile()) as browser:
        await browser.open(room.client.make_url("/?search=tea&kind=replenish"))
        await browser.until("document.querySelectorAll('#rows tr').length === 2")
        shown = await browser.value(
            "[...document.querySelectorAll('#rows tr')].map((one) => one.dataset.id)"
        )
        where = await browser.value("document.getElementById('export').getAttribute('href')")
        _, body = await room.get(where)
    lines = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    assert [line["alert_id"] for line in lines] == shown


@served
async def test_a_list_that_the_page_exports_is_what_stands_on_it_and_no_formula(profile):
    evil = '=cmd|" /C calc"!A0'
    async with Room() as room, Browser(profile()) as browser:
        coming = [{"shipment_id": evil, "quantity": -9, "expected": NOW.timestamp(), "from": "A,B"}]
        item = {"sku": "TEA-01", "name": "@tea", "on_hand": 0, "free": 0, "is_out": True}
        room.workers.alls["locations", "store-3"] = [{**item, "surplus": 0, "coming": coming}]
        await see(browser, room, "/locations/store-3")
        link = "document.querySelector('#coming').parentNode.parentNode.querySelector('.export')"
        # What a click would save is what its link holds once it was clicked.
        await browser.value(
            f"({link}.addEventListener('click', (event) => event.preventDefault()), {link}.click())"
        )
        body = await browser.value(f"decodeURIComponent({link}.href.split(',').slice(1).join(','))")
        shown = await browser.value(
            "[...document.querySelectorAll('#coming tbody td')].map((one) => one.innerText)"
        )
        assert await browser.value(f"{link}.download") == "coming.csv"
    head, row = csv.reader(io.StringIO(body.removeprefix("\ufeff"), newline=""))
    assert head == ["Item", "Units", "Expected", "From", "Shipment"]
    assert row == ["'@tea", "-9", shown[2], "A,B", f"'{evil}"]
    assert shown == ["@tea", "-9", shown[2], "A,B", evil]


@served
async def test_where_filters_hide_all_that_is_said_and_a_click_shows_all(profile):
    async with Room(opened()) as room, Browser(profile()) as browser:
        await browser.open(room.client.make_url("/?location=nowhere"))
        await browser.shows("Nothing that is open fits these filters.")
        await browser.click("#empty a")
        await browser.until("document.querySelectorAll('#rows tr').length === 1")
        await browser.open(room.client.make_url("/no/such/page"))
        await browser.shows("There is no such page")
        await browser.click("main a")
        await browser.until("document.querySelectorAll('#rows tr').length === 1")


@served
async def test_names_from_outside_are_texts_on_every_screen_and_nothing_is_asked_of_anywhere_else(
    profile,
):
    async with Room(*entries()) as room, Browser(profile()) as browser:
        furnished(room)
        for path in SCREENS:
            await see(browser, room, path)
            assert (
                await browser.value("document.querySelectorAll('main img, main script').length")
                == 0
            )
            assert "broken" not in await browser.value("document.title")
        origin = str(room.client.make_url(""))
        # A browser draws the sign of a date field from its own data.
        assert [one for one in browser.asked if not one.startswith((origin, "data:"))] == []
        assert browser.complaints == []


@served
async def test_a_name_that_is_read_from_right_to_left_turns_nothing_around_it(profile):
    async with Room(*entries()) as room, Browser(profile()) as browser:
        await see(browser, room)
        cell = "[...document.querySelectorAll('#rows td')].find((one) => one.textContent === %s)"
        found = cell % json.dumps(RIGHT_TO_LEFT)
        assert await browser.value(f"getComputedStyle({found}).unicodeBidi") == "plaintext"
        assert await browser.value("document.documentElement.scrollWidth <= innerWidth")


@served
async def test_every_screen_fits_a_phone(profile):
    async with Room(*entries()) as room, Browser(profile(), width=390, height=844) as browser:
        furnished(room)
        for path in SCREENS:
            await see(browser, room, path)
            assert await browser.value("document.documentElement.scrollWidth") <= 390, path


MACHINE_WORD = re.compile(r"\b[a-z]+_[a-z_]+\b")
OTHER_DATES = re.compile(r"\d{4}-\d\d-\d\d|\d\d/\d\d/\d\d|\b[AP]M\b")


@served
async def test_no_screen_has_a_word_of_the_machine_or_a_second_form_of_dates(profile):
    said = Answer(event_id="x", action="acknowledged", at=NOW, revision=9, by="max")
    numbers = {"lead_time_sd_days": 1.0, "short_units": 2.0, "a_new_one": 3.0}
    kinds = [
        opened(f"{kind}:store-3/TEA-01:1", kind=kind, answer=answer, numbers=numbers)
        for kind in get_args(AlertKind)
        for answer in [said if kind == "replenish" else None]
    ]
    async with Room(*kinds, *entries()[3:]) as room, Browser(profile()) as browser:
        furnished(room)
        for path in (*SCREENS, "/?answered=all"):
            await browser.open(room.client.make_url(path))
            sign = SCREENS.get(path, "#rows tr")
            await browser.until(f"document.querySelector({sign!r}) !== null")
            text = await browser.value("document.body.innerText")
            assert MACHINE_WORD.findall(text) == [], path
            assert OTHER_DATES.findall(text) == [], path


@served
async def test_the_times_in_a_sentence_are_those_of_the_viewers_zone(profile):
    told = "It runs out about Mon 02 Mar 23:30, and is short until Thu 31 Dec 23:30."
    answer = Answer(event_id="x", action="snoozed", at=NOW, revision=9, snooze_until=NOW)
    async with Room(opened(sentence=told, answer=answer)) as room, Browser(profile()) as browser:
        await browser.tell("Emulation.setTimezoneOverride", timezoneId="Asia/Tokyo")
        await browser.open(room.client.make_url("/?answered=all"))
        await browser.shows("about Tue 3 Mar 08:30, and is short until Thu 1 Jan 08:30")
        await browser.shows("taken back, Mon 2 Mar 18:00")


@served
async def test_back_leads_to_the_list_as_it_was(profile):
    async with Room(*entries()) as room, Browser(profile()) as browser:
        furnished(room)
        await browser.open(room.client.make_url("/?location=store-3"))
        await browser.click(f"{ROW} a")
        await browser.until("document.querySelector('#why tr') !== null")
        await browser.value("history.back()")
        await browser.until("document.querySelectorAll('#rows tr').length === 3")
        assert await browser.value("location.search") == "?location=store-3"


# Everybody


def axe():
    import axe_core_python

    return (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@served
async def test_axe_finds_nothing_serious_on_any_screen(scheme, accounts, profile):
    async with Room(*entries(), accounts=accounts) as room, Browser(profile()) as browser:
        furnished(room)
        await browser.tell(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        await browser.open(room.client.make_url("/"))
        await browser.until("document.getElementById('password') !== null")
        found = {"sign in": await serious(browser)}
        await sign_in(browser, room, "admin")
        await browser.until("document.querySelector('#rows tr') !== null")
        for path in SCREENS:
            await see(browser, room, path)
            found[path] = await serious(browser)
        assert {path: faults for path, faults in found.items() if faults} == {}


async def serious(browser):
    await browser.value(axe() + "; undefined")
    told = json.loads(
        await browser.value("axe.run().then((one) => JSON.stringify(one.violations))")
    )
    return [
        (one["id"], one["nodes"][0]["html"][:200], one["nodes"][0].get("failureSummary", "")[:300])
        for one in told
        if one["impact"] in ("serious", "critical")
    ]


# Lines


@served
async def test_whoever_plans_a_line_sees_when_it_stops_for_want_of_what_and_goes_to_the_part(
    accounts, profile
):
    async with Room(*entries(), accounts=accounts) as room, Browser(profile()) as browser:
        furnished(room)
        room.workers.alls["lines", "*"], room.workers.alls["loops", "*"] = lines_of_a_plant()
        await sign_in(browser, room, "planner", path="/")
        await browser.until("document.querySelector('#rows tr') !== null")
        await browser.click("nav a[href='/lines']")
        await browser.until("document.querySelector('#loops tr') !== null")
        await browser.shows("30 units more can be built")
        await browser.shows("use steel bolts")
        await browser.shows("store-room")
        await browser.click(".stop a")
        await browser.until("location.pathname === '/items/plant/bolt'")
