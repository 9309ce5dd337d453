"""Segments: whatever a file's signs are, it is cut where they are; what is written is read back as it was."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.connect.edi.envelopes import Envelope, Party, edifact_interchange, x12_interchange
from andon.connect.edi.reading import read_segments, text_of
from andon.connect.edi.segments import EDIFACT, X12, Segment, segment, write_segments
from andon.connect.tables.errors import FormatError

ISA = "ISA*00*          *00*          *ZZ*SHOP           *ZZ*MILL           *261129*0100*U*00401*000000007*0*P*>"
REST = ("GS*PO*SHOP*MILL*20261129*0100*7*X*004010", "ST*850*0001", "BEG*00*SA*P-1**20261129", "SE*3*0001", "GE*1*7", "IEA*1*000000007")  # fmt: skip
UNB = "UNB+UNOA:3+SHOP:14+MILL:14+261129:0100+7"


def tags(text):
    return [one.tag for one in read_segments(text)]


ALL = ["ISA", "GS", "ST", "BEG", "SE", "GE", "IEA"]


@pytest.mark.parametrize(
    "text",
    [
        "~".join((ISA, *REST)) + "~",
        "~\n".join((ISA, *REST)) + "~\n",
        "~\r\n   \t".join((ISA, *REST)),
        "\n".join((ISA, *REST)) + "\n",
        "\r\n".join((ISA, *REST)) + "\r\n",
        "\ufeff \n" + "~".join((ISA, *REST)) + "~",
        "~".join((ISA.replace(" ", ""), *REST)) + "~",
        "~".join((ISA.replace("SHOP           ", "SHOP\xa0 \xa0"), *REST)) + "~",
        "|".join((ISA, *REST)).replace("*", "~") + "|",
        "'\n".join((ISA.replace("MILL           ", "MILL\n"), *REST)).replace("*", "+") + "'",
    ],
    ids=["one line", "lines", "indented, unended", "line breaks", "windows", "marked", "unpadded", "hard blanks", "tilde", "broken ISA"],
)  # fmt: skip
def test_the_signs_of_x12_are_those_of_its_isa(text):
    found = list(read_segments(text))
    assert [one.tag for one in found] == ALL
    assert (found[0].get(6), found[0].get(8), found[3].get(3)) == ("SHOP", "MILL", "P-1")
    assert [one.number for one in found] == [1, 2, 3, 4, 5, 6, 7]


def test_each_interchange_has_signs_of_its_own():
    first, second = "~".join((ISA, *REST)) + "~\n", "|".join((ISA, *REST)).replace("*", "^") + "|"
    assert tags(first + second) == [*ALL, *ALL]


@pytest.mark.parametrize("sign", ["~", "\n", "\r\n", "'"])
def test_without_an_envelope_the_first_segment_shows_the_signs(sign):
    assert tags(sign.join(REST[1:4])) == ["ST", "BEG", "SE"]
    assert tags(sign.join(REST)) == ALL[1:]
    assert tags(sign.join(("ST*850*0001*005010X", *REST[2:4]))) == ["ST", "BEG", "SE"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sku,quantity\nA,2\n", "neither|X12 begins with ISA"),
        ("", "begins with ''"),
        ("ISA*00*  *00", "its ISA cannot be read"),
        (ISA + "~XX*1~", "its ISA cannot be read"),
        ("ST*850*0001", "does not show what ends a segment"),
        (UNB + "'FTX+" + "x" * 70_000, "segment 2 .*does not end"),
    ],
)
def test_what_is_no_edi_is_told_so(text, message):
    with pytest.raises(FormatError, match=message):
        list(read_segments(text))


def test_edifact_releases_its_signs():
    [_, found, last] = read_segments(UNB + "'FTX+AAI+?+1 ??:it?'s??'UNZ+0+7")
    assert found.elements == (("AAI",), ("+1 ?", "it's?"))
    assert last.tag == "UNZ"


def test_edifact_takes_the_signs_of_its_una():
    text = "UNA|*,! ~\nUNB*UNOA|3*A*B*261129|0100*7~\nFTX*a!*b|c~"
    assert list(read_segments(text))[1].elements == (("a*b", "c"),)


def test_the_character_set_is_utf8_or_what_the_unb_says():
    assert "CAFÉ" in text_of(UNB.replace("UNOA", "UNOC").encode() + "'FTX+CAFÉ".encode("latin-1"))
    assert "CAFÉ" in text_of(UNB.encode() + "'FTX+CAFÉ".encode())
    undeclared = text_of(UNB.encode() + "'FTX+CAFÉ".encode("latin-1"))
    with pytest.raises(UnicodeEncodeError):
        undeclared.encode()


texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=12)
elements = st.lists(st.lists(texts, max_size=3).map(tuple), max_size=5).map(tuple)


def plain(parts):
    """Elements without what a writer leaves out at their ends."""
    found = [list(one) for one in parts]
    for one in (*found, found):
        while one and not one[-1]:
            one.pop()
    return [one or [""] for one in found]


@given(elements)
def test_what_is_written_as_edifact_is_read_as_it_was(parts):
    text = "UNB+UNOY:3'\n" + write_segments([Segment("FTX", parts)], EDIFACT)
    assert plain(list(read_segments(text))[1].elements) == plain(parts)


@pytest.mark.parametrize("bad", ["a*b", "a~b", "a>b", "a\nb"])
def test_x12_refuses_what_it_cannot_write(bad):
    with pytest.raises(ValueError, match="PID"):
        write_segments([segment("PID", bad)], X12)


def test_envelopes_have_counts_that_are_right():
    envelope = Envelope(Party("SHOP"), Party("MILL", "01"), 7, datetime(2026, 11, 29, 1), "004010")
    text = x12_interchange(
        "850", [[segment("BEG", "00", "SA", "P-1", "", "20261129")]] * 2, envelope
    )
    assert text.startswith(ISA.replace("*ZZ*MILL", "*01*MILL"))
    found = list(read_segments(text))
    assert [one.get(1) for one in found if one.tag in ("SE", "GE", "IEA")] == ["3", "3", "2", "1"]
    text = edifact_interchange("ORDERS", [[segment("BGM", "220", "P-1", "9")]], Envelope(*[Party("5412345000176", "14")] * 2, 8, envelope.at, "D:96A:UN"))  # fmt: skip
    assert [one.get(1) for one in read_segments(text) if one.tag in ("UNT", "UNZ")] == ["3", "1"]


@pytest.mark.parametrize(
    ("party", "control", "message"),
    [("X" * 16, 1, "sender"), ("", 1, "sender"), ("SHOP", 0, "control"), ("SHOP", 10**9, "control")],
)  # fmt: skip
def test_an_envelope_that_does_not_fit_is_refused(party, control, message):
    envelope = Envelope(Party(party), Party("MILL"), control, datetime(2026, 11, 29), "004010")
    with pytest.raises(ValueError, match=message):
        x12_interchange("850", [], envelope)
