"""The command line, run as from a shell but within the test's own process."""

import contextlib
import io

from andon.cli import main


def andon(*arguments):
    """Return exit code, output and what was told the user."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main.code_of(list(arguments))
    return code, out.getvalue(), err.getvalue()
