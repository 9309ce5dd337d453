"""Prophet, called quietly: the only place that imports it, and never in the process that keeps the books."""

import logging
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def load() -> None:
    """Load Prophet: seconds that only a process that fits should pay, and better before the first fit than in it."""
    import prophet  # noqa: F401, PLC0415 - only loaded


def new_prophet(**options: Any) -> Any:
    """Return Prophet's model of a multiplicative season, not fitted yet; `options` are Prophet's own."""
    from prophet import Prophet  # noqa: PLC0415 - as above

    # Afterwards: being imported, it sets the levels itself.
    for name in ("cmdstanpy", "prophet", "prophet.plot"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return Prophet(
        daily_seasonality=False,
        seasonality_mode="multiplicative",
        uncertainty_samples=0,
        **options,
    )


def fit_and_predict(
    model: Any,
    known: Sequence[int],
    values: Sequence[float | None],
    asked: Sequence[int],
    component: str = "yhat",
) -> list[float]:
    """Fit a model, and return what it, or one of its components, says of other days.

    Args:
        model: of Prophet.
        known: days (since 1970).
        values: of each of these; None where it is unknown.
        asked: days.
        component: of the model, as Prophet names it.
    """
    import pandas as pd  # noqa: PLC0415 - as above

    with warnings.catch_warnings():
        # Prophet calls pandas in ways that the next pandas deprecates: nothing that a user of ours could mend.
        warnings.filterwarnings("ignore", module="prophet")
        model.fit(pd.DataFrame({"ds": _dates(known), "y": values}))
        told: list[float] = model.predict(pd.DataFrame({"ds": _dates(asked)}))[component].tolist()
    return told


def _dates(days: Sequence[int]) -> list[datetime]:
    return [_EPOCH + timedelta(days=day) for day in days]
