"""Write what the documents show of the topology and the house: `make docs`, or see whether it is current with --check.

Run: python docs/source/generate.py [--check]
"""

import ast
import importlib.util
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from andon.agents.topology import AGENTS, DEADLETTERS, DECISIONS, FORECASTER, KEPT, TIMERS, VIEWS
from andon.schemas.families import FAMILIES
from andon.streams.topics import FAMILIES as TOPIC_FAMILIES

ROOT = Path(__file__).resolve().parents[2]
_DECISIONS = "*decisions*"
STATE = "state"
#: How the picture names what it draws, by kind: tables are drums, topics are rounded.
_TABLE, _TOPIC, _PROGRAM = '{0}[("{1}")]', '{0}(["{1}"])', '{0}["{1}"]'
_IS = {"in": "comes in", "out": "goes out", "internal": "goes round"}


def picture() -> str:
    """Return the flow of events through topics and tables, for Mermaid."""
    lines = ["```mermaid", "flowchart LR"]
    for direction, title in _IS.items():
        names = [name for name, family in FAMILIES.items() if family.direction == direction]
        lines.append(f'  subgraph {direction}_topics["{title}"]')
        lines += [
            f"    {_TOPIC.format(_topic(name), name)}" for name in names if name != DEADLETTERS
        ]
        lines.append("  end")
    lines.append('  subgraph state["state of a partition"]')
    lines += [f"    {_TABLE.format(_table(row.table), row.table)}" for row in KEPT]
    lines.append("  end")
    lines.append(f"  {_PROGRAM.format(FORECASTER.name, FORECASTER.name)}")
    lines += [f"  {arrow}" for arrow in dict.fromkeys(_arrows())]
    return "\n".join([*lines, "```"])


def _topic(family: str) -> str:
    return f"t_{family.replace('.', '_')}"


def _table(name: str) -> str:
    return f"s_{name}"


def _arrows() -> Iterator[str]:
    for row in AGENTS:
        yield f"{_topic(row.reads)} --> {_table(row.home)}"
    for row in AGENTS:
        neighbours = [one for one in AGENTS if one.home == row.home]
        for other in sorted(row.writes - {row.home}):
            all_do = all(other in one.writes for one in neighbours)
            begin = _table(row.home) if all_do else _topic(row.reads)
            yield f"{begin} -.-> {_table(other)}"
    for kept in KEPT:
        for family in _in_order(kept.publishes):
            yield f"{_table(kept.table)} --> {_topic(family)}"
    yield f"{_topic(FORECASTER.reads)} --> {FORECASTER.name}"
    for family in _in_order(FORECASTER.publishes - {DEADLETTERS}):
        yield f"{FORECASTER.name} --> {_topic(family)}"
    for view in VIEWS:
        yield f"{_topic(view.reads)} -.-> {_table(view.serves)}"


def _in_order(families: Iterable[str]) -> list[str]:
    return sorted(families, key=list(FAMILIES).index)


def _tables(names: Iterable[str]) -> str:
    order = [row.table for row in KEPT]
    return ", ".join(f"`{name}`" for name in sorted(names, key=order.index))


def _families(names: Iterable[str]) -> str:
    rest = set(names)
    first = []
    if rest > DECISIONS:
        first, rest = [_DECISIONS], rest - DECISIONS
    return ", ".join([*first, *(f"`{name}`" for name in _in_order(rest))])


