"""Whatever is run from bench/ says how."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
RUN_BY_HAND = sorted(
    path.name
    for path in BENCH.glob("*.py")
    if "ArgumentParser" in (text := path.read_text()) and "__main__" in text
)


@pytest.mark.parametrize("name", RUN_BY_HAND)
def test_a_benchmark_begins_from_a_shell_and_says_how_it_is_run(name):
    said = subprocess.run(
        [sys.executable, BENCH / name, "--help"], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    assert re.match(rf"usage: {name} ", said.stdout)
