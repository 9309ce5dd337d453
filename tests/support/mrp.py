"""A plant in which requirements are told from item to part as the books tell them, and one that explodes everything anew."""

import heapq

from andon.planning.production.explosion import needed, planned_orders, usages
from andon.planning.production.structure import Structure
from andon.schemas.boms import Bom, Component
from andon.schemas.common import utc

WHERE = "plant"


def bill(sku, parts, at=0.0, **fields):
    """Return a bill of (part, quantity) or (part, quantity, fields of the component)."""
    components = tuple(
        Component(sku=part, quantity=quantity, **(rest[0] if rest else {}))
        for part, quantity, *rest in parts
    )
    return Bom(location=WHERE, sku=sku, updated_at=utc(at), components=components, **fields)


class Plant:
    """Items that tell their parts what they need of them, whenever that has changed: absolute, and with a version."""

    def __init__(self):
        self.structure, self.bills = Structure(), {}
        self.outside, self.lead_days, self.stock = {}, {}, {}
        #: By part and by who needs it.
        self.heard = {}
        self.told = 0

    def wants(self, sku):
        """Return what is needed of an item, by day."""
        total = dict(self.outside.get(sku, {}))
        for _, wanted in self.heard.get(sku, {}).values():
            for day, quantity in wanted.items():
                total[day] = total.get(day, 0.0) + quantity
        return total

    def orders(self, sku):
        lead = self.lead_days.get(sku, 0)
        return planned_orders(self.wants(sku), {}, self.stock.get(sku, 0.0), 0, lead)

    def says(self, sku):
        """Return what an item needs of its parts, by part and day."""
        known = self.bills.get(sku)
        if known is None:
            return {}
        parts = usages(known, lambda key: self.bills.get(key.partition("/")[2]))
        return needed(self.orders(sku), lambda _: parts, known.yield_share)

    def set_bill(self, made):
        self.bills[made.sku] = made
        self.structure.learn(made.sku, [one.sku for one in made.components], made.at)
        self.work([made.sku])

    def set_demand(self, sku, wanted):
        self.outside[sku] = wanted
        self.work([sku])

    def work(self, skus):
        """Let news travel, the highest items first."""
        waiting = [(self.structure.level(sku), sku) for sku in skus]
        heapq.heapify(waiting)
        while waiting:
            _, sku = heapq.heappop(waiting)
            now = self.says(sku)
            parts = {part for part, by_user in self.heard.items() if sku in by_user} | now.keys()
            for part in parts:
                version, before = self.heard.setdefault(part, {}).get(sku, (0, {}))
                if now.get(part, {}) != before:
                    self.heard[part][sku] = version + 1, now.get(part, {})
                    self.told += 1
                    if (self.structure.level(part), part) not in waiting:
                        heapq.heappush(waiting, (self.structure.level(part), part))

    def anew(self):
        """Return a plant with the same bills and demand that was told everything at once."""
        other = Plant()
        other.bills, other.structure = self.bills, self.structure
        other.outside, other.lead_days, other.stock = self.outside, self.lead_days, self.stock
        every = {*self.bills, *self.outside, *self.heard}
        for sku in sorted(every, key=lambda one: (self.structure.level(one), one)):
            for part, by_day in other.says(sku).items():
                other.heard.setdefault(part, {})[sku] = 1, by_day
        return other
