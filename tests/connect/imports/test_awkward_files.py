"""Files as they come: each is read as it is meant, or refused with what to do; nothing is guessed, and every row is told."""

import io
import zipfile

import msgspec
import pytest
from support.imports import NOW
from support.workbooks import write_workbook

from andon.connect.imports.mapping import Mapping
from andon.connect.imports.spool import Spool
from andon.connect.imports.survey import survey
from andon.connect.tables.errors import FormatError
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import options_of

HEAD = "date,store,sku,quantity\n"
ROW = "2026-03-04,S,A,2\n"
SOLD = [("A", 2)]


def looked_at(kind, content, path, said):
    """Return the survey of a file, and what it sends, as pairs of item and number."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if "table" in said:
        said = {**said, "table": options_of(**said["table"])}
    with InputFile(path) as file, Spool() as spool:
        made = survey(file, Mapping(kind=kind, **said), spool, now=NOW)
        assert made.balanced
        sent = [msgspec.json.decode(one.value) for one in spool]
    number = {
        "sales": lambda one: one["quantity"],
        "items": lambda one: round(one["sources"][0]["lead_time_days"], 3),
        "orders": lambda one: one["lines"][0]["quantity"],
    }[kind]
    return made, [(one.get("sku") or one["lines"][0]["sku"], number(one)) for one in sent]


def quantity(text):
    return HEAD.replace(",", ";") + f"2026-03-04;S;A;{text}\n"


def workbook(*rows, sheets=None):
    packed = io.BytesIO()
    write_workbook(packed, sheets or {"Sales": [["date", "store", "sku", "quantity"], *rows]})
    return packed.getvalue()


def archive():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("sales.csv", HEAD + ROW)
    return packed.getvalue()


#: The beginning of what Excel writes for a workbook with a password: a container, and its directory.
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le")
XLSX = workbook([46085, "S", "A", 2])
CAFE = "2026-03-04,S,CAFÉ,2\n"

#: What is read as it is meant: name, content, what is sent, and what is said of it.
READ = [
    ("a title above the head", "Sales report 2026\n\n" + HEAD + ROW, SOLD, {}),
    ("a title with empty cells", "Report;;;\nprinted 4 March;;;\n" + (HEAD + ROW).replace(",", ";"), SOLD, {}),
    ("the head once more", HEAD + ROW + HEAD + "2026-03-05,S,A,3\n", [("A", 2), ("A", 3)], {}),
    ("old Mac's line ends", (HEAD + ROW).replace("\n", "\r"), SOLD, {}),
    ("blank lines between", HEAD + "\n" + ROW + "\n\n", SOLD, {}),
    ("a delimiter at the end", "date,store,sku,quantity,\n2026-03-04,S,A,2,\n", SOLD, {}),
    ("what Excel says of its delimiter", "sep=;\n" + (HEAD + ROW).replace(",", ";"), SOLD, {}),
    ("UTF-16 with a mark", (HEAD + CAFE).encode("utf-16"), [("CAFÉ", 2)], {}),
    ("UTF-8 with a mark", (HEAD + CAFE).encode("utf-8-sig"), [("CAFÉ", 2)], {}),
    ("dates as Excel counts them", HEAD + "46085,S,A,2\n46086.5,S,A,3\n", [("A", 2), ("A", 3)], {}),
    ("a code kept by a formula", HEAD + '2026-03-04,S,"=""0042""",2\n', [("0042", 2)], {}),
    ("thin spaces between thousands", quantity("1\u2009234"), [("A", 1234)], {}),
    ("spaces as wide as a figure", quantity("1\u2007234"), [("A", 1234)], {}),
    ("spaces that do not break", quantity("1\u00a0234\u202f567"), [("A", 1_234_567)], {}),
    ("a mark that nobody sees", quantity("\u200e5"), [("A", 5)], {}),
    ("pieces behind a number", quantity("5 Stk"), [("A", 5)], {}),
    ("pieces with a point", quantity("1.234,0 St."), [("A", 1234)], {}),
    ("a unit behind a number", quantity("2,5 kg"), [("A", 2500)], {"units": {"kg": 1000.0}}),
    ("thousands of a unit, said", quantity("1.234 kg"), [("A", 1234)], {"units": {"kg": 1.0}, "table": {"decimal": ","}}),
    ("a column twice that nobody reads", "date,store,sku,quantity,x,x\n2026-03-04,S,A,2,1,1\n", SOLD, {}),
    ("a head and no rows", HEAD, [], {}),
    ("a workbook", XLSX, SOLD, {}),
    ("a workbook with a head and no rows", workbook(), [], {"name": "a.xlsx"}),
    ("a workbook named .xls", XLSX, SOLD, {"name": "a.xls"}),
    ("a workbook named .csv", XLSX, SOLD, {"name": "a.csv"}),
    ("a sign that a map names", HEAD + "2026-03-04,S,A\u00a0B,2\n", [("AB", 2)], {"map": "A\u00a0B,AB\n"}),
]  # fmt: skip

