"""The answers that pages send: who may give each, what is ordered together, and what became of each."""

from datetime import timedelta
from typing import Any, Final

import msgspec
from aiohttp import web

from andon.console.access import Person, Right, may, right_for
from andon.console.answers import AlreadyAnswered, NotOpen, Unfit, Wish
from andon.console.desk import Desk
from andon.console.guard import Page
from andon.console.people import People, name_of
from andon.console.purchasing import Purchasing
from andon.console.replies import posted, reply
from andon.schemas.acks import Ack, Action
from andon.streams.errors import UserError

#: So many alerts can be answered at once.
_MOST_ANSWERS: Final = 200


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer as a page sends it."""

    alert_id: str
    action: Action
    quantity: int | None = None
    shipment_id: str | None = None
    snooze_hours: float | None = None
    comment: str | None = None
    again: bool = False
    #: From whom it is ordered, if not from the alert's own supplier.
    supplier: str | None = None


class Posted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page sends: who answers what."""

    by: str
    answers: list[Given]


class Answering:
    """Takes answers to alerts.

    Args:
        desk: what is known, and what sends answers.
        purchasing: sends those that order.
        people: finds out who answers.
        login: who answers if a page does not say.
    """

    def __init__(self, desk: Desk, purchasing: Purchasing, people: People, login: str) -> None:
        self._desk = desk
        self._purchasing = purchasing
        self._people = people
        self._login = login

    def routes(self) -> list[tuple[str, str, Right, Page]]:
        """Return all there is: how and where it is asked for, what it needs, and what answers."""
        return [("POST", "/api/answers", "answer", self._answers)]

    async def _answers(self, request: web.Request) -> web.Response:
        sent = await posted(request, Posted, named="answers are", unfit="this is no answer")
        if not 0 < len(sent.answers) <= _MOST_ANSWERS:
            return reply({"error": f"1 to {_MOST_ANSWERS} alerts are answered at once"}, 400)
        person = self._people.person(request)
        if person is None:
            return reply({"error": "sign in first"}, 401)
        by = name_of(person, sent.by, self._login)
        place = {given.alert_id: number for number, given in enumerate(sent.answers)}
        others = [given for given in sent.answers if not _is_order(given)]
        results = await self._order(sent.answers, by, person)
        results += [await self._answer(given, by, person) for given in others]
        results.sort(key=lambda one: place[one["alert_id"]])
        failed = [one for one in results if "error" in one]
        status = 200 if len(failed) < len(results) else int(failed[0]["status"])
        return reply({"results": results}, status)

    async def _order(self, answers: list[Given], by: str, person: Person) -> list[dict[str, Any]]:
        """Order what some answers ask for, together; an alert that comes twice is ordered as it came first."""
        given = [one for one in answers if _is_order(one)]
        if given and not may(person, right_for("ordered")):
            return [
                _failure(one, 403, f"a {person.role} does not answer with {one.action!r}")
                for one in given
            ]
        wishes = [
            (
                one.alert_id,
                Wish(
                    "ordered",
                    by,
                    quantity=one.quantity,
                    comment=one.comment or None,
                    again=one.again,
                    supplier=one.supplier,
                ),
            )
            for one in given
        ]
        try:
            told = await self._purchasing.order(wishes) if wishes else []
        except Exception as error:  # noqa: BLE001 - whatever a broker does, the page is told that nothing was sent for sure
            return [_failure(one, 502, f"it could not be sent: {error}") for one in given]
        return [_ordered(one, became) for one, became in zip(given, told, strict=True)]

    async def _answer(self, given: Given, by: str, person: Person) -> dict[str, Any]:
        if not may(person, right_for(given.action)):
            return _failure(given, 403, f"a {person.role} does not answer with {given.action!r}")
        try:
            snooze = None if given.snooze_hours is None else timedelta(hours=given.snooze_hours)
            wish = Wish(
                given.action,
                by,
                snooze=snooze,
                quantity=given.quantity,
                shipment_id=given.shipment_id,
                comment=given.comment or None,
                again=given.again,
            )
            told = await self._desk.answer(given.alert_id, wish)
        except AlreadyAnswered as error:
            return _failure(given, 409, error) | {"by": error.answer.by}
        except NotOpen as error:
            return _failure(given, 404, error)
        except (Unfit, OverflowError, ValueError) as error:
            return _failure(given, 400, error)
        except Exception as error:  # noqa: BLE001 - whatever a broker does, the page is told that nothing was sent for sure
            return _failure(given, 502, f"it could not be sent: {error}")
        return {"alert_id": given.alert_id, "sent": told}


def _is_order(given: Given) -> bool:
    """Whether an answer buys; one with a number tells of what was bought elsewhere."""
    return given.action == "ordered" and given.shipment_id is None


def _ordered(given: Given, told: Ack | UserError) -> dict[str, Any]:
    """Return what a page is told of an order."""
    if isinstance(told, AlreadyAnswered):
        return _failure(given, 409, told) | {"by": told.answer.by}
    if isinstance(told, NotOpen):
        return _failure(given, 404, told)
    if isinstance(told, UserError):
        return _failure(given, 400, told)
    return {"alert_id": given.alert_id, "sent": told}


def _failure(given: Given, status: int, error: object) -> dict[str, Any]:
    return {"alert_id": given.alert_id, "status": status, "error": str(error)}
