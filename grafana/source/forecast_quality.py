"""Forecast quality: whether what is ordered by deserves it."""

from typing import Any

from parts import Panel, board, choice, falling, rising, window

_OF = 'model=~"$model", class=~"$class"'


def _rise(part: str, by: str = "") -> str:
    name = f"andon_forecast_{part}_total"
    return f"sum{f' by ({by}) ' if by else ''}(increase({name}{{{_OF}}}[$window]))"


def _wape(by: str = "") -> str:
    missed = f"({_rise('over_units', by)} + {_rise('under_units', by)})"
    return f"{missed} / ({_rise('actual_units', by)} > 0)"


def _bias(by: str = "") -> str:
    missed = f"({_rise('over_units', by)} - {_rise('under_units', by)})"
    return f"{missed} / ({_rise('actual_units', by)} > 0)"


def _coverage(by: str = "") -> str:
    return f"{_rise('covered_days', by)} / ({_rise('days', by)} > 0)"


_NO_DAY = "no day has closed"
_WAPE_SAYS = "Absolute error of the forecasts of the next day as a share of what was sold (WAPE)."
_WAPE_RED = "see below which model and class it is. Slow movers always look bad by the day; what counts for them is coverage."
_BIAS_SAYS = "Mean error as a share of what was sold; above nothing the forecasts are too high."
_BIAS_RED = "a bias that lasts is a trend, a season or a promotion that the model does not know."
_COVER_SAYS = "Share of the days whose sales fell between the forecast's 10th and 90th percentile: 80% and a little more."
_COVER_RED = (
    "intervals that are too narrow make safety stocks too small: look for spikes that are no spikes, and for items that "
    "changed their nature."
)

_NOW = (
    Panel(
        "WAPE",
        "stat",
        "percentunit",
        {"": _wape()},
        _WAPE_SAYS,
        _WAPE_RED,
        "andonforecastdrift",
        rising(0.6, 1.0),
        empty=_NO_DAY,
        decimals=1,
        width=6,
    ),
    Panel(
        "Bias",
        "stat",
        "percentunit",
        {"": _bias()},
        _BIAS_SAYS,
        _BIAS_RED,
        "andonforecastbiased",
        (("red", None), ("orange", -0.2), ("green", -0.1), ("orange", 0.1), ("red", 0.2)),
        empty=_NO_DAY,
        decimals=1,
        least=None,
        width=6,
    ),
    Panel(
        "Coverage of the 80% interval",
        "stat",
        "percentunit",
        {"": _coverage()},
        _COVER_SAYS,
        _COVER_RED,
        "andonforecastintervals",
        (("red", None), ("orange", 0.65), ("green", 0.75), ("orange", 0.97)),
        empty="no item has sold for two weeks",
        decimals=1,
        most=1,
        width=6,
    ),
    Panel(
        "Forecasts a second",
        "stat",
        "short",
        {"": 'sum(rate(andon_messages_total{family="forecasts"}[5m]))'},
        "Forecasts published: one an item and closed day.",
        "it has no threshold: without closed days there is none.",
        "andonforecastdrift",
        decimals=1,
        width=6,
    ),
)

_BY = (
    Panel(
        "WAPE by model",
        "lines",
        "percentunit",
        {"{{model}}": _wape("model")},
        _WAPE_SAYS,
        _WAPE_RED,
        "andonforecastdrift",
        rising(0.6, 1.0),
        empty=_NO_DAY,
    ),
    Panel(
        "WAPE by class",
        "lines",
        "percentunit",
        {"{{class}}": _wape("class")},
        _WAPE_SAYS,
        _WAPE_RED,
        "andonforecastdrift",
        rising(0.6, 1.0),
        empty=_NO_DAY,
    ),
    Panel(
        "Bias by model",
        "lines",
        "percentunit",
        {"{{model}}": _bias("model")},
        _BIAS_SAYS,
        _BIAS_RED,
        "andonforecastbiased",
        empty=_NO_DAY,
        least=None,
    ),
    Panel(
        "Bias by class",
        "lines",
        "percentunit",
        {"{{class}}": _bias("class")},
        _BIAS_SAYS,
        _BIAS_RED,
        "andonforecastbiased",
        empty=_NO_DAY,
        least=None,
    ),
    Panel(
        "Coverage by model",
        "lines",
        "percentunit",
        {"{{model}}": _coverage("model")},
        _COVER_SAYS,
        _COVER_RED,
        "andonforecastintervals",
        falling(0.65, 0.75),
        empty="no item has sold for two weeks",
        most=1,
    ),
    Panel(
        "Coverage by class",
        "lines",
        "percentunit",
        {"{{class}}": _coverage("class")},
        _COVER_SAYS,
        _COVER_RED,
        "andonforecastintervals",
        falling(0.65, 0.75),
        empty="no item has sold for two weeks",
        most=1,
    ),
)

