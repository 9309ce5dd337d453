"""Each kind of message becomes the events that it tells of."""

import pytest
from support.edi import edifact, events, plain, surveyed, x12

LINES = {"location": "S1", "sku": "A"}
NOON = "2026-03-04T12:00:00Z"
SAID = "2026-03-05T09:30:00Z"
END = "T23:59:59Z"
N1 = "N1*ST*Shop*92*S1"
NAD = "NAD+DP+S1::92"
LIN = "LIN+1++A:IN"
DTM = "DTM+137:20260305:102"


def sale(quantity, at=NOON, location="S1", sku="A", **more):
    return {"family": "pos", "occurred_at": at, "location": location, "sku": sku, "quantity": quantity, **more}  # fmt: skip


def count(quantity, at, location="S1", sku="A"):
    return {"family": "stock", "occurred_at": at, "location": location, "sku": sku, "kind": "count", "quantity": quantity}  # fmt: skip


def shipment(status, lines, number="P-1", at=SAID, **more):
    told = [{"location": "S1", "sku": "A", **one} for one in lines]
    return {"family": "shipments", "occurred_at": at, "shipment_id": number, "status": status, **({"lines": told} if told else {}), **more}  # fmt: skip


def delay(**more):
    return {"family": "delays", "scope": {"type": "shipment", "id": "B-1"}, "delay_id": "FAST:B-1", **more}  # fmt: skip


