"""What decisions may ask about the supply network: learned lead times, and what is disrupted now."""

import msgspec

from andon.planning.disruption import Disruption
from andon.planning.lead_time import LeadTime
from andon.schemas.items import Source
from andon.schemas.scorecards import Scorecard


class Scorecards:
    """The scorecards learned so far, by `type/name`."""

    def __init__(self) -> None:
        self._cards: dict[str, Scorecard] = {}
        self._decoder = msgspec.json.Decoder(Scorecard)

    def learn(self, key: bytes, value: bytes | None) -> None:
        """Take in one record of the scorecards topic."""
        if value is None:
            self._cards.pop(key.decode(), None)
        else:
            self._cards[key.decode()] = self._decoder.decode(value)

    def of(self, key: str) -> Scorecard | None:
        """Return a scorecard if there is one."""
        return self._cards.get(key)

    def __len__(self) -> int:
        return len(self._cards)
