"""One reader of tables: whatever the dialect, the rows are the same; and what could be read in two ways is asked for."""

import csv
import gzip
import io
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sources import source_of
from support.workbooks import write_workbook

from andon.connect.tables.encodings import is_damaged
from andon.connect.tables.errors import FormatError
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import UNSAID, options_of
from andon.connect.tables.table import MOST_LINE, Table, is_json, text_of

HEAD = ["Datum", "Filiale", "Artikel", "Menge"]
ROWS = [["01.12.2026", "Köln", "CAFÉ-1", "2"], ["02.12.2026", "Köln; Süd", "00\t7|x", '5" , y']]


def written(
    rows, delimiter=",", quote='"', encoding="utf-8", end="\r\n", quoting=csv.QUOTE_MINIMAL
):
    text = io.StringIO()
    csv.writer(
        text, delimiter=delimiter, quotechar=quote, lineterminator=end, quoting=quoting
    ).writerows(rows)
    return text.getvalue().encode(encoding)


def rows_of(content, **said):
    with source_of(content) as source:
        table = Table(source, options_of(**said))
        lines = list(table)
        assert [line.fault for line in lines] == [None] * len(lines)
        return table.head, [line.cells for line in lines], table.understood


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("quote", "end"), [('"', "\r\n"), ('"', "\n"), ("'", "\n"), ('"', "\r")])
def test_every_dialect_is_recognised(delimiter, encoding, quote, end):
    rows = [[cell.replace('"', "″") for cell in row] for row in [HEAD, *ROWS]]
    quoting = csv.QUOTE_ALL if quote == "'" else csv.QUOTE_MINIMAL
    head, found, understood = rows_of(written(rows, delimiter, quote, encoding, end, quoting))
    assert [head, *found] == rows
    assert understood["delimiter"] == {"\t": "tab"}.get(delimiter, delimiter)
    assert understood["encoding"] == encoding.removesuffix("-sig")


cells = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffd\ufeff\u2028\u2029"),
    max_size=12,
)


@given(
    st.data(),
    st.integers(2, 6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
def test_rows_written_in_any_dialect_are_read_back(data, width, delimiter, encoding, is_said):
    head = [f"column {number}" for number in range(width)]
    row = st.lists(cells, min_size=width, max_size=width).filter(
        lambda row: (
            any(cell.strip() for cell in row)
            and not any(one.startswith('="') or is_damaged(one) for one in row)
        )
    )
    rows = data.draw(st.lists(row, min_size=1, max_size=8))
    content = written([head, *rows], delimiter, encoding=encoding)
    try:
        found = rows_of(content, **({"delimiter": delimiter} if is_said else {}))
    except FormatError as error:
        assert not is_said
        assert "--delimiter" in str(error)
    else:
        assert (found[0], found[1]) == (head, rows)


@pytest.mark.parametrize(
    ("text", "said", "expected"),
    [
        ("sep=;\na;b\n1,5;2\n", {}, [["1,5", "2"]]),
        ("Report of 1 May\n\na;b;c;d\n1;2;3;4\n5;6;7;8\n", {}, [["1", "2", "3", "4"], ["5", "6", "7", "8"]]),
        ("a,b,c\n1,2,3,\n4,5,6,\n", {}, [["1", "2", "3"], ["4", "5", "6"]]),
        ('a,b\n="007",2\n', {}, [["007", "2"]]),
        ("a;b;c\n1,5;2,5;x\n3,5;4,5;y\n", {}, [["1,5", "2,5", "x"], ["3,5", "4,5", "y"]]),
        ("a:b\n1:2\n", {"delimiter": ":"}, [["1", "2"]]),
        ("code\nA\nB\n", {}, [["A"], ["B"]]),
        ('a;b\n"line\nbreak";"""x"""\n', {}, [["line\nbreak", '"x"']]),
        ("a;b;c\n\n1;2;3\n;;\n", {}, [["1", "2", "3"]]),
    ],
)  # fmt: skip
def test_what_programs_write_around_a_table_is_understood(text, said, expected):
    assert rows_of(text, **said)[1] == expected


def test_two_delimiters_that_both_fit_are_not_chosen_from():
    text = "day;piece, each;price, EUR\n1;2,0;3,0\n2;4,5;3,0\n"
    with pytest.raises(FormatError, match="--delimiter ',' or --delimiter ';'"):
        rows_of(text)
    assert rows_of(text, delimiter=";")[1][0] == ["1", "2,0", "3,0"]


def test_bytes_that_are_no_utf8_are_asked_for_with_their_line():
    content = written([HEAD, *ROWS], ";", encoding="cp1252")
    with pytest.raises(FormatError, match="line 2 is not UTF-8.*Köln;CAFÉ-1.*--encoding cp1252"):
        rows_of(content)
    head, found, _ = rows_of(content, encoding="cp1252")
    assert [head, *found] == [HEAD, *ROWS]


def test_a_row_that_does_not_decode_far_down_is_refused_alone():
    content = b"a,b\n" + b"x,1\n" * 100_000 + "É,2\n".encode("cp1252") + b"y,3\n"
    with source_of(content) as source:
        faults = [line for line in Table(source, UNSAID) if line.fault is not None]
    assert [(line.number, line.fault[0]) for line in faults] == [(100_002, "encoding")]


def test_what_a_said_encoding_cannot_be_is_refused_by_row():
    with source_of(b"a,b\n\x81\x8d,1\nok,2\n") as source:
        first, second = Table(source, options_of(encoding="cp1252"))
    assert first.fault[0] == "encoding"
    assert second.fault is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x00\x01\x02", "no table"),
        (b"\xef\xbb\xbf\n<HTML><table><tr><td>sku</td></tr></table>", "web page"),
        (b"<?xml version='1.0'?><Workbook/>", "web page"),
        (b"a,b\n" + b"x" * (MOST_LINE + 1), "more than 4,000,000 characters"),
        (gzip.compress(b"a,b\n1,2\n" * 9999, mtime=0)[:60], "cut off"),
    ],
)
def test_what_is_no_table_is_refused(content, said):
    with source_of(content) as source, pytest.raises(FormatError, match=said):
        list(Table(source, UNSAID))


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"delimiter": "ab"}, "--delimiter"),
        ({"decimal": "x"}, "--decimal"),
        ({"encoding": "klingon"}, "--encoding"),
        ({"date_format": "%d.%m"}, "--date-format"),
        ({"sheet": "Sales"}, "--sheet"),
    ],
)
def test_an_option_that_cannot_be_is_refused_by_name(said, text):
    with source_of("a,b\n1,2\n") as source, pytest.raises(FormatError, match=text):
        Table(source, options_of(**said))


