"""The last three lessons of `andon tour`: a closed port, goods that expire, and the dial of the service class."""

from typing import Any, Final

from andon.rehearsal.answers import TODAY, one_of, stock, units
from andon.rehearsal.shop import Shop, line, moment, show, wanted
from andon.rehearsal.tour import AFTER, BEFORE, Lesson, Seen, Verdict

# 4. A closed port

_SEA: Final[dict[str, Any]] = {"supplier": "OCEAN", "lane": "ROTTERDAM", "lead_time_days": 14}
_AIR: Final[dict[str, Any]] = {"supplier": "QUICK", "lead_time_days": 1, "order_cost": 5}
#: Of each item: units at the beginning, sold a day, cost, price, cost by air.
_CARGO: Final[dict[str, tuple[int, int, float, float, float]]] = {
    "tea": (205, 10, 3.0, 6.0, 3.6),
    "rice": (700, 20, 1.0, 2.0, 1.2),
    "oil": (260, 10, 5.0, 9.0, 6.0),
}
_DAILY: Final = {sku: daily for sku, (_, daily, *_) in _CARGO.items()}


def _port_world(answer: str | None) -> Shop:
    shop = Shop()
    for sku, (first, daily, cost, price, by_air) in _CARGO.items():
        sources = [_SEA, {**_AIR, "unit_cost": by_air}]
        shop.stocks(sku, first, daily=daily, sources=sources, unit_cost=cost, unit_price=price)
    shop.days(0, TODAY - 1, _DAILY)
    # Promised in three days; the port holds it up for ten more.
    cargo = {"tea": 200, "rice": 400, "oil": 200}
    way = {"supplier": "OCEAN", "lane": "ROTTERDAM", "promised_at": moment(TODAY + 3, 7)}
    shop.orders("PO-1", TODAY, TODAY + 13, cargo, **way)
    scope = {"type": "lane", "id": "ROTTERDAM"}
    closed = {
        "delay_id": "port",
        "scope": scope,
        "delay_hours": 240,
        "reason": "a strike closed the port",
    }
    shop.says(line("delays", occurred_at=moment(TODAY, 9), ends_at=moment(TODAY + 8, 0), **closed))
    shop.says(show(*(f"shop/{sku}" for sku in _CARGO), note=BEFORE))
    if answer is None:
        return shop
    shop.orders("PO-2", TODAY, TODAY + 1, {answer: 10 * _CARGO[answer][1]}, supplier="QUICK")
    shop.days(TODAY, TODAY + 13, _DAILY)
    shop.says(show(*(f"shop/{sku}" for sku in _CARGO), note=AFTER))
    return shop


def _port_figures(seen: Seen, note: str) -> dict[str, float | str]:
    lost = sum(units * (_CARGO[sku][3] - _CARGO[sku][2]) for sku, units in seen.shop.short.items())
    return {**stock(seen, note, *_CARGO), "margin lost": round(lost, 2)}


def _port_judge(answer: str, before: Seen, after: Seen) -> Verdict:
    wide = before.last("disruption")
    said = wide.sentence if wide is not None else ""
    first = wide.affected[0].sku if wide is not None and wide.affected else ""
    short = ", ".join(f"{units} of {sku}" for sku, units in after.shop.short.items() if units)
    text = f"Missing until the port's goods came: {short or 'nothing'}."
    return Verdict(passed=answer == first, remark=f"{text} One alert had said it all: {said}")


# 5. Goods that expire


def _waste_world(answer: str | None) -> Shop:
    shop = Shop()
    source = {"supplier": "COAST", "lead_time_days": 2, "order_cost": 20}
    shop.stocks("fish", 40, daily=10, keeps_days=4, sources=[source], unit_cost=4.0, unit_price=7.0)
    # Every fourth day brings what four days sell.
    for day in (4, 8, 12):
        units = sum(wanted(one, 10) for one in range(day, day + 4))
        shop.orders(f"PO-{day}", day - 2, day, {"fish": units}, supplier="COAST")
        shop.days(day - 4, day - 1, {"fish": 10})
    shop.days(12, 13, {"fish": 10})
    shop.says(show("shop/fish", note=BEFORE))
    if answer is None:
        return shop
    if int(answer):
        shop.orders("PO-16", TODAY, 16, {"fish": int(answer)}, supplier="COAST")
    shop.days(TODAY, 19, {"fish": 10})
    shop.says(show("shop/fish", note=AFTER))
    return shop


