"""The kinds of messages, and what reads each."""

from collections.abc import Callable
from typing import Final

from andon.connect.edi import acknowledgements, advices, counts, delays, orders, reports, schedules
from andon.connect.edi.sheet import Sheet

READERS: Final[dict[str, Callable[[Sheet], None]]] = {
    "214": delays.status_x12,
    "830": schedules.schedule_x12,
    "846": counts.stock_x12,
    "850": orders.order_x12,
    "852": reports.activity,
    "855": orders.answer_x12,
    "856": advices.dispatch_x12,
    "860": orders.change_x12,
    "865": orders.answer_x12,
    "997": acknowledgements.acknowledged_x12,
    "999": acknowledgements.acknowledged_x12,
    "CONTRL": acknowledgements.acknowledged_edifact,
    "DELFOR": schedules.schedule_edifact,
    "DESADV": advices.dispatch_edifact,
    "IFTSTA": delays.status_edifact,
    "INVRPT": counts.stock_edifact,
    "ORDCHG": orders.order_edifact,
    "ORDERS": orders.order_edifact,
    "ORDRSP": orders.answer_edifact,
    "RECADV": advices.receipt_edifact,
    "SLSRPT": reports.sales_edifact,
}
#: What changes neither stock nor orders.
ASIDE: Final = {
    "810": "an invoice",
    "820": "a payment",
    "824": "advice of errors in another message",
    "832": "a catalogue of prices",
    "864": "a text",
    "APERAK": "advice of errors in another message",
    "INVOIC": "an invoice",
    "PARTIN": "particulars of a partner",
    "PRICAT": "a catalogue of prices",
    "REMADV": "a payment",
}
#: Those that acknowledge others, and are not acknowledged.
ACKNOWLEDGE: Final = frozenset(("997", "999", "CONTRL"))
