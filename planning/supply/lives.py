"""When the number of an order stands for another one: it was done, and is ordered again long after.

News of the old order that are sent again, however late, have the old times, and lie before the new one's begin.
"""

from collections.abc import Mapping, Sequence

from andon.planning.supply.facts import CLOSINGS, PAUSE, Fact, Status
from andon.planning.supply.line_news import item_states


def begin_of_newest(
    facts: Mapping[str, Sequence[Fact]], statuses: Sequence[Status]
) -> float | None:
    """Return when the newest order under a number was ordered (seconds since 1970), None if it is the only one.

    Args:
        facts: the news of each line.
        statuses: what the news say of the whole.
    """
    for one in reversed(statuses):
        begin = one.at if one.since is None else min(one.at, one.since)
        if one.anew:
            return begin
        if one.status != "ordered":
            continue
        done = _done_before(begin, facts, statuses)
        first = min([statuses[0].at, *(some[0].at for some in facts.values())])
        if done is not None and begin - done > max(PAUSE, done - first):
            return begin
    return None


def _done_before(
    begin: float, facts: Mapping[str, Sequence[Fact]], statuses: Sequence[Status]
) -> float | None:
    """Return when all was done of what was ordered before `begin`; None if something was still to come."""
    closings = [one.at for one in statuses if one.status in CLOSINGS and one.at < begin]
    if closings:
        return closings[-1]
    before = {key: [one for one in some if one.at < begin] for key, some in facts.items()}
    earlier = [one for one in statuses if one.at < begin]
    states = [item_states({"": some}, earlier, {})[""] for some in before.values() if some]
    if not any(state.received for state in states) or any(state.open_quantity for state in states):
        return None
    return max(some[-1].at for some in before.values() if some)
