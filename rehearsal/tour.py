"""The tour: a lesson is played through the agents, the learner answers, and what comes of the answer is played, too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from andon.rehearsal.rehearsal import Said, Shown, rehearse
from andon.rehearsal.script import read
from andon.rehearsal.shop import Shop
from andon.schemas.alerts import Alert
from andon.streams.errors import UserError
from andon.streams.settings import Settings

#: The world of the lessons is long past by then, whatever the clock of this machine says.
_AFTERWARDS: Final = datetime(2026, 6, 1, tzinfo=UTC).timestamp()

Figures = Mapping[str, float | str]


class WrongAnswer(UserError, ValueError):
    """An answer that is none: the text says what may be answered."""


@dataclass
class Seen:
    """What was seen of a world: books by the note under which they were shown, alerts, and the shop itself."""

    shop: Shop
    books: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)

    def book(self, note: str, sku: str) -> dict[str, Any]:
        """Return the book of an item as it was shown under a note."""
        return self.books[note][f"{Shop.location}/{sku}"]

    def is_open(self, kind: str, sku: str) -> bool:
        """Whether an alert of a kind is open at the end for an item."""
        return self.last(kind, sku) is not None

    def last(self, kind: str, sku: str | None = None) -> Alert | None:
        """Return what was last said of an alert of a kind that is open at the end; None if none is."""
        now = {one.alert_id: one for one in self.alerts if one.kind == kind and one.sku == sku}
        live = [one for one in now.values() if one.status != "resolved"]
        return live[-1] if live else None


@dataclass(frozen=True)
class Verdict:
    """Whether an answer was good, and why, in a sentence or two."""

    passed: bool
    remark: str


@dataclass(frozen=True)
class Lesson:
    """A lesson: a story, a task, the worlds before and after an answer, what is shown of them and how it is judged."""

    name: str
    title: str
    story: str
    task: str
    #: What may be answered, for people.
    answers: str
    #: Return the answer as it is meant; raises ValueError if it is none.
    parse: Callable[[str], str]
    #: Return the world up to the task, or, with an answer, until its end.
    world: Callable[[str | None], Shop]
    #: What is shown of a world; with the note under which its books were shown.
    figures: Callable[[Seen, str], dict[str, float | str]]
    #: Judge an answer by the worlds before and after it.
    judge: Callable[[str, Seen, Seen], Verdict]


@dataclass(frozen=True)
class Result:
    """What came of a lesson."""

    lesson: int
    name: str
    title: str
    answer: str
    passed: bool
    remark: str
    before: Figures
    after: Figures


async def look(shop: Shop, settings: Settings) -> Seen:
    """Play a world through the agents and return what was seen."""
    seen = Seen(shop)
    steps = read("\n".join(shop.lines), "the lesson")
    async for outcome in rehearse(steps, settings, now=_AFTERWARDS):
        if isinstance(outcome, Said):
            seen.alerts.append(outcome.alert)
        elif isinstance(outcome, Shown) and outcome.book is not None:
            seen.books.setdefault(outcome.note, {})[outcome.key] = outcome.book
    return seen


def understood(lesson: Lesson, answer: str) -> str:
    """Return an answer as it is meant.

    Raises:
        WrongAnswer: it is none; the text says what may be answered.
    """
    try:
        return lesson.parse(answer.strip().lower())
    except ValueError as error:
        msg = f"{lesson.name}: {answer!r} is no answer here: {lesson.answers}"
        raise WrongAnswer(msg) from error


async def answered(
    lesson: Lesson, number: int, answer: str, before: Seen, settings: Settings
) -> Result:
    """Play what comes of an answer and judge it.

    Args:
        lesson: what was asked.
        number: of the lesson.
        answer: as `understood` returned it.
        before: the world up to the task.
        settings: of the worker.
    """
    after = await look(lesson.world(answer), settings)
    verdict = lesson.judge(answer, before, after)
    return Result(
        number,
        lesson.name,
        lesson.title,
        answer,
        verdict.passed,
        verdict.remark,
        lesson.figures(before, BEFORE),
        lesson.figures(after, AFTER),
    )


#: The notes under which lessons show their books: when the task is set, right after the answer, and at the end.
BEFORE: Final = "before"
ANSWERED: Final = "answered"
AFTER: Final = "after"
