"""What is written back: 997 and CONTRL, to the right partner, with what became of each message."""

from datetime import datetime

import pytest
from support.edi import edifact, surveyed, x12

from andon.connect.edi.inbox import terms_beside
from andon.connect.edi.reading import read_segments
from andon.connect.edi.replies import replies
from andon.connect.edi.terms import Terms

NOW = datetime(2026, 3, 5, 10, 15)
N1 = "N1*ST*Shop*92*S1"
GOOD = x12("850", "BEG*00*SA*P-1**20260305", N1, "PO1*1*24*EA***IN*A", group="PO")
HEAD = ("BGM+220+P-1+9", "DTM+137:20260305:102", "NAD+DP+S1::92")


def answered(text):
    """Return the answers to a file, without their envelopes."""
    made, _ = surveyed(text)
    found = []
    for kind, _, written in replies(text.encode(), made.messages, NOW):
        segments = list(read_segments(written))
        body = [
            one for one in segments if one.tag in ("AK1", "AK2", "AK3", "AK5", "AK9", "UCI", "UCM")
        ]
        found.append(
            (
                kind,
                [
                    f"{one.tag} {'*'.join(':'.join(parts) for parts in one.elements)}"
                    for one in body
                ],
            )
        )
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD, ["AK1 PO*7", "AK2 850*0001", "AK5 A", "AK9 A*1*1*1"]),
        (GOOD.replace("SE*5", "SE*6"), ["AK1 PO*7", "AK2 850*0001", "AK3 SE*5**8", "AK5 E*5", "AK9 E*1*1*1"]),
        (GOOD.replace("*24*", "*2.5*"), ["AK1 PO*7", "AK2 850*0001", "AK3 PO1*4**8", "AK5 R*5", "AK9 R*1*1*0"]),
        (x12("861", "BRA*1", group="RC"), ["AK1 RC*7", "AK2 861*0001", "AK3 ST*1**8", "AK5 R*5", "AK9 R*1*1*0"]),
        (GOOD.replace("SE*5*0001", "SE*5*0001~ST*850*0002~BEG*00~SE*3*0002"), ["AK1 PO*7", "AK2 850*0001", "AK5 A", "AK2 850*0002", "AK3 BEG*2**8", "AK5 R*5", "AK9 P*2*2*1"]),
    ],
    ids=["accepted", "with errors", "rejected", "of a kind that is not read", "in part"],
)  # fmt: skip
def test_what_became_of_messages_of_x12(text, expected):
    assert answered(text) == [("997", expected)]


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("*92*S1", ""),
        GOOD.replace("*IN*A", "*IN*A*VN*B"),
        GOOD.replace("*EA*", "*CA*"),
        x12("852", "XQ*H*20260301*20260307", N1, "LIN*1*IN*A", "ZA*QS*3*EA"),
    ],
    ids=["no location", "two codes", "a unit", "a week"],
)
def test_what_the_mapping_does_not_say_is_no_fault_of_the_sender_s(text):
    made, found = surveyed(text)
    assert (found, made.messages[0].outcome) == ([], "refused")
    [(_, told)] = answered(text)
    assert "AK5 A" in told


def test_what_became_of_messages_of_edifact():
    good = edifact("ORDERS", *HEAD, "LIN+1++A:IN", "QTY+21:24")
    assert answered(good) == [("CONTRL", ["UCI 7*THEM:14*US:14*7", "UCM 1*ORDERS:D:96A:UN*7"])]
    bad = edifact("ORDERS", *HEAD, "LIN+1++A:IN", "QTY+21:2.5")
    assert answered(bad) == [("CONTRL", ["UCI 7*THEM:14*US:14*4*18", "UCM 1*ORDERS:D:96A:UN*4*18"])]


def test_it_goes_to_the_sender_from_the_receiver_under_a_number_of_the_file():
    made, _ = surveyed(GOOD)
    [(_, control, text)] = replies(GOOD.encode(), made.messages, NOW)
    assert [*replies(GOOD.encode(), made.messages, NOW)] == [("997", control, text)]
    isa, gs, *_ = read_segments(text)
    assert (isa.get(6), isa.get(8), gs.get(2), gs.get(3)) == ("US", "THEM", "US", "THEM")
    made, _ = surveyed(text)
    assert [(one.reference, one.taken) for one in made.answers] == [("7/0001", True)]
    assert made.messages[0].complaints == made.around.complaints == []


def test_an_acknowledgement_and_a_file_without_an_envelope_are_not_answered():
    assert answered(x12("997", "AK1*PO*201", "AK9*A*1*1*1")) == []
    assert answered(GOOD[GOOD.index("ST*") : GOOD.index("GE*")]) == []


def test_each_sender_may_have_a_mapping_of_its_own(tmp_path):
    (tmp_path / "mapping.toml").write_text('locations = ["all"]\n')
    (tmp_path / "mapping-THEM.toml").write_text('locations = ["theirs"]\n')
    terms = terms_beside(tmp_path)
    assert [terms(sender).location("") for sender in ("THEM", "../THEM", "OTHER", "")] == [
        *("theirs", "all", "all", "all")
    ]
    assert isinstance(terms_beside(tmp_path / "nowhere")("THEM"), Terms)
