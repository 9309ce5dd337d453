"""`andon connect folder --dry-run`: what the files of a folder would bring, without sending or moving anything."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from andon.cli.support.output import print_json, stdout
from andon.connect.edi.inbox import KIND as EDI
from andon.connect.folder import Inbox
from andon.connect.taking import look
from andon.streams.errors import UserError


def show_folder(directory: Path, *, as_json: bool) -> None:
    """Show what the files that wait in a folder would bring.

    Raises:
        UserError: there is no such folder.
        typer.Exit: with code 1, if a file would fail.
    """
    if not directory.is_dir():
        msg = f"there is no folder {directory}"
        raise UserError(msg)
    now = datetime.now(UTC).replace(microsecond=0)
    failed = False
    # Nothing is taken, so that nobody need have finished with it.
    for file in Inbox(directory).waiting(time.time(), 0):
        account = look(file, now)
        failed |= account.get("failed") is not None
        if as_json:
            print_json(account)
        else:
            _show(file.name, account)
    if failed:
        raise typer.Exit(1)


def _show(name: str, account: dict[str, Any]) -> None:
    """Print an account: what would be sent, what was understood, and what is refused and why."""
    say = stdout().print
    what = "segments" if account["kind"] == EDI else "rows"
    if "rows" not in account:
        say(f"{name}: would fail: {account['failed']}", style="red", soft_wrap=True, markup=False)
        return
    refused = sum(group["count"] for group in account["refused"].values())
    say(
        f"{name}: {account['rows']:,} {what}, {account['read']:,} read, {refused:,} refused; {account['events']:,} events",
        soft_wrap=True,
        markup=False,
    )
    if account.get("failed") is not None:
        say(f"  would fail: {account['failed']}", style="red", soft_wrap=True, markup=False)
    for one in account.get("messages", ()):
        why = f" ({one['why']})" if one.get("why") else ""
        say(
            f"  {one['kind']} {one['reference']}: {one['outcome']}{why}",
            soft_wrap=True,
            markup=False,
        )
        for complaint in one["complaints"]:
            say(
                f"    segment {complaint['segment']}: {complaint['text']}",
                soft_wrap=True,
                markup=False,
            )
    for field, column in account.get("columns", {}).items():
        say(f"  {field} is {column!r}", soft_wrap=True, markup=False)
    for reason, group in account["refused"].items():
        where = ", ".join(map(str, group["lines"]))
        text = f"  refused, {reason}: {group['count']:,} ({what} {where} ...) {group['example']}"
        say(text, style="yellow", soft_wrap=True, markup=False)
    for event in account["preview"]:
        say(f"  {event}", soft_wrap=True, markup=False)
