"""Secrets that stand in files, so that none is seen among a process's arguments."""

from pathlib import Path

from andon.streams.errors import UserError


def read_secret(path: Path) -> str:
    """Return what a file with a secret holds.

    Raises:
        UserError: it cannot be read, or holds nothing.
    """
    try:
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        msg = f"cannot read {path}: {error}"
        raise UserError(msg) from error
    if not found:
        msg = f"{path} is empty"
        raise UserError(msg)
    return found
