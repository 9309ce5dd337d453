"""Files as they come: each is read as it is meant, or refused with what to do; nothing is guessed, and every row is told."""

import bz2
import gzip
import io
import lzma
import zipfile
from datetime import date

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
    ("a note of several lines", HEAD.replace("quantity", "quantity,note") + '2026-03-04,S,A,2,"call first,\nthen come, please"\n', SOLD, {}),
    ("a code with an inch", HEAD + '2026-03-04,S,PIPE 5",2\n', [('PIPE 5"', 2)], {}),
    ("a code that begins as a date does", HEAD + "2026-03-04,S,4-MARS-RED,2\n", [("4-MARS-RED", 2)], {}),
    ("blank lines between", HEAD + "\n" + ROW + "\n\n", SOLD, {}),
    ("a delimiter at the end", "date,store,sku,quantity,\n2026-03-04,S,A,2,\n", SOLD, {}),
    ("what Excel says of its delimiter", "sep=;\n" + (HEAD + ROW).replace(",", ";"), SOLD, {}),
    ("UTF-8 with a mark, said to be another", (HEAD + CAFE).encode("utf-8-sig"), [("CAFÉ", 2)], {"table": {"encoding": "cp1252"}}),
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
    ("titles above the head of a sheet", workbook(sheets={"Sales": [["Sales report 2026"], [], ["date", "store", "sku", "quantity"], [46085, "S", "A", 2]]}), SOLD, {}),
    ("parameters above the head", "Plant:;1000;;\nKey date:;04.03.2026;;\n;;;\n" + (HEAD + ROW).replace(",", ";"), SOLD, {}),
    ("a title with a comma", "Report, printed 4 March\n" + (HEAD + ROW * 9).replace(",", ";").replace("A", "A,5"), [("A,5", 2)] * 9, {}),
    ("a head that is said", "a;b;c;d\ne;f;g;h\n" + (HEAD + ROW).replace(",", ";"), SOLD, {"table": {"head_line": 3}}),
    ("lines drawn around a list", "-" * 30 + "\n|date |store|sku|quantity |\n" + "-" * 30 + "\n|04.03.2026|S|A|     2,000 |\n" + "-" * 30 + "\n", SOLD, {"table": {"decimal": ","}}),
    ("a number as a sheet adds it up", workbook([46085, "S", "A", 2.9999999999999996]), [("A", 3)], {}),
    ("a date and a time without marks", HEAD + "20260304093000,S,A,2\n", SOLD, {}),
    ("a code that begins as a sum does", HEAD + "2026-03-04,S,TOTAL-1,2\n", [("TOTAL-1", 2)], {}),
    ("a minus behind", quantity("1.234-"), [("A", 1234)], {"table": {"decimal": ","}}),
    ("pieces in a column's name", HEAD.replace("quantity", "Menge (Stk)") + ROW, SOLD, {}),
    ("kilograms in a column's name", HEAD.replace("quantity", "Menge [kg]") + ROW, [("A", 2000)], {"units": {"kg": 1000.0}}),
    ("what a database writes for nothing", "date,store,sku,quantity,price,receipt\n2026-03-04,S,A,2,NULL,(null)\n2026-03-04,S,B,3,NaN,\\N\n", [("A", 2), ("B", 3)], {}),
    ("a column that says what was voided", "date,store,sku,quantity,Void?\n2026-03-04,S,A,2,N\n2026-03-04,S,B,3,f\n2026-03-04,S,C,4,true\n", [("A", 2), ("B", 3)], {}),
    ("a status that says what was not sold", "date,store,sku,quantity,Order Status\n2026-03-04,S,A,2,completed\n2026-03-04,S,B,3,wc-cancelled\n2026-03-04,S,C,3,On hold\n2026-03-04,S,D,3,Draft\n", SOLD, {}),
    ("a shop whose pending orders are orders", "Name,Financial Status,Created at,Lineitem sku,Lineitem quantity\n#1,pending,2026-03-04,A,2\n#2,voided,2026-03-04,B,2\n", SOLD, {"locations": ("S",)}),
    ("moves between places", ("Date,Reference,Product,From,To,Quantity,Status\n2026-03-04,W/OUT/1,A,Shop,Partners/Customers,2,Done\n2026-03-04,W/IN/1,A,Partners/Vendors,Shop,20,Done\n"
     "2026-03-04,W/RET/1,A,Partners/Customers,Shop,1,Done\n"), [("A", 2), ("A", 1)], {}),
    ("lines that bear the name of a product", "Date,Qty,SKU,Item,Gross Sales,Transaction ID,Event Type,Location\n2026-03-04,1,A,Tea,$9,x1,Payment,S\n2026-03-04,1,A,Tea,$9,x1,Payment,S\n", [("A", 1), ("A", 1)], {}),
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
    ("a quote that is not closed", HEAD + '2026-03-04,S,"A,2\n2026-03-05,S,B,2\n', {"columns": [2, 3]}, "not closed"),
    ("a quote that is not closed in a column that nobody reads", HEAD.replace("quantity", "quantity,name") + '2026-03-04,S,A,2,"big\n2026-03-05,S,B,3,small\n', {"columns": [2, 3]}, "not closed"),
    ("a quote that another row closes", HEAD.replace("quantity", "name,quantity") + '2026-03-04,S,A,"big,2\n2026-03-05,S,B,"small,3\n2026-03-06,S,C,x,4\n', {"columns": [2, 3]}, "not closed"),
    ("an inch that closes a quote", HEAD.replace("quantity", "name,quantity") + '2026-03-04,S,A,"big,2\n2026-03-05,S,B,5",3\n', {"columns": [2, 3]}, "not closed"),
    ("codes taken for dates", HEAD + "2026-03-04,S,4-Mar,2\n2026-03-04,S,04. Mrz,2\n2026-03-04,S,Mar-04,2\n2026-03-04,S,Mrz 04,2\n", {"code sku": [2, 3, 4, 5]}, "took for a date"),
    ("codes in quotes of other programs", HEAD + "2026-03-04,S,'0815,2\n2026-03-04,S,\u201c0815\u201d,2\n", {"code sku": [2, 3]}, "begins with a quote"),
    ("sums in German", HEAD + "2026-03-04,S,Insgesamt,2\n2026-03-04,S,Endsumme,2\n", {"total sku": [2, 3]}, "sum of other rows"),
    ("a code taken for a number", HEAD + "2026-03-04,S,4.00638E+12,2\n", {"code sku": [2]}, "export the column as text"),
    ("an hour that is none", "date,time,store,sku,quantity\n2026-03-04,24:00,S,A,2\n", {"date time": [2]}, "no date"),
    ("a unit in a column's name", HEAD.replace("quantity", "quantity (cases)") + ROW, {"unit quantity (cases)": [2]}, "--unit cases=FACTOR"),
    ("sums by a name", HEAD + "2026-03-04,S,Total for S,2\n2026-03-04,Berlin Ergebnis,A,2\n", {"total sku": [2], "total store": [3]}, "name it in a map"),
    ("a place with a slash", HEAD + "2026-03-04,WH/Stock,A,2\n", {"code store": [2]}, "--map location=FILE"),
    ("times that cannot be", HEAD + "2031-03-04,S,A,2\n0001-01-01,S,A,2\n9999-12-31,S,A,2\n", {"time date": [2, 3, 4]}, "in the future"),
    ("two signs", HEAD + "2026-03-04,S,A,--5\n2026-03-04,S,A,(-5)\n2026-03-04,S,A,-5-\n", {"number quantity": [2, 3, 4]}, "no number"),
    ("nothing for a code", HEAD + "2026-03-04,S,-,2\n2026-03-04,S,n/a,2\n2026-03-04,S,NULL,2\n2026-03-04,S,NA,2\n", {"code sku": [2, 5], "missing sku": [3, 4]}, "nothing is known"),
    ("a code and a name", HEAD + "2026-03-04,S,[A-1] Tea,2\n", {"code sku": [2]}, "Internal Reference"),
    ("money back for what was sold", "date,store,sku,quantity,price\n2026-03-04,S,A,1,-9.99\n", {"price price": [2]}, "a return has a quantity below 0"),
    ("a status that nobody knows", "date,store,sku,quantity,status\n2026-03-04,S,A,1,gift\n", {"status status": [2]}, "--column status="),
    ("refunds without a number", "date,store,sku,quantity,status\n2026-03-04,S,A,1,refunded\n", {"status status": [2]}, "what came back"),
    ("neither voided nor not", "date,store,sku,quantity,voided\n2026-03-04,S,A,1,maybe\n", {"cancelled": [2]}, "--column cancelled="),
    ("kinds told by numbers", "date,store,sku,quantity,type\n2026-03-04,S,A,1,1\n2026-03-04,S,A,1,0\n", {"kind": [2, 3]}, "--column kind="),
    ("weeks, months and quarters", HEAD + "".join(f"{one},S,A,2\n" for one in ("2026-W09", "KW 9/2026", "03/2026", "März 2026", "Q1 2026")), {"date date": [2, 3, 4, 5, 6]}, "a day is needed"),
    ("a time zone by its letters", HEAD + "2026-03-04 09:00 CET,S,A,2\n", {"date date": [2]}, "such as +01:00"),
    ("a time zone that is none", "date,time,time zone,store,sku,quantity\n2026-03-04,09:00,Mars,S,A,2\n", {"time zone time zone": [2]}, "--column time_zone="),
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
    ("what bzip2 packed", bz2.compress((HEAD + ROW).encode()), "packed with bzip2: unpack it", "a.csv.bz2"),
    ("what xz packed", lzma.compress((HEAD + ROW).encode()), "packed with xz: unpack it", "a.csv.xz"),
    ("what was packed twice", gzip.compress(gzip.compress((HEAD + ROW).encode())), "packed twice with gzip", "a.csv.gz"),
    ("what was cut off while it was packed", gzip.compress((HEAD + ROW).encode())[:-4], "cut off", "a.csv.gz"),
    ("a database", b"SQLite format 3\0" + b"\0" * 100, "a database", "a.db"),
    ("zeros between", HEAD + "2026-03-04,S,A\0,2\n", "no text", "a.csv"),
    ("nothing", "", "empty", "a.csv"),
    ("blank lines", "\n\n\n", "empty", "a.csv"),
    ("a column twice", "date,store,sku,quantity,quantity\n2026-03-04,S,A,2,2\n", r"columns 4 and 5", "a.csv"),
    ("one encoding that is not UTF-8", (HEAD + CAFE).encode("cp1252"), "--encoding cp1252", "a.csv"),
    ("thousands of a unit", quantity("1.234 kg"), "--decimal", "a.csv"),
    ("blanks between cells", "date store sku quantity\n2026-03-04 S A 2\n", "--delimiter", "a.csv"),
    ("a column for each day", "sku,2026-03-01,2026-03-02\nA,1,2\n", "a row for each", "a.csv"),
    ("dates of which each could be two", HEAD + "03/04/2026,S,A,2\n", "--date-format", "a.csv"),
    ("years of two digits in front", HEAD + "".join(f"26-03-{day:02},S,A,2\n" for day in range(1, 9)), "YY-MM-DD", "a.csv"),
    ("days and months that a sheet swapped", workbook([date(2026, 3, 4), "S", "A", 2], ["26/07/2025", "S", "A", 2]), "swapped the days and months", "a.xlsx"),
    ("a head line that is none", HEAD + ROW, "no column is known", "a.csv", {"table": {"head_line": 2}}),
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


@pytest.mark.parametrize("case", NOT_READ, ids=ids(NOT_READ))
def test_a_file_that_cannot_be_read_says_what_to_do(case, tmp_path):
    _, content, text, file, *said = case
    with pytest.raises(FormatError, match=text):
        looked_at(
            "sales", content, tmp_path / file, {"locations": ("S",), **(said[0] if said else {})}
        )


def test_a_table_without_rows_says_so(tmp_path):
    made, _ = looked_at("sales", HEAD, tmp_path / "sales.csv", {})
    assert "it has a head, and no rows" in made.notes