def _waste_figures(seen: Seen, note: str) -> dict[str, float | str]:
    return {
        **stock(seen, note, "fish"),
        "thrown away": seen.shop.wasted["fish"],
        "cost of that": round(seen.shop.wasted["fish"] * 4.0, 2),
    }


def _waste_judge(answer: str, before: Seen, after: Seen) -> Verdict:
    del answer
    thrown = after.shop.wasted["fish"] - before.shop.wasted["fish"]
    short = after.shop.short["fish"] - before.shop.short["fish"]
    advice = before.last("replenish", "fish")
    text = f"{thrown} units were thrown away ({thrown * 4.0:.2f}), {short} were missing."
    said = f" Andon had said: {advice.sentence}" if advice is not None else ""
    return Verdict(passed=thrown <= 4 and short <= 8, remark=text + said)


# 6. The dial

_CLASSES: Final = ("lean", "balanced", "critical")
_LATE_A_YEAR, _LATE_DAYS, _PARTS_A_DAY, _STOP_COST = 3, 12, 4, 60.0


def _dial_world(answer: str | None) -> Shop:
    shop = Shop()
    source = {"supplier": "FORGE", "lead_time_days": 10, "lead_time_sd_days": 3}
    money: dict[str, Any] = {"unit_cost": 20.0, "shortage_cost": _STOP_COST}
    chosen: dict[str, Any] = {"service_class": answer or "lean"}
    shop.stocks("valve", 150, daily=_PARTS_A_DAY, sources=[source], **money, **chosen)
    shop.days(0, TODAY - 1, {"valve": _PARTS_A_DAY})
    shop.says(show("shop/valve", note=BEFORE if answer is None else AFTER))
    return shop


def _dial_figures(seen: Seen, note: str) -> dict[str, float | str]:
    targets = seen.book(note, "valve")["targets"]
    stop, kept = _dial_costs(targets)
    return {
        "service level": f"{targets['service_level']:.1%}",
        "reorder point": targets["reorder_point"],
        "safety stock": targets["safety_stock"],
        "cost of keeping it, a year": round(kept, 2),
        "cost of stops, a year": round(stop, 2),
        "both": round(kept + stop, 2),
    }


def _dial_costs(targets: dict[str, Any]) -> tuple[float, float]:
    """Return what stops cost a year, and what the safety stock does."""
    missing = max(0, _LATE_DAYS * _PARTS_A_DAY - targets["safety_stock"])
    return _LATE_A_YEAR * missing * _STOP_COST, targets["insurance_cost"]


def _dial_judge(answer: str, before: Seen, after: Seen) -> Verdict:
    stop, kept = _dial_costs(after.book(AFTER, "valve")["targets"])
    was = sum(_dial_costs(before.book(BEFORE, "valve")["targets"]))
    text = f"As {answer} it costs {kept:.2f} a year to keep and {stop:.2f} in stops; as lean both came to {was:.2f}."
    return Verdict(passed=stop <= kept, remark=text)


PORT: Final = Lesson(
    "port",
    "A closed port: first things first",
    "Tea, rice and oil come by ship through ROTTERDAM. A strike closes the port, and all three are ten days late."
    " One alert names what runs out, when, and what is at stake. You can fly in ten days' worth of one item today.",
    "Which item do you fly in: tea, rice or oil?",
    "tea, rice or oil",
    one_of("tea", "rice", "oil"), _port_world, _port_figures, _port_judge,
)  # fmt: skip

WASTE: Final = Lesson(
    "waste",
    "Goods that expire: small lots",
    "Fish keeps for four days, and about ten a day sell. An order comes in two days, the next one four days later."
    " The supplier would rather send you 100 at once.",
    "How many do you order?",
    "a whole number of fish, 0 or more",
    units, _waste_world, _waste_figures, _waste_judge,
)  # fmt: skip

DIAL: Final = Lesson(
    "dial",
    "The dial: a buffer where a stop costs more",
    "A valve costs 20, four a day are built in. Every valve that is missing costs 60 in waiting at the line. Three"
    " times a year FORGE is twelve days late. The dial between just-in-time and just-in-case is the service class.",
    "Which class do you give the valve: lean, balanced or critical?",
    "lean, balanced or critical",
    one_of(*_CLASSES), _dial_world, _dial_figures, _dial_judge,
)  # fmt: skip
