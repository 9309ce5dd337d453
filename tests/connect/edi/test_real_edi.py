"""Public files of partners, many of them dirty: every segment is accounted for, and the events are those that a person finds in them."""

import json
from pathlib import Path

import pytest
from support.cases import case_file
from support.data import data_file
from support.edi import plain, surveyed

EXPECTED = json.loads((Path(__file__).parent / "real_files.json").read_text(encoding="utf-8"))


def quantities(one):
    return "/".join(f"{name[0]}{one[name]}" for name in ("quantity", "received") if name in one)


def told(event):
    """Return an event in a line: what of which item where, how much, and when."""
    if event["family"] == "shipments":
        lines = ", ".join(f"{one['location']}/{one['sku']} {quantities(one)}" for one in event.get("lines", ()))  # fmt: skip
        of = f" of {event['order_id']}" if "order_id" in event else ""
        return f"{event['occurred_at']} {event['status']} {event['shipment_id']}{of}: {lines}"
    what = event.get("kind", "sale")
    return f"{event['occurred_at']} {what} {event['location']}/{event['sku']} {event['quantity']}"


def account(path, said):
    made, events = surveyed(path.read_bytes(), **said)
    return {
        "messages": [f"{one.kind} {one.outcome}" for one in made.messages],
        "complaints": [f"{one.number} {one.tag}: {one.text}" for message in made.messages for one in message.complaints]
        + [f"{one.number} {one.tag}: {one.text}" for one in made.around.complaints],
        "segments": made.rows,
        "read": made.read,
        "skipped": {name: group.count for name, group in made.skipped.items()},
        "refused": {name: group.count for name, group in made.refused.items()},
        "events": [told(plain(one)) for one in events],
    }  # fmt: skip


@pytest.mark.parametrize("number", range(len(EXPECTED)), ids=lambda n: EXPECTED[n]["file"])
def test_every_segment_of_a_file_is_accounted_for(number):
    expected = dict(EXPECTED[number])
    name, said = expected.pop("file"), expected.pop("said", {})
    path = case_file(name) if name == "edi850.txt" else data_file(f"edi/{name}")
    assert account(path, said) == expected


def test_no_file_of_partners_is_left_out():
    folder = data_file("edi")
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files - {one["file"] for one in EXPECTED} == {"ORIGIN"}
