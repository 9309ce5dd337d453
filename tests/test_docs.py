"""The documents: drawn from the code where they show it, and quoting nothing that is not there."""

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: What is generated, downloaded or not text.
NOT_READ = {".png", ".svg", ".json", ".lock", ".gz", ".csv", ".LICENSE"}


def tracked():
    """Return the tracked files, and those about to be."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs git and a clone", allow_module_level=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


FILES = tracked()
FOLDERS = {path.relative_to(ROOT).parts[0] for path in FILES if path.parent != ROOT}
#: A path that begins with one of the folders at the top.
QUOTED = re.compile(
    rf"(?<![\w./-])((?:{'|'.join(map(re.escape, sorted(FOLDERS)))})/[\w./-]*[\w/])(?![\w*{{])"
)
TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8", errors="replace")
    for path in FILES
    if path.suffix not in NOT_READ and not path.is_symlink() and path != Path(__file__)
}
DOCUMENTS = {name: text for name, text in TEXTS.items() if name.endswith(".md")}
#: What looks like a path of the repository and is something else.
NOT_PATHS = {"grafana/grafana"}  # the name of an image


def missing(text):
    """Return the quoted paths that do not exist."""
    return sorted({one for one in QUOTED.findall(text) if not (ROOT / one).exists()} - NOT_PATHS)


@pytest.mark.parametrize("name", TEXTS)
def test_no_file_quotes_a_path_that_is_not_there(name):
    assert missing(TEXTS[name]) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file(name):
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", DOCUMENTS[name])
    assert [one for one in links if not ((ROOT / name).parent / one).exists()] == []


def test_the_overview_leads_to_every_document():
    here = DOCUMENTS["docs/overview.md"]
    documents = (name for name in DOCUMENTS if re.fullmatch(r"docs/[\w-]+\.md", name))
    assert [
        name
        for name in documents
        if f"]({Path(name).name}" not in here and name != "docs/overview.md"
    ] == []


#: A block of code, fenced, perhaps within a list.
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
MOST_OF_A_CELL = 220


def slug(heading):
    """Return the anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def anchors(text):
    """Return the anchors of a document's headings; of equal ones the later have numbers."""
    found = []
    for heading in re.findall(r"^#+ +(.*)$", FENCED.sub("", text), re.MULTILINE):
        name = slug(heading)
        found.append(f"{name}-{found.count(name)}" if name in found else name)
    return set(found)


def lost_anchors(name, text):
    """Return the links of a document that lead to no heading."""
    lost = []
    for path, anchor in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)", text):
        target = (ROOT / name).parent / path
        there = text if not path else ""
        if path.endswith(".md") and target.is_file():
            there = target.read_text(encoding="utf-8")
        if there and anchor not in anchors(there):
            lost.append(f"{path}#{anchor}")
    return lost


def wide_cells(text):
    """Return the cells of a document's tables that fit no screen."""
    rows = [line for line in FENCED.sub("", text).splitlines() if line.startswith("|")]
    cells = [cell.strip() for row in rows for cell in re.split(r"(?<!\\)\|", row)]
    return [cell for cell in cells if len(cell) > MOST_OF_A_CELL]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_into_a_document_leads_to_a_heading(name):
    assert lost_anchors(name, DOCUMENTS[name]) == []


def test_a_link_to_no_heading_is_found_out():
    page = "# One page\n\n## `andon up`, twice\n\n```sh\n# no heading\n```\n"
    assert anchors(page) == {"one-page", "andon-up-twice"}
    assert lost_anchors("docs/x.md", f"{page}[a](#one-page) [b](#no-heading)") == ["#no-heading"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_cells_of_tables_fit_a_screen(name):
    assert wide_cells(DOCUMENTS[name]) == []


def test_a_cell_that_fits_no_screen_is_found_out():
    assert wide_cells(f"| a | {'b' * 221} |") == ["b" * 221]
    assert wide_cells(f"| a | {'b' * 220} |\n```\n| {'c' * 300} |\n```") == []


def test_no_document_names_a_test_that_is_not_there():
    source = "\n".join(text for name, text in TEXTS.items() if name.endswith(".py"))
    tests = set(re.findall(r"def (test_\w+)", source)) | {path.stem for path in FILES}
    named = {one for text in DOCUMENTS.values() for one in re.findall(r"`(test_\w+)`", text)}
    assert named - tests == set()


def generator():
    path = ROOT / "docs" / "source" / "generate.py"
    spec = importlib.util.spec_from_file_location("andon_docs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_the_documents_show_of_the_machine_is_current():
    made = generator()
    stale = [page.name for page in made.PAGES if made.current(page.read_text()) != page.read_text()]
    assert stale == [], "make docs"


def test_every_part_is_shown_somewhere():
    made = generator()
    text = "".join(page.read_text() for page in made.PAGES)
    assert [name for name in made.PARTS if f"<!-- {name}: written by" not in text] == []


def test_a_page_that_is_behind_is_found_out():
    made = generator()
    page = (ROOT / "docs" / "architecture.md").read_text()
    behind = page.replace("t_pos --> s_books", "t_pos --> s_models")
    assert behind != page
    assert made.current(behind) == page


def test_a_quoted_path_that_is_not_there_is_found_out():
    assert missing("see `planning/position.py`") == ["planning/position.py"]
    assert missing("see `planning/book/position.py` and https://x.org/docs/no.md") == []


def test_the_glossary_has_each_word_once_and_in_a_line():
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", DOCUMENTS["docs/glossary.md"], re.MULTILINE)
    words = [word for word, _ in rows if word not in ("word", "---")]
    assert len(words) == len(set(words)) > 40
    assert [word for word, means in rows if len(means) > 120] == []