ACTIVITY = ("XQ*H*20260304", N1, "LIN*1*IN*A")
ORDER = ("BEG*00*SA*P-1**20260305", "DTM*002*20260312", N1)
ORDERED = {"ordered_at": SAID, "expected_at": "2026-03-12" + END}
PROMISED = {"promised_at": "2026-03-12" + END, "expected_at": "2026-03-12" + END}
ANSWER = ("BAK*00*AC*P-1*20260304****V-9*20260305", N1)
NOTICE = ("BSN*00*D-1*20260305*0915", "HL*1**S", "TD5**2*FAST*M", "DTM*017*20260312", N1, "HL*2*1*O", "PRF*P-1")  # fmt: skip
AT915 = "2026-03-05T09:15:00Z"
HEAD = ("BGM+220+P-1+9", DTM, "DTM+2:20260312:102", NAD)
RESPONSE = ("BGM+231+R-1+4", DTM, "RFF+ON:P-1", NAD)
DESPATCH = ("BGM+351+D-1+9", "DTM+137:202603050915:203", "DTM+132:20260312:102", NAD)
RECEIPT = ("BGM+632+R-1+9", "DTM+50:202603050915:203", "RFF+ON:P-1", NAD)
SCHEDULE = ("BFR*05**S-1*SH*A*20260301*20260630*20260305", "N1*ST*Them*92*PLANT", "N1*SF*Us*92*S1", "LIN*1*IN*A", "UIT*EA")  # fmt: skip
FORECAST = ("BGM+241+S-1+5", DTM, "NAD+CN+PLANT::92", "NAD+SF+S1::92", LIN)
DUE = {"kind": "backorder", "due_at": "2026-03-12T12:00:00Z", "at": "2026-03-05T09:30:00Z"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (x12("852", *ACTIVITY, "ZA*QS*3*EA", "ZA*QA*9*EA", "ZA*QP*50*EA"), [sale(3), count(9, "2026-03-04" + END)]),
        (x12("852", *ACTIVITY, "ZA*QU*2*EA"), [sale(2, kind="return")]),
        (x12("852", *ACTIVITY, "ZA*QS*-2*EA"), [sale(2, kind="return")]),
        (x12("852", *ACTIVITY, "ZA*QS*0*EA"), []),
        (x12("852", *ACTIVITY, "ZA*QE*7*EA", "ZA*QA*9*EA"), [count(7, "2026-03-04" + END)]),
        (x12("852", "XQ*H*20260304", "LIN*1*IN*A", "ZA*QS*7*EA", "SDQ*EA*92*S1*3*S2*4"), [sale(3), sale(4, location="S2")]),
        (x12("852", "XQ*H*20260301*20260304", N1, "LIN*1*IN*A", "ZA*QS*3*EA*007*20260304"), [sale(3)]),
        (edifact("SLSRPT", "BGM+73E+7+9", "LOC+162+S1", "DTM+356:20260304:102", LIN, "QTY+153:3:PCE", "LIN+2++A:IN", "QTY+153:3"), [sale(3), sale(3)]),
        (edifact("SLSRPT", "BGM+73E+7+9", "DTM+356:20260304-20260304:718", "LOC+162+S1", LIN, "QTY+152:3", "QTY+61:1"), [sale(3), sale(1, kind="return")]),
        (x12("846", "BIA*00*DD*7*20260304*0600", "N1*WH*Shop*92*S1", "LIN*1*IN*A", "QTY*33*9*EA"), [count(9, "2026-03-04T06:00:00Z")]),
        (edifact("INVRPT", "BGM+35+7+9", "DTM+366:202603040600:203", LIN, "LOC+14+S1", "QTY+145:9", "LOC+14+S2", "QTY+145:4", "QTY+17:5"), [count(9, "2026-03-04T06:00:00Z"), count(4, "2026-03-04T06:00:00Z", "S2")]),
        (edifact("INVRPT", "BGM+35+7+9", "DTM+91:20260304:102", NAD, LIN, "QTY+17:9"), [count(9, "2026-03-04" + END)]),
        (x12("850", *ORDER, "PO1*1*24*EA*2.5**IN*A", "CTT*1"), [shipment("ordered", [{"quantity": 24}], **ORDERED)]),
        (x12("850", *ORDER, "PO1*1*24*EA***IN*A", "PO1*2*6*EA***IN*A"), [shipment("ordered", [{"quantity": 24}, {"quantity": 6}], **ORDERED)]),
        (x12("850", *ORDER, "PO1*1*24*EA***IN*A", "SDQ*EA*92*S1*20*S2*4"), [shipment("ordered", [{"quantity": 20}, {"quantity": 4, "location": "S2"}], **ORDERED)]),
        (x12("850", "BEG*01*SA*P-1**20260305"), [shipment("cancelled", [], ordered_at=SAID)]),
        (x12("860", "BCH*04*SA*P-1***20260301*****20260305", N1, "POC*1*QD*10*14*EA***IN*A", "POC*2*DI***EA***IN*B"), [shipment("ordered", [{"quantity": 10}, {"quantity": 0, "sku": "B"}], ordered_at="2026-03-01T12:00:00Z")]),
        (x12("860", "BCH*01*SA*P-1***20260301*****20260305"), [shipment("cancelled", [], ordered_at="2026-03-01T12:00:00Z")]),
        (x12("855", *ANSWER, "PO1*1*24*EA***IN*A", "ACK*IQ*20*EA*067*20260312"), [shipment("confirmed", [{"quantity": 20}], **PROMISED)]),
        (x12("855", *ANSWER, "PO1*1*24*EA***IN*A", "ACK*IA*20*EA*067*20260310", "ACK*IB*4*EA*067*20260312"), [shipment("confirmed", [{"quantity": 24}], **PROMISED)]),
        (x12("855", *ANSWER, "PO1*1*24*EA***IN*A", "ACK*IA", "PO1*2*5*EA***IN*B", "ACK*IR"), [shipment("confirmed", [{"quantity": 24}, {"quantity": 0, "sku": "B"}])]),
        (x12("855", "BAK*00*RJ*P-1*20260305"), [shipment("cancelled", [])]),
        (x12("855", "BAK*00*AK*P-1*20260305"), [shipment("confirmed", [])]),
        (x12("865", "BCA*00*AC*P-1***20260301****20260305", N1, "POC*1*CA*18*0*EA***IN*A", "ACK*IQ*18*EA*068*20260308"), [shipment("confirmed", [{"quantity": 18}])]),
        (x12("856", *NOTICE, "HL*3*2*I", "LIN*1*IN*A", "SN1*1*24*EA"), [shipment("dispatched", [{"quantity": 24}], "D-1", AT915, carrier="FAST", order_id="P-1", expected_at="2026-03-12" + END)]),
        (x12("856", *NOTICE, "HL*3*2*P", "MAN*GM*1", "HL*4*3*I", "LIN**IN*A", "SN1**10*EA", "HL*5*2*P", "HL*6*5*I", "LIN**IN*A", "SN1**14*EA"), [shipment("dispatched", [{"quantity": 24}], "D-1", AT915, carrier="FAST", order_id="P-1", expected_at="2026-03-12" + END)]),
        (x12("856", "BSN*00*D-1*20260305*0915", "HL*1**S", N1, "HL*2*1*O", "PRF*P-1", "HL*3*2*I", "LIN**IN*A", "SN1**10*EA", "HL*4*1*O", "PRF*P-2", "HL*5*4*I", "LIN**IN*A", "SN1**14*EA"),
         [shipment("dispatched", [{"quantity": 10}], "D-1/P-1", AT915, order_id="P-1"), shipment("dispatched", [{"quantity": 14}], "D-1/P-2", AT915, order_id="P-2")]),
        (x12("856", "BSN*01*D-1*20260305*0915"), [shipment("cancelled", [], "D-1", AT915)]),
        (edifact("ORDERS", *HEAD, LIN, "QTY+21:24:PCE", "UNS+S", "CNT+2:1"), [shipment("ordered", [{"quantity": 24}], **ORDERED)]),
        (edifact("ORDCHG", "BGM+230+C-1+4", DTM, "RFF+ON:P-1", NAD, "LIN+1+3+A:IN", "QTY+21:10", "LIN+2+2+B:IN"), [shipment("ordered", [{"quantity": 10}, {"quantity": 0, "sku": "B"}])]),
        (edifact("ORDRSP", *RESPONSE, "DTM+67:20260312:102", "LIN+1+6+A:IN", "QTY+21:24", "QTY+113:20", "QTY+83:4", "LIN+2+7+B:IN", "QTY+21:5"), [shipment("confirmed", [{"quantity": 24}, {"quantity": 0, "sku": "B"}], **PROMISED)]),
        (edifact("ORDRSP", "BGM+231+R-1+27", DTM, "RFF+ON:P-1"), [shipment("cancelled", [])]),
        (edifact("DESADV", *DESPATCH, "RFF+ON:P-1", "NAD+CA+FAST", "CPS+1", LIN, "QTY+12:10", "LIN+2++A:IN", "QTY+12:14"), [shipment("dispatched", [{"quantity": 24}], "D-1", AT915, carrier="FAST", order_id="P-1", expected_at="2026-03-12" + END)]),
        (edifact("RECADV", *RECEIPT, LIN, "QTY+48:24"), [shipment("received", [{"quantity": 24, "received": 24}], "R-1", AT915, order_id="P-1")]),
        (edifact("RECADV", *RECEIPT, "RFF+AAK:D-1", LIN, "QTY+194:20", "QTY+195:4"), [shipment("received", [{"received": 24, "rejected": 4}], "D-1", AT915, order_id="P-1")]),
        (x12("214", "B10*1*B-1*FAST", "LX*1", "AT7*SD*BG***20260305*0915*LT"), [delay(occurred_at=AT915, reason="FAST reports SD, reason BG")]),
        (x12("214", "B10*1*B-1*FAST", "LX*1", "AT7*AG*NS***20260312*1000*LT"), [delay(occurred_at=SAID, expected_at="2026-03-12T10:00:00Z", reason="FAST reports AG, reason NS")]),
        (edifact("IFTSTA", "BGM+77+7+9", "DTM+137:202603050915:203", "NAD+CA+FAST", "CNI+1+B-1", "STS+1+31", "DTM+132:202603121000:203"), [delay(occurred_at=AT915, expected_at="2026-03-12T10:00:00Z", reason="the carrier reports status 31")]),
        (x12("830", *SCHEDULE, "FST*40*C*D*20260312", "FST*0.5*D*W*20260319"), [sale(40, **DUE)]),
        (edifact("DELFOR", *FORECAST, "SCC+1", "QTY+113:40", "DTM+2:20260312:102", "SCC+4", "QTY+113:90", "DTM+2:20260319:102"), [sale(40, **DUE)]),
    ],
)  # fmt: skip
def test_what_a_message_tells(text, expected):
    assert events(text) == expected


