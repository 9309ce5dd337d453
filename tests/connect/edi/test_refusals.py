"""What cannot be read is refused with its segment, and nothing of it is guessed; what does no harm is read, and complained of."""

import random
import re

import pytest
from support.edi import ISA, edifact, events, refused, surveyed, x12

from andon.connect.edi.survey import MOST_BYTES
from andon.connect.tables.errors import FormatError
from andon.connect.tables.options import TableOptions

N1 = "N1*ST*Shop*92*S1"
BEG = "BEG*00*SA*P-1**20260305"
HEAD = ("BGM+220+P-1+9", "DTM+137:20260305:102", "NAD+DP+S1::92")


def activity(*segments):
    return x12("852", "XQ*H*20260304", N1, *segments)


def order(*segments):
    return x12("850", BEG, N1, *segments)


@pytest.mark.parametrize(
    ("text", "reason", "segment", "message"),
    [
        (activity("LIN*1*VN*A*UP*012345678905", "ZA*QS*3*EA"), "ambiguous", 6, "VN A and UP 012345678905"),
        (activity("LIN*1*BO*RED", "ZA*QS*3*EA"), "missing", 6, "no number of an article"),
        (activity("LIN*1*IN*A", "ZA*QS*0.5*EA"), "fraction", 6, "0.5 EA"),
        (activity("LIN*1*IN*A", "ZA*QS*1,000*EA"), "number", 6, "'1,000'"),
        (activity("LIN*1*IN*A", "ZA*QS**EA"), "missing", 6, "no quantity"),
        (activity("LIN*1*IN*A", "ZA*QS*2*CA"), "unit", 6, "units.* CA = FACTOR"),
        (activity("LIN*1*IN*A", "ZA*QA*-2*EA"), "negative", 6, "-2 on hand"),
        (activity("LIN*1*IN*A", "ZA*QS*3*EA", "ZA*TS*3*EA"), "ambiguous", 6, "both QS and TS"),
        (activity("LIN*1*IN*A", "ZA*QS*9*EA", "SDQ*EA*92*S1*3*S2*4"), "total", 6, "says 9.*come to 7"),
        (activity("LIN*1*IN*A", "ZA*QS*3*EA*036*20260304"), "date", 6, "'036'"),
        (x12("852", "XQ*H*20260301*20260307", N1, "LIN*1*IN*A", "ZA*QS*3*EA"), "period", 6, "7 days.*spread"),
        (x12("852", "XQ*H*20260304", "LIN*1*IN*A", "ZA*QS*3*EA"), "unplaced", 5, "locations"),
        (x12("852", "XQ*H*20261304", N1, "LIN*1*IN*A"), "date", 4, "'20261304'"),
        (order("PO1*1*24*CA***IN*A"), "unit", 6, "CA"),
        (order("PO1*1*24*EA***IN*A", "SDQ*EA*92*S1*20*S2*5"), "total", 6, "24 are ordered.*25"),
        (x12("850", "BEG*00*SA***20260305", N1), "missing", 4, "no number of an order"),
        (x12("850", "BEG*22*SA*P-1**20260305", N1, "PO1*1*24*EA***IN*A"), "purpose", 4, "'22'"),
        (x12("855", "BAK*00*AC*P-1*20260305", N1, "PO1*1*24*EA***IN*A", "ACK*IS*24*EA"), "status", 6, "'IS'"),
        (x12("855", "BAK*00*AC*P-1*20260305", N1, "PO1*1*24*EA***IN*A", "ACK*IQ"), "missing", 6, "IQ without"),
        (x12("214", "B10*1*B-1*FAST", "AT7*ZZ*NS***20260305*0915"), "status", 5, "'ZZ'"),
        (x12("861", "BRA*1*20260305"), "kind", 4, "'861' are not read"),
        (edifact("ORDERS", *HEAD, "LIN+1++A:IN", "QTY+21:1.5"), "fraction", 6, "1.5"),
        (edifact("ORDERS", *HEAD, "LIN+1++A:IN", "QTY+21:1,5"), "fraction", 6, "1.5"),
        (edifact("ORDERS", *HEAD, "LIN+1++A:IN", "QTY+21:4", "QTY+21:5"), "twice", 6, "more than once"),
        (edifact("ORDERS", *HEAD, "NAD+DP+S2::92", "LIN+1++A:IN", "QTY+21:4"), "ambiguous", 7, "S1 and S2"),
        (edifact("ORDERS", *HEAD, "LIN+1++A:IN", "QTY+21:1,000"), "number", 6, "thousands or three decimals.*decimal"),
        (x12("852", "XQ*H*20310304", N1, "LIN*1*IN*A", "ZA*QS*3*EA"), "date", 6, "not come yet"),
        (edifact("INVRPT", "BGM+35+7+9", "DTM+366:20310304:102", "NAD+DP+S1", "LIN+1++A:IN", "QTY+17:3"), "date", 6, "not come yet"),
        (edifact("INVRPT", "BGM+35+7+9", "DTM+366:20260304:102", "LIN+1++A:IN", "QTY+17:3", "LOC+14+S1", "QTY+17:1", "LOC+14+S2"), "ambiguous", 5, "before the places"),
        (edifact("RECADV", "BGM+632+R-1+9", "DTM+50:20260305:102", "NAD+DP+S1", "LIN+1++A:IN", "QTY+48:9", "QTY+194:4"), "total", 6, "9 were received"),
        (edifact("ORDRSP", "BGM+231+R-1+4", "DTM+137:20260305:102", "LIN+1+5+A:IN"), "missing", 3, "of which order"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_segment(text, reason, segment, message):

    lines, example = refused(text)[reason]
    assert lines[0] == segment
    assert re.search(message, example)
    made, found = surveyed(text)
    assert (found, made.failed) == ([], made.messages[0].why)


def test_a_line_that_cannot_be_leaves_the_others_of_its_order():
    text = order("PO1*1*24*CA***IN*A", "PO1*2*6*EA***IN*B")
    made, [event] = surveyed(text)
    assert b'"sku":"B","quantity":6' in event.value
    assert b'"A"' not in event.value
    assert [(one.number, one.tag) for one in made.messages[0].complaints] == [(6, "PO1")]
    assert made.messages[0].outcome == "accepted with errors"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (order("PO1*1*24*EA***IN*A").replace("SE*5", "SE*9"), "it counts 9 segments; there are 5"),
        (order("PO1*1*24*EA***IN*A").replace("*0001~GE", "*0002~GE"), "'0002' is not ST's '0001'"),
        (edifact("ORDERS", *HEAD, "LIN+1++A:IN", "QTY+21:24").replace("UNT+7", "UNT+8"), "counts 8 segments"),
        (order("PO1*1*24*EA***IN*A", "CTT*3"), "it says 3 lines; there are 1"),
        (order("PO1*1*24*EA***IN*A", "CTT*1*42"), "it says 42 as their sum; there are 24"),
        (edifact("ORDERS", *HEAD, "LIN+1++A:IN", "QTY+21:24", "UNS+S", "CNT+2:3"), "it says 3 lines; there are 1"),
        (x12("856", "BSN*00*D-1*20260305*0915", "HL*1**S", N1, "HL*2*1*O", "PRF*P-1", "HL*3*7*I", "LIN**IN*A", "SN1**10*EA"), "no loop '7' above it"),
    ],
)  # fmt: skip
def test_counts_and_numbers_that_are_wrong_do_no_harm(text, complaint):
    made, found = surveyed(text)
    assert len(found) == 1
    assert complaint in made.messages[0].complaints[0].text


@pytest.mark.parametrize(
    ("wrong", "right"), [("GE*1*7", "GE*2*7"), ("GE*1*7", "GE*1*8"), ("IEA*1*000000007", "IEA*1*1")]
)
def test_what_is_wrong_with_an_envelope_is_told(wrong, right):
    made, found = surveyed(order("PO1*1*24*EA***IN*A").replace(wrong, right))
    assert (len(found), len(made.around.complaints)) == (1, 1)


def test_an_item_of_a_dispatch_that_could_be_of_several_orders_is_refused():
    text = x12("856", "BSN*00*D-1*20260305*0915", "HL*1**S", N1, "HL*2*1*O", "PRF*P-1", "HL*3*1*O", "PRF*P-2", "HL*4*9*I", "LIN**IN*A", "SN1**10*EA", "HL*5*3*I", "LIN**IN*B", "SN1**4*EA")  # fmt: skip
    made, [event] = surveyed(text)
    assert made.refused["parent"].lines[0] == 11
    assert b'"P-2"' in event.value
    assert b'"A"' not in event.value


def test_a_comma_is_a_decimal_mark_where_that_is_declared_or_said():
    text = edifact("ORDERS", *HEAD, "LIN+1++A:IN", "QTY+21:12,000:PCE")
    declared = text.replace("UNA:+.", "UNA:+,") if text.startswith("UNA") else f"UNA:+,? '{text}"
    for content, said in ((declared, {}), (text, {"table": TableOptions(decimal=",")})):
        assert events(content, **said)[0]["lines"][0]["quantity"] == 12


def test_lines_that_are_told_by_their_numbers_need_them():
    text = order("PO1**24*EA***IN*A", "PO1*2*6*EA***IN*B")
    assert refused(text, set={"lines": "named"})["missing"][0] == [6]
    twice = order("PO1*1*24*EA***IN*A", "PO1*1*6*EA***IN*A")
    assert "one name" in refused(twice, set={"lines": "named"})["invalid"][1]


def test_numbers_with_and_without_zeros_in_front_are_the_same():
    made, _ = surveyed(order("PO1*1*24*EA***IN*A").replace("IEA*1*000000007", "IEA*1*7"))
    assert made.around.complaints == []


@pytest.mark.parametrize("cut", ["CTT*1~SE", "SE*5"], ids=["within the message", "before its end"])
def test_a_message_that_was_cut_off_is_refused_whole(cut):
    text = order("PO1*1*24*EA***IN*A", "CTT*1")
    made, found = surveyed(text[: text.index("CTT*1")])
    assert found == []
    assert "no end" in made.failed
    first, rest = text[: text.index("SE*")], text[len(ISA) :]
    made, found = surveyed(first + rest)
    assert [one.outcome for one in made.messages] == ["refused", "accepted"]
    assert len(found) == 1


def test_segments_outside_of_messages_are_told():
    made, found = surveyed(order("PO1*1*24*EA***IN*A").replace("~ST*", "~NTE*x~ST*"))
    assert (len(found), made.refused["stray"].lines) == (1, [3])


def test_an_item_that_stands_twice_with_two_quantities_is_refused_in_both():
    lines = ("LIN*1*IN*A", "ZA*QA*9*EA", "LIN*2*IN*A", "ZA*QA*8*EA", "LIN*3*IN*B", "ZA*QA*1*EA")
    made, [event] = surveyed(activity(*lines))
    assert b'"sku":"B"' in event.value
    assert made.refused["twice"].count == 2


def test_what_is_told_twice_alike_is_told_once():
    lines = ("LIN*1*IN*A", "ZA*QA*9*EA", "LIN*2*IN*A", "ZA*QA*9*EA")
    made, found = surveyed(activity(*lines))
    assert len(found) == 1
    assert "once more" in made.messages[0].complaints[0].text


def test_a_file_that_comes_again_adds_nothing_and_a_changed_one_is_refused():
    text = activity("LIN*1*IN*A", "ZA*QS*3*EA", "ZA*QA*9*EA")
    _, found = surveyed(text)
    _, again = surveyed(text.replace("000000007", "000000008"), [(one.name, one.content) for one in found])  # fmt: skip
    assert again == []
    _, other = surveyed(text.replace("QS*3", "QS*4"))
    assert {one.name for one in other} == {one.name for one in found}
    assert {one.content for one in other} != {one.content for one in found}


def test_sales_of_a_period_are_spread_if_that_is_said():
    text = x12("852", "XQ*H*20260301*20260303", N1, "LIN*1*IN*A", "ZA*QS*7*EA")
    assert [one["quantity"] for one in events(text, grain="spread")] == [3, 2, 2]
    assert [one["occurred_at"][:10] for one in events(text, grain="day")] == ["2026-03-03"]


def test_nothing_was_sold_or_counted_after_it_was_reported():
    text = x12("852", "XQ*H*20260305", N1, "LIN*1*IN*A", "ZA*QS*3*EA", "ZA*QA*9*EA")
    assert [one["occurred_at"] for one in events(text)] == ["2026-03-05T09:29:59Z", "2026-03-05T09:30:00Z"]  # fmt: skip


def test_the_mapping_says_what_is_what(tmp_path):
    codes = tmp_path / "codes.csv"
    codes.write_text("code,sku\n00012345678905,TEA\nVN:B-1,CUP\n")
    places = tmp_path / "places.csv"
    places.write_text("gln,location\n4012345000009,store-1\n")
    said = {
        "maps": {"sku": str(codes), "location": str(places)},
        "units": {"CA": 12.0},
        "time_zone": "Europe/Berlin",
    }
    text = x12("852", "XQ*H*20260304", "N1*ST*Shop*UL*4012345000009", "LIN*1*UP*012345678905", "ZA*QS*2*CA", "LIN*2*VN*B-1", "ZA*QS*1*EA")  # fmt: skip
    found = [(one["location"], one["sku"], one["quantity"], one["occurred_at"]) for one in events(text, **said)]  # fmt: skip
    assert found == [("store-1", "TEA", 24, "2026-03-04T11:00:00Z"), ("store-1", "CUP", 1, "2026-03-04T11:00:00Z")]  # fmt: skip
    assert "unknown" in refused(text.replace("VN*B-1", "IN*B-1"), **said)
    assert "unknown" in refused(text.replace("4012345000009", "4012345000016"), **said)


def test_a_code_of_the_partner_s_own_is_no_gtin_without_its_zeros(tmp_path):
    codes = tmp_path / "codes.csv"
    codes.write_text("code,sku\n00012345678905,TEA\n")
    text = activity("LIN*1*VN*12345678905", "ZA*QS*2*EA")
    assert "unknown" in refused(text, maps={"sku": str(codes)})


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"columns": {"quantity": "QS"}}, "columns.*quantity"),
        ({"grain": "week"}, "grain"),
        ({"set": {"lines": "by date"}}, "lines"),
        ({"locations": ("A", "B")}, "locations"),
        ({"units": {"CA": 0.0}}, "CA: a factor"),
        ({"time_zone": "Mars"}, "time_zone"),
    ],
)
def test_a_mapping_that_cannot_be_is_told(said, message):
    with pytest.raises(FormatError, match=message):
        surveyed(activity("LIN*1*IN*A"), **said)


