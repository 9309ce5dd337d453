"""What `andon forecast` prints and draws of what a worker says."""

import re

import pytest
from rich.console import Console
from typer.testing import CliRunner

from andon.agents.pages import describe_forecast
from andon.cli import forecast as command
from andon.cli.main import app
from andon.planning.book.book import Book
from andon.planning.demand import demand as demands
from andon.planning.forecasting.models import Models
from andon.streams.errors import UserError

FIRST = 20_000
WEEK = (4, 6, 8, 10, 12, 20, 10)


def told(days=60, shaped=False):
    """What a worker's page says of an item after some days."""
    book, models = Book(), Models()
    book.demand.closed = FIRST - 1
    observe = models.observer(book.demand)
    for place in range(days):
        demands.record(book.demand, FIRST + place, WEEK[place % 7])
        demands.close_through(book.demand, FIRST + place, observe=observe)
    if shaped:
        assert models.reshape([1.0] * (days + 40), FIRST, FIRST + days, "week, holidays of DE")
    return describe_forecast(book, models, "S/A")


def shown(found):
    console = Console(width=140)
    with console.capture() as capture:
        console.print(command.panel(found))
    return capture.get()


def test_a_forecast_says_who_speaks_and_how_much_an_order_must_cover():
    text = shown(told(shaped=True))
    assert re.search(r"(9\.\d|10\.\d) a day, says the level x weekday\.", text)
    assert "in 98%" in text
    assert "holidays of DE" in text
    assert "40 days ahead" in text
    assert "level x Prophet" in text


def test_an_item_without_a_closed_day_has_nothing_to_tell():
    assert "No day is closed yet" in shown(told(0))


def test_what_was_expected_of_a_history_is_what_the_level_learned_before_each_day():
    book = Book()
    book.demand.closed = FIRST - 1
    wanted = []
    for place in range(30):
        wanted.append(demands.expected(book.demand, FIRST + place))
        demands.record(book.demand, FIRST + place, WEEK[place % 7])
        demands.close_through(book.demand, FIRST + place)
    assert command.fitted(FIRST, [WEEK[place % 7] for place in range(30)]) == pytest.approx(wanted)


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_forecast_is_drawn(tmp_path, ending):
    file = tmp_path / f"forecast.{ending}"
    command.draw(told(shaped=True), file)
    assert file.stat().st_size > 5000


def test_an_ending_that_names_no_format_is_refused(tmp_path):
    with pytest.raises(UserError, match="plot"):
        command.draw(told(), tmp_path / "forecast.doc")


def test_without_a_worker_it_says_how_to_start_one():
    found = CliRunner().invoke(app, ["forecast", "S/A"], env={"ANDON_METRICS_PORT": "9"})
    assert isinstance(found.exception, UserError)
    assert "start one with `andon worker`" in str(found.exception)