#: What a lead time is in days; None is refused.
LEAD_TIMES = {
    "5 Tage": 5, "5 d": 5, "5 jours": 5, "2 weeks": 14, "2 Wochen": 14, "1,5 Wo.": 10.5, "3 semanas": 21, "48 h": 2, "36 Stunden": 1.5,
    "7": 7, "1 Monat": None, "2 months": None, "5-7": None, "2-3 Wochen": None, "5 bis 7 Tage": None, "5 Werktage": None,
    "10 business days": None, "ca. 5": None, "5 Stk": None, "5 EUR": None, "soon": None,
}  # fmt: skip

#: Rows that are refused: name, content, the reason and the lines, and what is said.
REFUSED = [
    ("a time as a quantity", quantity("5 Tage"), {"unit quantity": [2]}, "unit of time"),
    ("an unknown unit", quantity("5 KG"), {"unit quantity": [2]}, "--unit KG=FACTOR"),
    ("money as a quantity", quantity("€5"), {"number quantity": [2]}, "amount of money"),
    ("money behind a number", quantity("5 €"), {"number quantity": [2]}, "amount of money"),
    ("a formula", quantity("=2+3"), {"number quantity": [2]}, "no number"),
    ("an error of a spreadsheet", quantity("#N/A"), {"number quantity": [2]}, "no number"),
    ("a half", quantity("½"), {"number quantity": [2]}, "no number"),
    ("digits of another script", quantity("\u0665"), {"number quantity": [2]}, "no number"),
    ("totals at the end", HEAD + ROW + "Total,,,2\n,,Summe,2\n", {"total": [3], "total sku": [4]}, "sum of other rows"),
    ("a sum without a word", HEAD + ROW + ",,,2\n", {"missing sku": [3]}, "nothing there"),
    ("mixed encodings", (HEAD + CAFE).encode() + CAFE.encode("cp1252"), {"encoding": [3]}, "no utf-8"),
    ("a code with a break in it", HEAD + '2026-03-04,S,"A\nB",2\n', {"code sku": [3]}, "nobody sees"),
    ("a code with a sign of no width", HEAD + "2026-03-04,S,A\u200b,2\n", {"code sku": [2]}, "nobody sees"),
    ("too few and too many cells", HEAD + "2026-03-04,S,A\n2026-03-04,S,A,2,3\n", {"columns": [2, 3]}, "as many columns"),
    ("a quote that is not closed", HEAD + '2026-03-04,S,"A,2\n2026-03-05,S,B,2\n', {"columns": [3]}, "not closed"),
    ("a code taken for a number", HEAD + "2026-03-04,S,4.00638E+12,2\n", {"code sku": [2]}, "export the column as text"),
    ("an hour that is none", "date,time,store,sku,quantity\n2026-03-04,24:00,S,A,2\n", {"date time": [2]}, "no date"),
    ("a unit behind and another beside", "date,store,sku,quantity,unit\n2026-03-04,S,A,5 kg,pcs\n", {"unit quantity": [2]}, "beside it"),
]  # fmt: skip

