"""What a file expects, in plain JSON, and what of it did not come true.

A value is expected as it is, or by a condition: `{"from": 90, "to": 100}` (either alone, too), `{"about": 30, "within": 2}`,
`{"not": 0}`, `{"any_of": ["warning", "critical"]}`, `{"has": "runs out"}`. Times are RFC 3339, and compared as times.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, Self, get_args

import msgspec

from andon.planning.alerting.alerts import parse_alert_id
from andon.schemas.alerts import Alert, AlertKind

#: What is expected of dead letters, instead of an item's key.
DEADLETTERS: Final = "deadletters"
KINDS: Final[tuple[str, ...]] = get_args(AlertKind)
_CONDITIONS: Final = frozenset({"from", "to", "about", "within", "not", "any_of", "has"})
_COMPARED: Final = frozenset({"from", "to", "about", "within"})
#: By these an element of a list is named, as well as by its place.
_NAMES: Final = ("shipment_id", "alert_id", "kind", "supplier", "from_location", "name")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SAME: Final = 1e-9

#: Of each kind of alert, what its fields must be.
Wanted = dict[str, dict[str, Any]]


class Failure(NamedTuple):
    """Something that did not come true: what of what, and what was found instead."""

    what: str
    expected: Any
    found: Any


class Expectation(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is expected of one item, shipment, disruption or supplier, or of the dead letters, at this place of a file."""

    #: `location/sku`, an order's id, or what else an alert's id names; or `deadletters`.
    expect: str
    #: Fields of the book, as `andon item --json` prints it; null if there must be none.
    book: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    #: Fields of the purchase order of this id, as `andon orders --json` prints it; null if there must be none.
    order: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    #: Kinds of alerts that are open now; with fields of each, as last said.
    open: tuple[str, ...] | Wanted = ()
    #: Kinds of alerts that are not open now.
    not_open: tuple[str, ...] = ()
    #: Kinds of alerts of which something was said (since `since`) that has these fields.
    said: tuple[str, ...] | Wanted = ()
    #: Kinds of alerts of which nothing was said (since `since`).
    never: tuple[str, ...] = ()
    since: datetime | None = None
    #: Why records became dead letters so far, in their order.
    reasons: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    note: str = ""

    def checked(self) -> Self:
        """Return this.

        Raises:
            ValueError: it expects nothing, a kind of alert is none, or a condition makes no sense.
        """
        for name in ("open", "not_open", "said", "never"):
            unknown = set(getattr(self, name)) - set(KINDS)
            if unknown:
                msg = f"{name}: there is no kind of alert {min(unknown)!r}: it is one of {', '.join(KINDS)}"
                raise ValueError(msg)
        fields = set(Alert.__struct_fields__)
        for kind, wanted in (*_wanted(self.open), *_wanted(self.said)):
            unknown = set(wanted) - fields
            if unknown:
                msg = f"{kind}: an alert has no field {min(unknown)!r}"
                raise ValueError(msg)
            _check(wanted)
        if self.since is not None and self.since.tzinfo is None:
            msg = "since: a time needs an offset, such as 2026-03-05T07:00:00Z"
            raise ValueError(msg)
        if isinstance(self.book, dict):
            _check(self.book)
        of_letters = self.expect == DEADLETTERS
        if of_letters != (self.reasons is not msgspec.UNSET):
            msg = f"`reasons` are expected of {DEADLETTERS}, and nothing else is"
            raise ValueError(msg)
        if isinstance(self.order, dict):
            _check(self.order)
        of_state = self.book is not msgspec.UNSET or self.order is not msgspec.UNSET
        if not of_letters and not of_state and not self._alerts_are_expected:
            msg = "nothing is expected: say `book`, `order`, `open`, `not_open`, `said` or `never`"
            raise ValueError(msg)
        return self

    @property
    def _alerts_are_expected(self) -> bool:
        return any((self.open, self.not_open, self.said, self.never))

    def failures(
        self,
        book: dict[str, Any] | None,
        said: Iterable[Alert],
        reasons: tuple[str, ...] = (),
        order: dict[str, Any] | None = None,
    ) -> list[Failure]:
        """Return what did not come true.

        Args:
            book: as `andon item --json` prints it; None if nothing is known of the item.
            said: all changes of alerts so far, in their order.
            reasons: why records became dead letters so far.
            order: the purchase order of this id; None if there is none.
        """
        if self.reasons is not msgspec.UNSET:
            same = self.reasons == reasons
            return [] if same else [Failure("reasons", self.reasons, reasons)]
        found: list[Failure] = []
        if self.book is not msgspec.UNSET:
            found += _differences("book", self.book, book)
        if self.order is not msgspec.UNSET:
            found += _differences("order", self.order, order)
        mine = [alert for alert in said if parse_alert_id(alert.alert_id)[1] == self.expect]
        last = {alert.alert_id: alert for alert in mine}
        now_open = [alert for alert in last.values() if alert.status != "resolved"]
        lately = [one for one in mine if self.since is None or one.changed_at >= self.since]
        found += _missing("open", self.open, now_open)
        found += _present("not_open", self.not_open, now_open)
        found += _missing("said", self.said, lately)
        found += _present("never", self.never, lately)
        return found


