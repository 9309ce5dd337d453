"""The screen of lines and kanban loops: what stops first stands first, and the exports have what the screen has."""

import csv
import io

import msgspec
from support.console import Room, served
from support.lines import HOUR, NOW, lines_of_a_plant

from andon.console.lines import LINE_COLUMNS, LOOP_COLUMNS
from andon.schemas.examples import EXAMPLES


def furnished(room):
    room.workers.alls["lines", "*"], room.workers.alls["loops", "*"] = lines_of_a_plant()
    lamp = msgspec.structs.replace(
        EXAMPLES["items"], location="plant", sku="lamp", description="Desk lamp"
    )
    room.learns(lamp)


async def table(room, path):
    answer, text = await room.get(path)
    assert answer.status == 200
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))


@served
async def test_a_line_says_what_it_builds_how_much_more_it_can_and_when_it_stops():
    async with Room() as room:
        furnished(room)
        _, body = await room.get("/api/lines")
    told = msgspec.json.decode(body)
    first, calm = told["lines"]
    assert (first["line"], first["stops_at"], first["part"]) == ("L1", NOW + 2 * HOUR, "bolt")
    assert [
        (one["order_id"], one["name"], one["made"], one["left"]) for one in first["orders"]
    ] == [
        ("P-1", "Desk lamp", 6, 54),
        ("P-2", "Desk lamp", 0, 5),
    ]
    # One every three minutes, from when the part's book last looked.
    assert first["buildable"] == 30
    assert [way["why"] for way in first["ways"]][-1] == "use steel bolts"
    assert (calm["orders"], calm["buildable"], calm["stops_at"]) == ([], None, None)
    (loop,) = told["loops"]
    assert (loop["cards"], loop["standing"], [card for _, card in loop["hanging"]]) == (
        3,
        1,
        ["A", "B"],
    )


@served
async def test_the_exports_have_a_line_and_a_loop_a_row():
    async with Room() as room:
        furnished(room)
        lines, loops = await table(room, "/lines.csv"), await table(room, "/loops.csv")
    assert (tuple(lines[0]), tuple(loops[0])) == (LINE_COLUMNS, LOOP_COLUMNS)
    assert (lines[0]["order_id"], lines[0]["buildable"], lines[0]["orders"]) == ("P-1", "30", "2")
    assert (lines[1]["line"], lines[1]["sku"], lines[1]["stops_at"]) == ("L2", "", "")
    assert (loops[0]["hanging"], loops[0]["filled_by"]) == ("2", "store-room")


@served
async def test_a_place_has_the_lines_and_loops_of_its_own():
    async with Room() as room:
        lines, loops = lines_of_a_plant()
        room.workers.alls["lines", "plant"], room.workers.alls["loops", "ward"] = lines, loops
        _, plant = await room.get("/api/lines?location=plant")
        _, ward = await room.get("/api/lines?location=ward")
    plant, ward = msgspec.json.decode(plant), msgspec.json.decode(ward)
    assert [len(plant["lines"]), len(plant["loops"]), len(ward["lines"]), len(ward["loops"])] == [
        2,
        0,
        0,
        1,
    ]