PRICED = "PO1*1*24*{}*{}*{}*IN*A"


@pytest.mark.parametrize(
    ("text", "cost", "currency"),
    [
        (x12("855", "BAK*00*AC*P-1*20260305", "CUR*SE*EUR", N1, PRICED.format("EA", "2.75", ""), "ACK*IP*24*EA"), 2.75, "EUR"),
        (x12("855", *ANSWER, PRICED.format("EA", "2.75", "PE"), "ACK*IA"), 2.75, None),
        (x12("855", *ANSWER, PRICED.format("CA", "33", ""), "ACK*IA"), 2.75, None),
        (x12("855", *ANSWER, PRICED.format("CA", "2.75", "PE"), "ACK*IA"), 2.75, None),
        (x12("855", *ANSWER, PRICED.format("EA", "275", "HP"), "ACK*IA"), 2.75, None),
        (x12("865", "BCA*00*AC*P-1***20260301****20260305", "CUR*SE*eur", N1, "POC*1*PC*24*0*EA*2.75**IN*A"), 2.75, None),
        (edifact("ORDRSP", *RESPONSE[:3], "CUX+2:EUR:9", NAD, "LIN+1+5+A:IN", "QTY+113:24:PCE", "PRI+AAA:2,75"), 2.75, "EUR"),
        (edifact("ORDRSP", *RESPONSE, "LIN+1+5+A:IN", "QTY+113:24", "PRI+AAB:3", "PRI+AAA:275:CT::100:PCE"), 2.75, None),
        (edifact("ORDRSP", *RESPONSE, "LIN+1+5+A:IN", "QTY+113:2:CA", "PRI+AAA:33"), 2.75, None),
        (edifact("ORDRSP", *RESPONSE, "LIN+1+5+A:IN", "QTY+113:24", "PRI+AAB:3"), None, None),
        (x12("855", *ANSWER, PRICED.format("EA", "0", ""), "ACK*IA"), None, None),
        (x12("855", *ANSWER, PRICED.format("EA", "2.75", ""), "ACK*IR"), None, None),
    ],
)  # fmt: skip
def test_an_answer_says_what_a_unit_costs(text, cost, currency):
    made, found = surveyed(text, units={"CA": 12.0})
    assert (made.refused, made.messages[0].complaints) == ({}, [])
    [line] = (event := plain(found[0]))["lines"]
    assert (line.get("unit_cost"), event.get("currency")) == (cost, currency)


