"""`andon tour`: six lessons on a small world that is played through the agents in this process."""

import asyncio
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from andon.cli.support.options import AsJson
from andon.cli.support.output import print_json, stdout, table
from andon.planning.alerting.sentences import MARKS
from andon.streams.errors import UserError
from andon.streams.settings import load_settings

if TYPE_CHECKING:
    from andon.rehearsal.tour import Lesson, Result, Seen

_TRIES: Final = 3


def tour(
    lesson: Annotated[
        int | None, typer.Option("--lesson", metavar="N", min=1, max=6, help="Only this one.")
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", help="In place of asking; once for each lesson, in their order."),
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="Print the lessons.")] = False,
    learner: Annotated[
        str | None, typer.Option("--learner", metavar="NAME", help="Stands in what --json prints.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Learn Andon in six lessons of about five minutes: order, delay, spike, closed port, expiring goods, the dial.

    Each tells what happens, asks what you would do, plays it through the agents and shows the figures before and after. It needs no
    broker and publishes nothing. The exit code is 1 if an answer was not good. With --json it prints an object a lesson, for a trainer.

    Examples:

        andon tour

        andon tour --lesson 2

        andon tour --lesson 2 --answer quick --json
    """
    # The agents take a second to load, and most commands do without them.
    from andon.rehearsal.lessons import LESSONS  # noqa: PLC0415

    numbered = list(enumerate(LESSONS, 1))
    if show_list:
        _list(numbered, as_json=as_json)
        return
    chosen = [one for one in numbered if lesson in (None, one[0])]
    given = list(answer or ())
    if given and len(given) != len(chosen):
        msg = f"{len(given)} answers for {len(chosen)} lessons: give --answer once for each, or choose one by --lesson"
        raise UserError(msg)
    if as_json and not given:
        msg = "--json asks nobody: give --answer once for each lesson"
        raise UserError(msg)
    results = [
        _take(one, number, given[place] if given else None, quiet=as_json)
        for place, (number, one) in enumerate(chosen)
    ]
    if as_json:
        who = {} if learner is None else {"learner": learner}
        for result in results:
            print_json(who | asdict(result))
    else:
        passed = sum(result.passed for result in results)
        stdout().print(f"{passed} of {len(results)} lessons passed.")
    if not all(result.passed for result in results):
        raise typer.Exit(1)


def _list(numbered: "list[tuple[int, Lesson]]", *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "lesson": number,
                "name": one.name,
                "title": one.title,
                "task": one.task,
                "answers": one.answers,
            }
            for number, one in numbered
        ]
        print_json(rows)
        return
    for number, one in numbered:
        stdout().print(f"{number}  {one.name:6}  {one.title}")


def _take(lesson: "Lesson", number: int, given: str | None, *, quiet: bool) -> "Result":
    """Tell a lesson, ask until the answer is good or has been wrong three times, and return what came of the last one."""
    from andon.rehearsal.tour import answered, look, understood  # noqa: PLC0415

    settings = load_settings(partitions=1)
    before = asyncio.run(look(lesson.world(None), settings))
    if not quiet:
        _tell(lesson, number, before)
    result = None
    for tried in range(1 if given is not None else _TRIES):
        text = given if given is not None else _ask(lesson)
        meant = understood(lesson, text)
        result = asyncio.run(answered(lesson, number, meant, before, settings))
        if not quiet:
            _show(result)
        if result.passed:
            break
        if given is None and tried + 1 < _TRIES:
            stdout().print("Try another answer.")
    assert result is not None
    return result


def _ask(lesson: "Lesson") -> str:
    from andon.rehearsal.tour import WrongAnswer, understood  # noqa: PLC0415

    while True:
        try:
            text: str = typer.prompt(f"Your answer ({lesson.answers})")
        except typer.Abort:
            if sys.stdin.isatty():
                raise
            msg = f"there is no terminal to ask at: give --answer ({lesson.answers})"
            raise UserError(msg) from None
        try:
            return understood(lesson, text)
        except WrongAnswer as wrong:
            stdout().print(str(wrong), style="yellow", soft_wrap=True)


def _tell(lesson: "Lesson", number: int, before: "Seen") -> None:
    from andon.rehearsal.tour import BEFORE  # noqa: PLC0415

    console = stdout()
    console.print(f"Lesson {number}. {lesson.title}", style="bold")
    console.print(lesson.story)
    last = {one.alert_id: one for one in before.alerts}
    live = [one for one in last.values() if one.status != "resolved"]
    if live:
        console.print("On the board:", style="dim")
        for one in live:
            console.print(
                f"  {MARKS[one.severity]} {one.sentence} (said {one.changed_at:%a %d %b %H:%M})"
            )
    made = table("", "now", "#")
    for name, value in lesson.figures(before, BEFORE).items():
        made.add_row(name, _figure(value))
    console.print(made)
    console.print(lesson.task, style="bold")


def _show(result: "Result") -> None:
    console = stdout()
    made = table("", f"after {result.answer}", "before#", "after#")
    for name, value in result.after.items():
        made.add_row(name, _figure(result.before[name]), _figure(value))
    console.print(made)
    console.print(
        f"{'Good' if result.passed else 'Not yet'}. {result.remark}",
        style="green" if result.passed else "yellow",
    )
    console.print()


def _figure(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,}"
