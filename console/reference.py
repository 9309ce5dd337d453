"""What the topics say of suppliers: their terms, and what they have really been like."""

from typing import Any, Final

import msgspec

from andon.schemas.scorecards import Scorecard
from andon.schemas.suppliers import Supplier

SUPPLIERS: Final = "suppliers"
SCORECARDS: Final = "scorecards"


class Reference:
    """The suppliers' terms and scorecards, by their names."""

    def __init__(self) -> None:
        self.terms: dict[str, Supplier] = {}
        self.cards: dict[str, Scorecard] = {}
        self._term_decoder = msgspec.json.Decoder(Supplier)
        self._card_decoder = msgspec.json.Decoder(Scorecard)

    def take_terms(self, record: Any) -> None:
        """Take in a record of the suppliers' topic; what cannot be read is among the dead letters."""
        name = (record.key or b"").decode("utf-8", "replace")
        if not record.value:
            self.terms.pop(name, None)
            return
        try:
            told = self._term_decoder.decode(record.value)
        except (msgspec.MsgspecError, ValueError):
            return
        known = self.terms.get(told.supplier)
        if known is None or told.updated_at >= known.updated_at:
            self.terms[told.supplier] = told

    def take_card(self, record: Any) -> None:
        """Take in a record of the scorecards' topic; only those of suppliers are kept."""
        kind, _, name = (record.key or b"").decode("utf-8", "replace").partition("/")
        if kind != "supplier":
            return
        if not record.value:
            self.cards.pop(name, None)
            return
        try:
            self.cards[name] = self._card_decoder.decode(record.value)
        except msgspec.MsgspecError:
            return
