"""Tables uploaded in the console: shown, then sent by whoever may, within bounds, and by nobody else."""

import json
from urllib.parse import quote

import msgspec
import pytest
from support.browser import CHROMIUM, Browser
from support.console import Room, served
from support.imports import sent

from andon.console import importing
from andon.console.access import ROLES, Person, may
from andon.streams.settings import load_settings

SALES = b"date,store,sku,quantity\n2026-02-04,S,A,2\n2026-02-04,S,B,0.5\nTotal,,,2.5\n"


async def upload(
    room, what, content=SALES, *, token=True, content_type="application/octet-stream", **said
):
    said = {"kind": "sales", "name": "sales.csv", **said}
    headers = {"Content-Type": content_type}
    if token:
        headers["X-Andon-Token"] = await room.token()
    path = f"/api/imports/{what}?said={quote(json.dumps(said))}"
    async with room.client.post(path, data=content, headers=headers) as answer:
        return answer.status, msgspec.json.decode(await answer.read())


@served
async def test_a_table_is_shown_with_what_is_refused_and_a_mapping_to_keep():
    async with Room() as room:
        status, told = await upload(room, "look")
        assert status == 200, told
        assert (told["rows"], told["read"], told["events"], told["sent"]) == (3, 1, 1, None)
        assert told["preview"] == [{"occurred_at": "2026-02-04T12:00:00Z", "location": "S", "sku": "A", "quantity": 2}]  # fmt: skip
        assert {name: one["lines"] for name, one in told["refused"].items()} == {"fraction quantity": [3], "total": [4]}  # fmt: skip
        again, same = await upload(room, "look", toml=told["mapping"])
        assert (again, same["preview"]) == (200, told["preview"])
        _, other = await upload(room, "look", columns={"sku": "store", "location": ""}, location="X")  # fmt: skip
        assert (other["preview"][0]["sku"], other["preview"][0]["location"]) == ("S", "X")


@pytest.mark.parametrize(
    ("content", "said", "status", "text"),
    [
        (SALES, {"kind": "secrets"}, 400, "expected one of"),
        (SALES, {"toml": "kind = 3"}, 400, "mapping cannot be read"),
        (SALES, {"toml": 'kind = "stock"'}, 400, "mapping is of stock"),
        (SALES, {"toml": '[maps]\nsku = "/etc/passwd"'}, 400, "does not open"),
        (SALES, {"more": 1}, 400, "more"),
        (SALES, {"table": {"encoding": "klingon"}}, 400, "unknown"),
        (SALES, {"table": {"colour": "red"}}, 400, "colour"),
        (SALES, {"toml": '[table]\nencoding = "klingon"'}, 400, "unknown"),
        (SALES.replace(b"2026-02-04", b"03/02/2026"), {}, 422, "--date-format"),
        (b"a,b\n1,2\n", {}, 422, "known as sku"),
        (b"", {}, 422, "empty"),
        (b"PK\x03\x04 and nothing", {}, 422, "cut off"),
        (b"x" * (importing.MOST_BYTES + 1), {}, 413, "andon import"),
    ],
)
@served
async def test_what_cannot_be_read_is_said(content, said, status, text):
    async with Room() as room:
        found, told = await upload(room, "look", content, **said)
        assert (found, text in told["error"]) == (status, True), told
        assert "/tmp" not in told["error"].replace("/etc", "")


@served
async def test_what_a_table_does_not_show_of_itself_can_be_said():
    async with Room() as room:
        said = {"table": {"date_format": "day-first", "decimal": "", "encoding": "cp1252"}}
        content = "date,store,sku,quantity\n03/02/2026,S,CAFÉ,2\n".encode("cp1252")
        status, told = await upload(room, "look", content, **said)
    assert (status, told["preview"][0]["sku"]) == (200, "CAFÉ")
    assert told["preview"][0]["occurred_at"] == "2026-02-03T12:00:00Z"


@served
async def test_only_a_page_of_ours_uploads_and_only_as_a_file():
    async with Room() as room:
        assert (await upload(room, "look", token=False))[0] == 403
        assert (await upload(room, "send", token=False))[0] == 403
        assert (await upload(room, "look", content_type="multipart/form-data"))[0] == 415
        assert (await room.get("/import"))[0].status == 200


def test_planners_and_admins_import():
    allowed = {role for role in ROLES if may(Person("x", role, "A"), "import")}
    assert allowed == {"planner", "admin"}
    assert not may(None, "import")


@served
async def test_without_a_broker_nothing_is_sent_and_it_says_so():
    async with Room() as room:
        room.desk.settings = load_settings(broker="127.0.0.1:1")
        status, told = await upload(room, "send")
        assert (status, "error" in told) == (503, True)


@pytest.mark.integration
def test_what_was_shown_is_sent_once(topics):
    @served
    async def twice():
        async with Room() as room:
            room.desk.settings = topics
            first = await upload(room, "send")
            return first, await upload(room, "send")

    (status, told), (_, again) = twice()
    assert (status, told["sent"], again["sent"], again["imported_before"]) == (200, 1, 0, 1)
    assert [one["sku"] for one in sent(topics, "pos")] == ["A"]


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
@served
async def test_in_a_browser_a_table_is_shown_mended_and_offered_to_be_sent(tmp_path):
    evil = "<img src=x onerror=document.title='broken'>"
    content = f"date,store,sku,quantity,other\n2026-02-04,S,A,2,B\n2026-02-04,S,{evil},0.5,C\n"
    async with Room() as room, Browser(tmp_path) as browser:
        await browser.open(room.client.make_url("/import"))
        await browser.until("document.getElementById('show') !== null")
        await browser.value(
            "(() => { const given = new DataTransfer();"
            f"given.items.add(new File([{json.dumps(content)}], 'sales.csv'));"
            "document.getElementById('file').files = given.files; document.getElementById('show').click(); })()"
        )
        await browser.until("document.getElementById('send') !== null")
        assert await browser.value("document.getElementById('send').innerText") == "Send the event"
        assert "no whole number" in await browser.value("document.getElementById('left').innerText")
        pick = "document.querySelector('select[data-field=sku]')"
        await browser.value(
            f"{pick}.value = 'other', {pick}.dispatchEvent(new Event('change')), null"
        )
        await browser.until(
            "[...document.querySelectorAll('#preview td')].some((one) => one.innerText === 'B')"
        )
        assert await browser.value("document.title") == "Import · Andon"
        assert await browser.value("document.querySelector('a[download]').download") == "sales.toml"
        assert browser.complaints == []