def test_a_file_that_is_too_large_is_told():
    with pytest.raises(FormatError, match="in parts"):
        surveyed(b"ISA" + b" " * MOST_BYTES)


SOUND = [
    activity("LIN*1*IN*A", "ZA*QS*3*EA", "SDQ*EA*92*S1*1*S2*2", "ZA*QA*9*EA"),
    order("DTM*002*20260312", "PO1*1*24*EA***IN*A", "PO1*2*6*EA***IN*B"),
    x12("855", "BAK*00*AC*P-1*20260305", N1, "PO1*1*24*EA***IN*A", "ACK*IQ*20*EA*067*20260312"),
    x12("856", "BSN*00*D-1*20260305*0915", "HL*1**S", N1, "HL*2*1*O", "PRF*P-1", "HL*3*2*I", "LIN**IN*A", "SN1**10*EA"),
    x12("214", "B10*1*B-1*FAST", "LX*1", "AT7*SD*BG***20260305*0915*LT"),
    x12("830", "BFR*05**S-1*SH*A*20260301*20260630*20260305", "N1*SF*Us*92*S1", "LIN*1*IN*A", "UIT*EA", "FST*40*C*D*20260312"),
    edifact("SLSRPT", "BGM+73E+7+9", "LOC+162+S1", "DTM+356:20260304:102", "LIN+1++A:IN", "QTY+153:3:PCE"),
    edifact("DESADV", *HEAD, "RFF+ON:P-1", "LIN+1++A:IN", "QTY+12:10"),
    edifact("RECADV", *HEAD, "RFF+ON:P-1", "LIN+1++A:IN", "QTY+194:10", "QTY+195:1"),
    edifact("IFTSTA", "BGM+77+7+9", "DTM+137:202603050915:203", "CNI+1+B-1", "STS+1+31", "DTM+132:202603121000:203"),
    edifact("DELFOR", *HEAD, "LIN+1++A:IN", "SCC+1", "QTY+113:40", "DTM+2:20260312:102"),
    edifact("CONTRL", "UCI+201+US+THEM+7", "UCM+1+ORDERS:D:96A:UN+4+18"),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_whatever_happens_to_a_file_every_segment_of_it_is_accounted_for(seed):
    chance = random.Random(seed)
    for text in SOUND:
        signs = list(text)
        for _ in range(chance.choice((1, 1, 2, 5, 30))):
            place = chance.randrange(len(signs))
            signs[place] = chance.choice(["", signs[place] * 2, "*", "~", "'", "+", ":", "0", "-", "é", "\n", "?"])  # fmt: skip
        try:
            made, _ = surveyed("".join(signs))
        except FormatError as error:
            assert str(error)
        else:
            assert made.balanced