@pytest.mark.parametrize(
    "segments",
    [
        (PRICED.format("EA", "2.75", "RE"), "ACK*IA"),
        (PRICED.format("EA", "cheap", ""), "ACK*IA"),
        (PRICED.format("PF", "2.75", ""), "ACK*IQ*24*EA"),
    ],
)
def test_a_price_that_is_not_clear_is_complained_of_and_left_out(segments):
    made, [event] = surveyed(x12("855", *ANSWER, *segments))
    assert (made.refused, "unit_cost" in plain(event)["lines"][0]) == ({}, False)
    assert [one.reason for one in made.messages[0].complaints] == ["price"]


def test_lines_are_told_by_their_numbers_if_that_is_said():
    text = x12("850", *ORDER, "PO1*10*24*EA***IN*A", "PO1*20*6*EA***IN*A")
    lines = [{"quantity": 24, "line": "10"}, {"quantity": 6, "line": "20"}]
    assert events(text, set={"lines": "named"}) == [shipment("ordered", lines, **ORDERED)]


@pytest.mark.parametrize(
    ("kind", "segments"),
    [
        ("214", ("B10*1*B-1*FAST", "LX*1", "AT7*D1*NS***20260305*0915*LT")),
        ("214", ("B10*1*B-1*FAST", "LX*1", "AT7*X6*NS***20260305*0915*LT")),
        ("810", ("BIG*20260305*I-1", "TDS*100")),
        ("832", ("BCT*RC",)),
    ],
)
def test_what_is_right_and_changes_nothing_is_set_aside(kind, segments):
    made, found = surveyed(x12(kind, *segments))
    assert (found, made.refused, made.messages[0].outcome) == ([], {}, "set aside")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (x12("997", "AK1*PO*201", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"), [("850", "201/0001", True)]),
        (x12("997", "AK1*PO*201", "AK2*850*0001", "AK3*PO1*9**8", "AK5*R*5", "AK9*R*1*1*0"), [("850", "201/0001", False), ("group", "201", False)]),
        (edifact("CONTRL", "UCI+201+US+THEM+7", "UCM+1+ORDERS:D:96A:UN+4+18"), [("interchange", "201", True), ("ORDERS", "201/1", False)]),
    ],
)  # fmt: skip
def test_what_partners_say_of_what_was_sent_is_told(text, expected):
    made, found = surveyed(text)
    assert ([(one.kind, one.reference, one.taken) for one in made.answers], found) == (expected, [])
