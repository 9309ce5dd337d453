"""Files as people have them, which lie outside the repository, where there are any."""

import os
from pathlib import Path

import pytest

CASES = Path(os.environ.get("ANDON_CASES", Path(__file__).parents[3] / "shared" / "cases"))


def case_file(name):
    """Return the path of a file of the cases; skip the test where it is missing."""
    path = CASES / "files" / name
    if not path.exists():
        pytest.skip(f"case file {path} is missing: set ANDON_CASES to the folder with the cases")
    return path
