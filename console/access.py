"""Who may do what in the console: five roles, what each may do, and what an action needs."""

from typing import Final, Literal, NamedTuple, get_args

from andon.schemas.acks import Action

#: What somebody is here for. A `supplier` is bound to one supplier's name and is shown nothing else.
Role = Literal["viewer", "planner", "buyer", "supplier", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
#: What a page or an action needs: `own` is a supplier's own page; whoever may `read` may read every supplier's. `confirm` is to
#: say what a supplier says to an order: a supplier of its own orders, and who may order for one that called.
#: `import` is to send tables.
Right = Literal["anybody", "signed in", "read", "own", "confirm", "answer", "order", "import"]

_RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    "viewer": frozenset({"anybody", "signed in", "read", "own"}),
    "planner": frozenset({"anybody", "signed in", "read", "own", "answer", "import"}),
    "buyer": frozenset({"anybody", "signed in", "read", "own", "confirm", "answer", "order"}),
    "supplier": frozenset({"anybody", "signed in", "own", "confirm"}),
    "admin": frozenset(
        {"anybody", "signed in", "read", "own", "confirm", "answer", "order", "import"}
    ),
}


class Person(NamedTuple):
    """Who asks."""

    #: As the account has it; empty without accounts, where a page says who answers.
    name: str
    role: Role
    #: The one supplier that a supplier is.
    supplier: str | None = None


#: Who asks where there are no accounts: whoever reaches loopback.
ANYBODY: Final = Person("", "admin")


def may(person: Person | None, right: Right) -> bool:
    """Return whether somebody (None: not signed in) has a right."""
    return right == "anybody" if person is None else right in _RIGHTS[person.role]


def may_see_supplier(person: Person, supplier: str) -> bool:
    """Return whether somebody may see what is known of a supplier."""
    return may(person, "read") or (person.supplier is not None and person.supplier == supplier)


def right_for(action: Action) -> Right:
    """Return what an answer needs: an order commits money, and so needs more than the others."""
    return "order" if action == "ordered" else "answer"