_DEMAND = (
    Panel(
        "Units a minute: sold, forecast too many, forecast too few",
        "lines",
        "short",
        {
            name: f"60 * sum(rate(andon_forecast_{part}_units_total{{{_OF}}}[$__rate_interval]))"
            for name, part in (("sold", "actual"), ("too many", "over"), ("too few", "under"))
        },
        "On the days that closed.",
        "too few for long runs the shelves dry; too many fills them.",
        "andonforecastbiased",
        empty=_NO_DAY,
    ),
    Panel(
        "Spikes and level shifts seen, an hour",
        "lines",
        "short",
        {
            "{{kind}}": '3600 * sum by (kind) (rate(andon_alerts_total{kind=~"demand_spike|level_shift", '
            'change="opened"}[$__rate_interval]))'
        },
        "Demand that the forecast did not allow for.",
        "many at once are a promotion, a holiday or a feed that sends twice: look at one of them.",
        "andonforecastdrift",
    ),
)

_LATE_SHAPES = "start more forecasters, or give them more CPU; no sale waits for them."

_SHAPES = (
    Panel(
        "Fits a minute",
        "lines",
        "short",
        {
            "{{outcome}}": "60 * sum by (outcome) (rate(andon_forecast_fits_total[$__rate_interval]))"
        },
        "What came of the requests for Prophet shapes.",
        "fits fail: the forecaster's log says of which item and why; it goes on with the shape it has.",
        "shapes-come-late",
        empty="no forecaster runs",
    ),
    Panel(
        "Seconds a fit takes",
        "lines",
        "s",
        {
            f"p{share * 100:.0f}": f"histogram_quantile({share}, sum by (le) "
            "(rate(andon_forecast_fit_seconds_bucket[$__rate_interval])))"
            for share in (0.5, 0.95)
        },
        "Of one shape, with all the candidates that compete for it.",
        _LATE_SHAPES,
        "shapes-come-late",
        rising(5, 30),
        empty="nothing was fitted",
    ),
    Panel(
        "Requests that wait",
        "lines",
        "short",
        {"": "sum(andon_forecast_queue_requests)"},
        "Requests for shapes that no forecaster has fitted yet.",
        _LATE_SHAPES,
        "shapes-come-late",
        empty="no forecaster runs",
    ),
    Panel(
        "Age of the oldest request",
        "lines",
        "s",
        {"": "max(andon_forecast_queue_age_seconds)"},
        "How long the oldest of the requests that were looked at last had waited.",
        _LATE_SHAPES,
        "shapes-come-late",
        rising(3600, 86400),
        empty="no forecaster runs",
    ),
    Panel(
        "Age of the oldest shape",
        "lines",
        "s",
        {"": "max(andon_forecast_shape_age_seconds)"},
        "Of the items whose day has closed: how long ago the oldest shape in use was asked for. A new one is asked for every "
        "28 days, and a shape ends after 92.",
        _LATE_SHAPES,
        "shapes-come-late",
        rising(35 * 86400, 60 * 86400),
        empty="no item has a shape yet",
    ),
)


def build() -> Any:
    """Return the dashboard."""
    return board(
        "andon-forecast-quality",
        "Andon: forecast quality",
        "How far off the forecasts were, in which direction, and whether their intervals hold. For planners and analysts.",
        [
            choice("model", "Model", "label_values(andon_forecast_actual_units_total, model)"),
            choice("class", "Class", "label_values(andon_forecast_actual_units_total, class)"),
            window(),
        ],
        {"Now": _NOW, "By model and class": _BY, "Demand": _DEMAND, "Shapes": _SHAPES},
    )
