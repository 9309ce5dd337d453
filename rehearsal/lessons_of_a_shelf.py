"""The first three lessons of `andon tour`: one item of one shop, by an order, a delay and a spike."""

from typing import Any, Final

from andon.rehearsal.answers import TODAY, one_of, stock, units
from andon.rehearsal.shop import Shop, line, moment, show
from andon.rehearsal.tour import AFTER, ANSWERED, BEFORE, Lesson, Seen, Verdict

_LEAF: Final[dict[str, Any]] = {"supplier": "LEAF", "lead_time_days": 5, "order_cost": 5}
_QUICK: Final[dict[str, Any]] = {
    "supplier": "QUICK",
    "lead_time_days": 1,
    "unit_cost": 3.6,
    "order_cost": 15,
}
_TEA: Final[dict[str, Any]] = {"unit_cost": 3.0, "unit_price": 5.0}


# 1. An order


def _order_world(answer: str | None) -> Shop:
    shop = Shop()
    shop.stocks("tea", 205, daily=10, sources=[_LEAF], **_TEA)
    shop.days(0, TODAY - 1, {"tea": 10})
    shop.says(show("shop/tea", note=BEFORE))
    if answer is None:
        return shop
    if int(answer):
        shop.orders("PO-1", TODAY, TODAY + 5, {"tea": int(answer)}, supplier="LEAF")
    shop.says(show("shop/tea", note=ANSWERED))
    shop.days(TODAY, TODAY + 14, {"tea": 10})
    shop.says(show("shop/tea", note=AFTER))
    return shop


def _order_figures(seen: Seen, note: str) -> dict[str, float | str]:
    targets = seen.book(note, "tea")["targets"]
    book = seen.book(note, "tea")
    return {
        **stock(seen, note, "tea"),
        "reorder point": targets["reorder_point"],
        "order up to": targets["order_up_to"],
        "money in stock": round(book["on_hand"] * _TEA["unit_cost"], 2),
    }


def _order_judge(answer: str, before: Seen, after: Seen) -> Verdict:
    del answer
    targets = before.book(BEFORE, "tea")["targets"]
    position = after.book(ANSWERED, "tea")["inventory_position"]
    low, high = targets["reorder_point"], targets["order_up_to"]
    if position < low:
        text = f"{position} on hand and on order stay below the reorder point of {low}: the alert stays open."
        return Verdict(
            passed=False, remark=f"{text} {after.shop.short['tea']} units were missing later."
        )
    if position > high * 1.1:
        text = f"{position} on hand and on order are more than the {high} that an order goes up to: cash asleep."
        return Verdict(passed=False, remark=text)
    return Verdict(
        passed=True,
        remark=f"{position} lie between {low} and {high}: the alert closed by your order.",
    )


# 2. A delay


def _delay_world(answer: str | None) -> Shop:
    shop = Shop()
    shop.stocks("tea", 180, daily=10, sources=[_LEAF, _QUICK], **_TEA)
    shop.days(0, TODAY - 1, {"tea": 10})
    # The order comes five days after the day that was promised.
    shop.orders(
        "PO-1", TODAY, TODAY + 9, {"tea": 150}, supplier="LEAF", promised_at=moment(TODAY + 4, 7)
    )
    scope = {"type": "shipment", "id": "PO-1"}
    late = {
        "delay_id": "truck",
        "scope": scope,
        "delay_hours": 120,
        "reason": "the truck broke down",
    }
    shop.says(line("delays", occurred_at=moment(TODAY, 9), **late))
    shop.says(show("shop/tea", note=BEFORE))
    if answer is None:
        return shop
    if answer == "quick":
        shop.orders("PO-2", TODAY, TODAY + 1, {"tea": 60}, supplier="QUICK")
    if answer == "again":
        shop.orders("PO-2", TODAY, TODAY + 5, {"tea": 150}, supplier="LEAF")
    shop.days(TODAY, TODAY + 9, {"tea": 10})
    shop.says(show("shop/tea", note=AFTER))
    return shop


