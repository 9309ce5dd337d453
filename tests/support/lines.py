"""A line that will stop and a loop with cards that hang, as workers tell a console of them."""

import msgspec

from andon.planning.production.line import ProductionLine, hear, hear_coverage
from andon.planning.production.loops import KanbanLoop, hear_card, set_loop
from andon.planning.production.standing import line_stands, loop_stands
from andon.schemas.alerts import Alternative
from andon.schemas.common import utc
from andon.schemas.kanban import CardEvent, Loop
from andon.schemas.production import Coverage, ProductionEvent

#: The second of March 2026, nine o'clock.
NOW = 1_772_442_000.0
HOUR = 3600.0


def lines_of_a_plant(said="use steel bolts"):
    """Return the rows of two lines, one of which stops, and those of two loops; `said` is a way out, and a name."""
    line = ProductionLine()
    for name, status, at, fields in (
        ("P-1", "released", NOW, {"quantity": 60, "starts_at": utc(NOW), "minutes_each": 3.0}),
        ("P-2", "released", NOW + 1, {"quantity": 5, "minutes_each": 6.0}),
        ("P-1", "made", NOW + 3 * HOUR / 10, {"quantity": 6}),
    ):
        event = ProductionEvent(
            event_id=f"{name}{status}",
            occurred_at=utc(at),
            order_id=name,
            location="plant",
            line="L1",
            sku="lamp",
            status=status,
            **fields,
        )
        hear(line, event, at, name.encode().ljust(8))
    hear_coverage(
        line,
        Coverage(
            location="plant",
            line="L1",
            part="bolt",
            description=said,
            version=1,
            updated_at=utc(NOW + HOUR / 2),
            makes=("lamp",),
            stops_at=utc(NOW + 2 * HOUR),
            order_id="P-1",
            on_hand=43,
            short=77,
            at_stake=200.0,
            hourly=150.0,
            ways=(Alternative(kind="source", supplier="Iron", quantity=80, why=said),),
        ),
    )
    calm = line_stands(ProductionLine(), "plant/L2")
    state = KanbanLoop()
    loop = Loop(
        location="ward",
        sku="gloves",
        updated_at=utc(NOW),
        container=50,
        cards=3,
        filled_by="store-room",
    )
    set_loop(state, loop, NOW)
    for card in "AB":
        event = CardEvent(
            event_id=card,
            occurred_at=utc(NOW),
            location="ward",
            sku="gloves",
            card=card,
            status="pulled",
        )
        hear_card(state, event, NOW, card.encode().ljust(8), None)
    lines = [calm, line_stands(line, "plant/L1")]
    rows = [msgspec.to_builtins(msgspec.structs.asdict(one)) for one in lines]
    return rows, [
        msgspec.to_builtins(msgspec.structs.asdict(loop_stands(state, "ward/gloves", None)))
    ]
