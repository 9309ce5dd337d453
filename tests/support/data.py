"""Public data that lies outside the repository, where there is any."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("ANDON_DATA", Path(__file__).parents[3] / "shared" / "data"))


def data_file(name):
    """Return the path of a file of the public data; skip the test where it is missing."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"data file {path} is missing: set ANDON_DATA to the folder with the data")
    return path