def _wanted(kinds: tuple[str, ...] | Wanted) -> list[tuple[str, dict[str, Any]]]:
    return list(kinds.items()) if isinstance(kinds, dict) else [(kind, {}) for kind in kinds]


def _missing(what: str, kinds: tuple[str, ...] | Wanted, alerts: list[Alert]) -> Iterator[Failure]:
    """Yield what is wrong with the alerts of these kinds: of several, one must be right, and the last is shown."""
    for kind, wanted in _wanted(kinds):
        of_kind = [
            msgspec.to_builtins(msgspec.structs.asdict(one)) for one in alerts if one.kind == kind
        ]
        faults = [list(_differences(f"{what} {kind}", wanted, one)) for one in of_kind]
        if not faults:
            yield Failure(f"{what} {kind}", "an alert", "none")
        elif all(faults):
            yield from faults[-1]


def _present(what: str, kinds: tuple[str, ...], alerts: list[Alert]) -> Iterator[Failure]:
    for kind in kinds:
        of_kind = [alert for alert in alerts if alert.kind == kind]
        if of_kind:
            yield Failure(f"{what} {kind}", "no alert", of_kind[-1].sentence)


def _check(expected: Any) -> None:
    """Refuse a condition that mixes up words, wherever it stands."""
    if not isinstance(expected, dict):
        return
    words = _CONDITIONS & expected.keys()
    if words and words != expected.keys():
        msg = f"a condition has no {min(expected.keys() - words)!r}"
        raise ValueError(msg)
    if ("within" in words) != ("about" in words):
        msg = "`about` and `within` go together"
        raise ValueError(msg)
    for name in _COMPARED & words:
        _bound(expected[name])
    if words:
        return
    for value in expected.values():
        _check(value)


def _differences(what: str, expected: Any, found: Any) -> Iterator[Failure]:
    if not isinstance(expected, dict):
        if not _same(expected, found):
            yield Failure(what, expected, found)
    elif expected and expected.keys() <= _CONDITIONS:
        if not _holds(expected, found):
            yield Failure(what, expected, found)
    else:
        for name, value in expected.items():
            inner = _inside(found, name)
            if inner is None and isinstance(value, dict) and not value.keys() <= _CONDITIONS:
                yield Failure(f"{what}.{name}", value, None)
            else:
                yield from _differences(f"{what}.{name}", value, inner)


def _inside(found: Any, name: str) -> Any:
    """Return a field of an object or an element of a list, by its place or one of its names; None if there is none."""
    if isinstance(found, Mapping):
        return found.get(name)
    if isinstance(found, list | tuple):
        if name.isdigit():
            return found[int(name)] if int(name) < len(found) else None
        for one in found:
            if isinstance(one, Mapping) and name in (one.get(key) for key in _NAMES):
                return one
    return None


def _holds(condition: dict[str, Any], found: Any) -> bool:
    if "not" in condition and _same(condition["not"], found):
        return False
    if "any_of" in condition and not any(_same(one, found) for one in condition["any_of"]):
        return False
    if "has" in condition and not (isinstance(found, str) and condition["has"] in found):
        return False
    value = _number(found) if _COMPARED & condition.keys() else 0.0
    if value is None:
        return False
    if "from" in condition and value < _bound(condition["from"]) - _SAME:
        return False
    if "to" in condition and value > _bound(condition["to"]) + _SAME:
        return False
    about = condition.get("about")
    return about is None or abs(value - _bound(about)) <= _bound(condition["within"]) + _SAME


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, bool) or isinstance(found, bool) or expected is None or found is None:
        return expected is found
    if isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        return len(expected) == len(found) and all(map(_same, expected, found))
    if expected == found:
        return True
    left, right = _number(expected), _number(found)
    return left is not None and right is not None and abs(left - right) <= _SAME * max(abs(left), 1)


def _bound(value: Any) -> float:
    number = _number(value)
    if number is None:
        msg = f"expected a number, a time or a duration, got {value!r}"
        raise ValueError(msg)
    return number


def _number(value: Any) -> float | None:
    """Return a number, the seconds since 1970 of a time, or the seconds of a duration such as 6h; None for all else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        duration = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", value)
        if duration is not None:
            return float(duration[1]) * _UNITS[duration[2]]
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return None
        return at.timestamp() if at.tzinfo is not None else None
    return None