def test_a_packed_file_is_unpacked_as_far_as_its_bound(tmp_path):
    path = tmp_path / "sales.csv"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 100_000))
    with InputFile(path) as source:
        assert sum(1 for _ in Table(source, UNSAID)) == 100_000
    with (
        InputFile(path, most_unpacked=300_000) as source,
        pytest.raises(FormatError, match="more than 300,000 bytes"),
    ):
        list(Table(source, UNSAID))


def test_rows_that_have_not_as_many_cells_are_told(tmp_path):
    with source_of("a,b,c\n1,2\n1,2,3,4\n1,2,3\n") as source:
        faults = [line.fault and line.fault[0] for line in Table(source, UNSAID)]
    assert faults == ["columns", "columns", None]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"a":1}\n', True),
        (b'\xef\xbb\xbf\n {"a":1}', True),
        (b"a,{\n", False),
        ('{"a":1}'.encode("utf-16"), True),
    ],
)
def test_json_lines_are_told_from_tables(content, expected):
    with source_of(content) as source:
        assert is_json(source) is expected


def test_a_workbook_is_read_with_the_types_of_its_cells(tmp_path):
    pytest.importorskip("python_calamine", reason="needs the extra andon[excel]")
    rows = [
        [],
        ["date", "sku", "quantity"],
        [date(2026, 3, 1), "007", 2],
        [datetime(2026, 3, 2, 9, 30), 4711.0, 2.5],
    ]
    path = write_workbook(tmp_path / "s.xlsx", {"Sales": rows, "Empty": []})
    with InputFile(path) as source:
        table = Table(source, UNSAID)
        lines = list(table)
    assert (table.head, table.head_line) == (["date", "sku", "quantity"], 2)
    assert table.understood == {"form": "Excel", "sheet": "Sales", "head_line": 2}
    assert [line.number for line in lines] == [3, 4]
    assert [text_of(cell) for cell in lines[0].cells][1:] == ["007", "2"]
    assert lines[1].cells[0] == datetime(2026, 3, 2, 9, 30)
    assert [text_of(cell) for cell in lines[1].cells][1:] == ["4711", "2.5"]


def test_of_several_sheets_one_must_be_named(tmp_path):
    pytest.importorskip("python_calamine", reason="needs the extra andon[excel]")
    path = write_workbook(tmp_path / "s.xlsx", {"One": [["a"], ["1"]], "Two": [["a"], ["2"]]})
    with InputFile(path) as source:
        with pytest.raises(FormatError, match="--sheet 'One' or --sheet 'Two'"):
            Table(source, UNSAID)
        assert [line.cells for line in Table(source, options_of(sheet="Two"))] == [["2"]]
        with pytest.raises(FormatError, match="no sheet 'Three'"):
            Table(source, options_of(sheet="Three"))


def test_without_the_extra_a_workbook_is_refused_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    path = write_workbook(tmp_path / "s.xlsx", {"One": [["a"], ["1"]]})
    with InputFile(path) as source, pytest.raises(FormatError, match=r"andon\[excel\]"):
        Table(source, UNSAID)