#: Files of which nothing is read: name, content, and what is said.
NOT_READ = [
    ("a workbook that is cut off", XLSX[: len(XLSX) // 2], "cut off", "a.xlsx"),
    ("a workbook without its end", XLSX[:-10], "cut off", "a.xlsx"),
    ("a workbook with a directory that is none", XLSX[:-200] + b"\0" * 100 + XLSX[-100:], "no workbook", "a.xlsx"),
    ("a workbook with a password", LOCKED, "password", "a.xlsx"),
    ("an old workbook that is broken", LOCKED[:512], "save it as .xlsx", "a.xlsx"),
    ("an archive", archive(), "ZIP archive of something else", "a.zip"),
    ("a page as a workbook", "<html><table><tr><td>sku</td></tr></table></html>", "web page", "a.xls"),
    ("a PDF", b"%PDF-1.4\n%\xe2\xe3\n", "a PDF", "a.csv"),
    ("zeros between", HEAD + "2026-03-04,S,A\0,2\n", "no text", "a.csv"),
    ("nothing", "", "empty", "a.csv"),
    ("blank lines", "\n\n\n", "empty", "a.csv"),
    ("a column twice", "date,store,sku,quantity,quantity\n2026-03-04,S,A,2,2\n", r"columns 4 and 5", "a.csv"),
    ("one encoding that is not UTF-8", (HEAD + CAFE).encode("cp1252"), "--encoding cp1252", "a.csv"),
    ("thousands of a unit", quantity("1.234 kg"), "--decimal", "a.csv"),
    ("blanks between cells", "date store sku quantity\n2026-03-04 S A 2\n", "--delimiter", "a.csv"),
    ("a column for each day", "sku,2026-03-01,2026-03-02\nA,1,2\n", "a row for each", "a.csv"),
    ("dates of which each could be two", HEAD + "03/04/2026,S,A,2\n", "--date-format", "a.csv"),
    ("several sheets", workbook(sheets={"One": [["a"]], "Two": [["b"]]}), "--sheet", "a.xlsx"),
]  # fmt: skip


def ids(table):
    return [one[0] for one in table]


@pytest.fixture(autouse=True)
def _excel():
    pytest.importorskip("python_calamine", reason="needs the extra andon[excel]")


def test_there_are_enough_of_them():
    assert len(READ) + len(REFUSED) + len(NOT_READ) + len(LEAD_TIMES) > 75


@pytest.mark.parametrize(("name", "content", "sent", "said"), READ, ids=ids(READ))
def test_a_file_that_is_awkward_is_read_as_it_is_meant(name, content, sent, said, tmp_path):
    said = dict(said)
    path = tmp_path / said.pop("name", "a.xlsx" if content == XLSX else "file")
    if "map" in said:
        (tmp_path / "codes.csv").write_text("theirs,ours\n" + said.pop("map"), encoding="utf-8")
        said["maps"] = {"sku": str(tmp_path / "codes.csv")}
    made, found = looked_at("sales", content, path, said)
    assert (found, made.refused) == (sent, {})


@pytest.mark.parametrize(("text", "days"), LEAD_TIMES.items(), ids=list(LEAD_TIMES))
def test_a_lead_time_is_days_or_refused(text, days, tmp_path):
    content = f"sku;supplier;lead_time_days\nA;X;{text}\n"
    made, found = looked_at("items", content, tmp_path / "items.csv", {"locations": ("S",)})
    assert found == ([] if days is None else [("A", days)])
    assert (made.refused != {}) == (days is None)


@pytest.mark.parametrize(
    ("head", "days"),
    [("Lieferzeit (Wochen)", 14), ("Lead time (days)", 2), ("Lieferzeit", 2), ("Lead time in months", None)],
)  # fmt: skip
def test_the_name_of_a_column_may_say_what_its_numbers_count(head, days, tmp_path):
    said = {"locations": ("S",), "columns": {"lead_time_days": head}}
    content = f"sku,supplier,{head}\nA,X,2\n"
    made, found = looked_at("items", content, tmp_path / "items.csv", said)
    assert found == ([] if days is None else [("A", days)])
    assert days is not None or "certain number of days" in next(iter(made.refused.values())).example


def test_packs_and_minimum_orders_may_have_their_pieces_behind_them(tmp_path):
    content = "sku;supplier;lead_time_days;pack_size;minimum_order\nA;X;2;12 Stk;24 pcs\nB;X;2;1 Karton;24\n"
    path = tmp_path / "items.csv"
    path.write_text(content)
    with InputFile(path) as file, Spool() as spool:
        made = survey(file, Mapping(kind="items", locations=("S",)), spool, now=NOW)
    assert [(one["pack_size"], one["minimum_order"]) for one in made.preview] == [(12, 24)]
    assert {name: group.lines for name, group in made.refused.items()} == {"unit pack_size": [3]}


@pytest.mark.parametrize(("name", "content", "lines", "text"), REFUSED, ids=ids(REFUSED))
def test_a_row_that_is_not_clear_is_refused_with_its_line(name, content, lines, text, tmp_path):
    made, _ = looked_at("sales", content, tmp_path / "sales.csv", {})
    assert {reason: group.lines for reason, group in made.refused.items()} == lines
    assert any(text in group.example for group in made.refused.values())


@pytest.mark.parametrize(("name", "content", "text", "file"), NOT_READ, ids=ids(NOT_READ))
def test_a_file_that_cannot_be_read_says_what_to_do(name, content, text, file, tmp_path):
    with pytest.raises(FormatError, match=text):
        looked_at("sales", content, tmp_path / file, {"locations": ("S",)})


def test_a_table_without_rows_says_so(tmp_path):
    made, _ = looked_at("sales", HEAD, tmp_path / "sales.csv", {})
    assert "it has a head, and no rows" in made.notes
