"""The bills of all items, as everybody told of them: what one unit takes of its parts, and which of these are refused."""

from collections.abc import Mapping
from typing import Final

from andon.planning.production.explosion import Usage, usages
from andon.planning.production.structure import Structure
from andon.schemas.boms import Bom
from andon.schemas.common import item_key


class Bills:
    """The newest bill of each item, by `location/sku`."""

    def __init__(self) -> None:
        self._bills: dict[str, Bom] = {}
        self._structure = Structure()

    def learn(self, key: str, bill: Bom | None) -> set[str]:
        """Take in the bill of an item, None for none any more; return the items whose needs of parts may be others than before."""
        if self._bills.get(key) == bill:
            return set()
        if bill is None:
            self._bills.pop(key, None)
        else:
            self._bills[key] = bill
        components = (
            () if bill is None else [item_key(bill.location, one.sku) for one in bill.components]
        )
        changed = self._structure.learn(key, components, 0.0 if bill is None else bill.at)
        return changed | self._with(key) | {user for one in changed for user in self._with(one)}

    def _with(self, key: str) -> set[str]:
        """Return an item with those that it is a phantom of, through any number of levels."""
        found, waiting = {key}, [key]
        while waiting:
            phantom = waiting.pop()
            for user in self._structure.users(phantom):
                bill = self._bills.get(user)
                if bill is None or user in found:
                    continue
                if any(
                    one.phantom and item_key(bill.location, one.sku) == phantom
                    for one in bill.components
                ):
                    found.add(user)
                    waiting.append(user)
        return found

    def usages(self, bill: Bom, day: int | None = None) -> tuple[Usage, ...]:
        """Return what one unit that is begun takes of its parts, on a day (since 1970)."""
        return usages(bill, self._bills.get, self._structure.refused, day)

    def level(self, key: str) -> int:
        """Return the low-level code of an item."""
        return self._structure.level(key)

    def refused(self, key: str) -> Mapping[str, tuple[str, ...]]:
        """Return the components of an item that are refused, each with the way back to the item."""
        return self._structure.refused(key)

    def __len__(self) -> int:
        return len(self._bills)


#: Where nobody told of any bill.
NO_BILLS: Final = Bills()
