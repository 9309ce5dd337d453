"""The bills of material of all items, as their books told of them, and those whose needs of parts may be others since."""

import msgspec

from andon.agents.frame import home
from andon.planning.production.bills import Bills
from andon.schemas.boms import Bom


class ToldBills:
    """The bills by `location/sku`, and what has yet to be decided on anew because of another item's bill."""

    def __init__(self) -> None:
        self.known = Bills()
        self._doubts: set[str] = set()
        self._decoder = msgspec.json.Decoder(Bom)

    def learn(self, key: bytes, value: bytes | None) -> None:
        """Take in one record of the structures topic."""
        name = key.decode()
        self._doubts |= self.known.learn(name, self._decoder.decode(value) if value else None)

    def doubts(self, partition: int, partitions: int) -> list[str]:
        """Return the items of a partition whose needs of parts may be others than they told, once."""
        if not self._doubts:
            return []
        found = [key for key in self._doubts if home(key, partitions) == partition]
        self._doubts.difference_update(found)
        return sorted(found)