def _rows(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |".replace("  ", " ") for cells in lines)


def agents() -> str:
    """Return the table of agents."""
    return _rows(
        ("reads", "what it does", "writes", "publishes", "puts back"),
        (
            (
                f"`{row.reads}`",
                row.does,
                _tables(row.writes),
                _families(row.publishes),
                "yes" if row.puts_back else "",
            )
            for row in AGENTS
        ),
    )


def timers() -> str:
    """Return the table of timers."""
    return _rows(
        ("timer", "what it does", "writes", "publishes"),
        ((row.name, row.does, _tables(row.writes), _families(row.publishes)) for row in TIMERS),
    )


def views() -> str:
    """Return the table of views."""
    return _rows(
        ("reads", "what for"),
        ((f"`{row.reads}`", row.does) for row in VIEWS),
    )


def kept() -> str:
    """Return the table of tables."""
    return _rows(
        ("table", "key", "what a record is", "its outbox publishes"),
        ((f"`{row.table}`", row.keyed_by, row.keeps, _families(row.publishes)) for row in KEPT),
    )


def families() -> str:
    """Return the table of families: who publishes and who reads each."""
    return _rows(
        ("family", "key", "kind", "published by the records of", "read by"),
        (
            (f"`{name}`", family.keyed_by, _kind(name), _publishers(name), _readers(name))
            for name, family in FAMILIES.items()
        ),
    )


def _kind(name: str) -> str:
    family = FAMILIES[name]
    return _IS[family.direction] + (", compacted" if family.compact else "")


def _publishers(name: str) -> str:
    if name == DEADLETTERS:
        return "every agent, the forecaster"
    found = [f"`{row.table}`" for row in KEPT if name in row.publishes]
    found += [FORECASTER.name] if name in FORECASTER.publishes else []
    return ", ".join(found) or "the world"


def _readers(name: str) -> str:
    found = ["its agent"] if any(row.reads == name for row in AGENTS) else []
    found += ["every worker, whole"] if any(row.reads == name for row in VIEWS) else []
    found += [f"the {FORECASTER.name}"] if name == FORECASTER.reads else []
    return ", ".join(found) or "whoever wants to know"


def rights() -> str:
    """Return what workers and forecasters must be allowed to do, and with which topics."""
    read, written = worker_rights()
    who = (
        ("A worker", read, written),
        (f"A {FORECASTER.name}", {FORECASTER.reads}, FORECASTER.publishes),
    )
    lines = (line for name, r, w in who for line in _rights_of(name, r, w))
    return "\n".join(
        textwrap.fill(f"- {line}", 120, subsequent_indent="  ", break_on_hyphens=False)
        for line in lines
    )


def worker_rights() -> tuple[frozenset[str], frozenset[str]]:
    """Return the families that a worker reads, and those that it writes."""
    published = frozenset[str]().union(*(row.publishes for row in KEPT))
    put_back = {row.reads for row in AGENTS if row.puts_back}
    read = frozenset(row.reads for row in (*AGENTS, *VIEWS))
    return read | {STATE}, published | put_back | {STATE, DEADLETTERS}


def _rights_of(name: str, read: AbstractSet[str], written: AbstractSet[str]) -> Iterator[str]:
    for right, names in (
        ("READ and WRITE", read & written),
        ("READ alone", read - written),
        ("WRITE alone", written - read),
    ):
        if names:
            listed = ", ".join(f"`{one}`" for one in TOPIC_FAMILIES if one in names)
            yield f"{name}, {right}: {listed}."


def house() -> str:
    """Return the table of folders: what each holds, and what it may import."""
    rules = _rules()
    return _rows(
        ("folder", "what", "may import"),
        (
            (
                f"`{name}/`",
                _about(ROOT / name),
                ", ".join(f"`{one}`" for one in rules.LAYERS if one in may),
            )
            for name, may in rules.LAYERS.items()
        ),
    )


def rooms() -> str:
    """Return the table of planning's rooms, in the order in which they may import each other."""
    return _rows(
        ("room", "what"),
        ((f"`{name}/`", _about(ROOT / "planning" / name)) for name in _rules().ROOMS),
    )


def _rules() -> Any:
    """Return the module that holds the rules of imports."""
    path = ROOT / "tests" / "test_architecture.py"
    spec = importlib.util.spec_from_file_location("andon_rules", path)
    if spec is None or spec.loader is None:
        msg = f"path: no module at {path}"
        raise ValueError(msg)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _about(folder: Path) -> str:
    """Return a package's own sentence."""
    source = (folder / "__init__.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").splitlines()[0]


PARTS: dict[str, Callable[[], str]] = {
    "picture": picture,
    "agents": agents,
    "timers": timers,
    "views": views,
    "tables": kept,
    "families": families,
    "rights": rights,
    "house": house,
    "rooms": rooms,
}
PAGES = (
    ROOT / "CONTRIBUTING.md",
    ROOT / "docs" / "overview.md",
    ROOT / "docs" / "architecture.md",
    ROOT / "docs" / "deployment.md",
)


def current(text: str) -> str:
    """Return a page with each part between its markers made anew.

    Raises:
        ValueError: a part begins and does not end.
    """
    for name, part in PARTS.items():
        begin, end = f"<!-- {name}: written by `make docs` -->\n", f"<!-- /{name} -->"
        head, mark, rest = text.partition(begin)
        if not mark:
            continue
        _, closing, tail = rest.partition(end)
        if not closing:
            msg = f"text: expected {end!r} after {begin!r}"
            raise ValueError(msg)
        text = f"{head}{begin}\n{part()}\n\n{end}{tail}"
    return text


def main() -> int:
    """Write the pages, or with --check say which are out of date."""
    stale = 0
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        made = current(text)
        if made == text:
            continue
        stale += 1
        if "--check" in sys.argv[1:]:
            print(f"{page.relative_to(ROOT)} is out of date: make docs", file=sys.stderr)
        else:
            page.write_text(made, encoding="utf-8")
    return stale if "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