def _delay_figures(seen: Seen, note: str) -> dict[str, float | str]:
    lost = seen.shop.short["tea"] * (_TEA["unit_price"] - _TEA["unit_cost"])
    return {**stock(seen, note, "tea"), "margin lost": round(lost, 2)}


def _delay_judge(answer: str, before: Seen, after: Seen) -> Verdict:
    risk = before.last("stockout_risk", "tea")
    best = risk.alternatives[0] if risk is not None and risk.alternatives else None
    advice = f"Andon's cheapest way out: {best.why}." if best is not None else ""
    short = after.shop.short["tea"]
    if answer == "quick":
        text = f"{short} units were missing, and the late order stayed on order: nothing was bought twice."
        return Verdict(passed=True, remark=f"{text} {advice}")
    if answer == "wait":
        text = f"{short} units were missing before the truck came."
    else:
        text = f"It came too late for {short} units, and now there is twice what was needed."
    return Verdict(passed=False, remark=f"{text} {advice}")


# 3. A spike


def _spike_world(answer: str | None) -> Shop:
    shop = Shop()
    shop.stocks("tea", 400, daily=10, sources=[_LEAF], **_TEA)
    shop.days(0, TODAY - 1, {"tea": 10})
    shop.says(show("shop/tea", note=BEFORE))
    if answer is None:
        return shop
    exceptional = {"exceptional": True} if answer == "exceptional" else {}
    shop.sells("tea", TODAY, 9, 80, **exceptional)
    shop.days(TODAY, TODAY + 2, {"tea": 10})
    shop.says(show("shop/tea", note=AFTER))
    return shop


def _spike_figures(seen: Seen, note: str) -> dict[str, float | str]:
    book = seen.book(note, "tea")
    return {
        **stock(seen, note, "tea"),
        "forecast a day": round(book["forecast"]["level"], 1),
        "reorder point": book["targets"]["reorder_point"],
        "safety stock": book["targets"]["safety_stock"],
    }


def _spike_judge(answer: str, before: Seen, after: Seen) -> Verdict:
    was, now = (
        seen.book(note, "tea")["targets"]["safety_stock"]
        for seen, note in ((before, BEFORE), (after, AFTER))
    )
    said = [one.sentence for one in after.alerts if one.kind == "demand_spike"]
    if answer == "exceptional":
        text = f"The stock fell, and nothing was learned: safety stock {was} before, {now} after."
        return Verdict(passed=not said, remark=text)
    text = f"Safety stock went from {was} to {now}, for something that will not come again."
    return Verdict(passed=False, remark=f"{text} {' '.join(said[:1])}".strip())


ORDER: Final = Lesson(
    "order",
    "An order: pull, not push",
    "A shop sells about ten packets of tea a day. Lean orders when something has sold, and no more than the next"
    " customers need. Andon watches what is on hand and on order. When both fall to the reorder point, it asks.",
    "The board asks for tea. A delivery from LEAF takes five days. How many packets do you order?",
    "a whole number of packets, 0 or more",
    units, _order_world, _order_figures, _order_judge,
)  # fmt: skip

DELAY: Final = Lesson(
    "delay",
    "A delay: bridge, and never buy twice",
    "150 packets of tea were promised in four days. Their truck has broken down, and they come five days late."
    " A late order is still an order. Andon keeps it, and asks only for what bridges the gap.",
    "What do you do: wait, order 60 from QUICK by tomorrow at a higher price, or order 150 from LEAF again?",
    "wait, quick or again",
    one_of("wait", "quick", "again"), _delay_world, _delay_figures, _delay_judge,
)  # fmt: skip

SPIKE: Final = Lesson(
    "spike",
    "A spike: what teaches, and what does not",
    "A school buys 80 packets of tea for its summer party. It will not come again. Levelled demand is the base of"
    " lean: one odd sale must not swing your orders for weeks.",
    "How do you book the sale: as usual, or as exceptional (`exceptional: true` in the event)?",
    "usual or exceptional",
    one_of("usual", "exceptional"), _spike_world, _spike_figures, _spike_judge,
)  # fmt: skip
