"""The documents as a site: every page has its place, every link leads somewhere, and nobody else is asked for anything."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: What a browser fetches by itself.
FETCHED = re.compile(
    r'<(?:script|img|iframe|link rel="?(?:stylesheet|preload|icon)"?)[^>]*?(?:src|href)="(https?:[^"]+)"'
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    told = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return folder


def test_the_site_is_built_without_a_warning_and_its_pages_ask_nobody_else(site):
    pages = {page.relative_to(site).as_posix(): page.read_text() for page in site.rglob("*.html")}
    assert {"index.html", "guide/index.html", "changelog.html"} <= pages.keys()
    assert {name: found for name, text in pages.items() if (found := FETCHED.findall(text))} == {}


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("commands", "Publish a file of real events"),
        ("settings", "ANDON_REPLICATION_FACTOR"),
        ("metrics", "andon_offsets_lost_total"),
    ],
)
def test_the_reference_is_what_the_code_says(site, page, text):
    found = (site / "reference" / f"{page}.html").read_text()
    assert text in found
    assert "[/" not in re.sub(r"<script.*?</script>", "", found, flags=re.DOTALL)
