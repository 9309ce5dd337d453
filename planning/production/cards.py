"""How many cards a kanban loop needs, and which of them may be lost.

The number is Toyota's (Monden, Toyota Production System): what is used over the lead time, with a share besides, in containers. What is
kept or filled at once adds to it, as in the ERP systems that plan loops.
"""

import math
from typing import Final

_SLACK: Final = 1e-9
#: A card is taken for lost when it would be left out of so many pulls less often than this.
_LOST_ODDS: Final = 0.005


def card_count(
    daily: float,
    lead_days: float,
    container: int,
    *,
    safety_factor: float = 0.0,
    safety_stock: float = 0.0,
    lot: float = 0.0,
    least: int = 1,
) -> int:
    """Return how many cards a loop needs: (daily x lead time x (1 + factor) + safety stock + lot) / container, rounded up.

    Args:
        daily: what is used on a working day, in units.
        lead_days: from a pull until the container is back, in working days.
        container: how many units it holds.
        safety_factor: the share of what is used over the lead time that is kept besides.
        safety_stock: units kept besides.
        lot: units that are filled at once, for which pulls are waited for.
        least: no loop has fewer cards.

    Raises:
        ValueError: a container holds nothing.

    Four hundred a day, a container of 50 back after a day and a half, and a tenth more to be safe:

    >>> card_count(400.0, 1.5, 50, safety_factor=0.1)
    14
    """
    if container <= 0:
        msg = f"container: expected more than 0 units, got {container}"
        raise ValueError(msg)
    units = daily * lead_days * (1.0 + safety_factor) + safety_stock + lot
    return max(math.ceil(units / container - _SLACK), least)


def is_lost(pulls_since: int, cards: int) -> bool:
    """Return whether a full card that was passed over so often must be lost.

    Whoever takes a container takes any of those that stand there: that one of n is left out m times has odds of (1 - 1/n)^m.

    Args:
        pulls_since: how many others were pulled since it was filled.
        cards: how many there are.
    """
    if cards <= 1:
        return pulls_since > 0
    return pulls_since * math.log1p(-1.0 / cards) < math.log(_LOST_ODDS)
