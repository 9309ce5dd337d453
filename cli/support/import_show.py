"""What was understood of a table, for people."""

from typing import Any

from rich.console import Console

from andon.cli.support.output import table
from andon.connect.imports.survey import Group, Survey
from andon.connect.tables.table import described


def show(made: Survey, file: str, before: int, console: Console) -> None:
    """Print what was understood of a table, its first rows as they would be sent, and the account of its rows.

    Args:
        made: the survey.
        file: its name.
        before: how many of the events were imported before.
        console: where to.
    """
    console.print(f"{file}: {described(made.understood)}", soft_wrap=True)
    fields = table("", "field", "column")
    for field, column in made.columns.items():
        fields.add_row(field, column)
    console.print(fields)
    if made.unused:
        console.print(f"not used: {', '.join(made.unused)}", soft_wrap=True)
    console.print()
    _show_events(made.preview, console)
    counts = table("", "", "rows#", "lines", "")
    counts.add_row("read", f"{made.read:,}", "", "")
    for title, groups in (("skipped", made.skipped), ("refused", made.refused)):
        for name, group in groups.items():
            counts.add_row(f"{title}: {name}", f"{group.count:,}", _lines(group), group.example)
    counts.add_section()
    counts.add_row("all" if made.balanced else "all (does not add up)", f"{made.rows:,}", "", "")
    console.print(counts)
    console.print(
        f"{made.events:,} events" + (f", {before:,} of them imported before" if before else "")
    )
    for note in made.notes:
        console.print(f"note: {note}", soft_wrap=True)
    if made.stopped is not None:
        console.print(f"stopped: {made.stopped}", soft_wrap=True)


def _lines(group: Group) -> str:
    more = ", ..." if group.count > len(group.lines) else ""
    return ", ".join(map(str, group.lines)) + more


def _show_events(events: list[dict[str, Any]], console: Console) -> None:
    if not events:
        return
    flat = [_flat(event) for event in events]
    names = list(dict.fromkeys(name for event in flat for name in event))
    shown = table(f"the first {len(events)} as they would be sent", *names)
    for event in flat:
        shown.add_row(*(event.get(name, "") for name in names))
    console.print(shown)


def _flat(event: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in event.items():
        if isinstance(value, list):
            found[name] = "; ".join(
                " ".join(f"{key}={one}" for key, one in part.items())
                if isinstance(part, dict)
                else str(part)
                for part in value
            )
        else:
            found[name] = str(value)
    return found
