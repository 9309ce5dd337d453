"""How a study's figures are written, in the terminal and on the page."""

from typing import Any, Final

#: What a regret is split into, in the order in which it is taken away.
CAUSES: Final = {
    "service_class": "a service level that is not what the costs ask for",
    "constraints": "packs and minimum orders",
    "lead_time": "lead times that vary",
    "forecast": "demand that nobody knows",
    "policy": "the policy, with all of it known",
}


def figure(one: dict[str, Any], name: str, form: str = ",.0f") -> str:
    """Return a figure of a policy with its interval."""
    low, high = one["intervals"][name] or (None, None)
    return spread({"value": one[name], "low": low, "high": high}, form)


def spread(found: dict[str, float | None] | None, form: str = "+,.0f") -> str:
    """Return a figure with its interval; one that is not known is left out."""
    if found is None or found["value"] is None:
        return "-"
    value, low, high = found["value"], found["low"], found["high"]
    if low is None or high is None:
        return f"{value:{form}} (unsure)"
    # One sign for both ends is enough.
    lowest = f"{low:{form}}".removesuffix("%")
    return f"{value:{form}} ({lowest} to {high:{form}})"
