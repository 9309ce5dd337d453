"""Whether a row of sales is a sale, a return, or none: by its kind, its status, and what says that it was cancelled."""

from typing import Final

from andon.connect.imports.events import Skip
from andon.connect.imports.names import folded
from andon.connect.tables.dates import moment_of
from andon.connect.tables.errors import BadRow
from andon.connect.tables.options import DAY_FIRST


def _words(text: str) -> frozenset[str]:
    return frozenset(one.strip() for one in text.split(","))


_RETURNS: Final = _words(
    "return, refund, returned, refunded, credit, credit note, retoure, retour, rucknahme, ruckgabe, gutschrift, erstattung, "
    "remboursement, avoir, devolucion, reembolso, abono, reso, rimborso, nota di credito, restituzione, retourzending, creditnota"
)
_SALES: Final = _words(
    "sale, sold, payment, order, invoice, verkauf, rechnung, vente, facture, venta, factura, vendita, fattura, verkoop, factuur, "
    "completed, wc completed, paid, processing, wc processing, sale line, sales invoice, pos invoice, receipt"
)
_CANCELLED: Final = _words(
    "cancelled, canceled, cancel, wc cancelled, wc failed, failed, void, voided, storniert, storno, annule, annulee, anulado, anulada, "
    "cancelado, cancelada, annullato, annullata, geannuleerd, declined, rejected, expired, trash, deleted"
)
#: Statuses of what was sold.
_SOLD: Final = _SALES | _words(
    "shipped, fulfilled, unfulfilled, partial, partially fulfilled, delivered, dispatched, complete, closed, done, invoiced, posted, "
    "submitted, confirmed, locked, sales order, approved, captured, settled, success, successful, ok, partially paid, authorized, "
    "in process, unpaid, overdue, credit note issued, consolidated, to deliver, to bill, to deliver and bill, "
    "abgeschlossen, bezahlt, versandt, erledigt, geliefert, verkauft, gebucht, "
    "termine, terminee, payee, paye, livre, livree, expedie, expediee, completado, completada, pagado, pagada, entregado, enviado, "
    "completato, pagato, spedito, consegnato, evaso, voltooid, betaald, verzonden, geleverd, afgerond"
)
#: Statuses of what is not sold yet, and may never be.
_NOT_YET: Final = _words(
    "draft, quotation, quotation sent, quote, pending, pending payment, wc pending, on hold, wc on hold, checkout draft, parked, "
    "layby, saved, waiting, entwurf, angebot, brouillon, devis, borrador, presupuesto, bozza, preventivo, concept, offerte"
)
_REFUNDED: Final = _words(
    "refunded, wc refunded, partially refunded, partly refunded, partial refund, erstattet, teilweise erstattet, rembourse, remboursee, "
    "reembolsado, rimborsato, terugbetaald"
)
_YES: Final = _words("true, t, yes, y, 1, x, ja, j, oui, o, si, s, voided, void")
_NO: Final = _words("false, f, no, n, 0, nein, non, faux, falsch, falso, nee, active, valid")
#: Columns that answer yes or no.
_FLAGS: Final = _words(
    "is return, return, returned, is refund, refund, retoure, retour, avoir, reso"
)
#: Columns of which pending means that it was ordered, and not yet paid.
_OF_MONEY: Final = _words("financial status, payment status")


def is_cancelled(text: str) -> bool:
    """Return whether a cell of a column of cancellations says that there was one: a word for it, a date, or yes.

    Raises:
        BadRow: nobody can tell.
    """
    word = folded(text)
    if word in _NO or not word:
        return False
    if word in _YES or word in _CANCELLED or _is_date(text):
        return True
    raise BadRow(
        "cancelled",
        f"{text!r} says neither that it was cancelled nor that it was not: --column cancelled= overlooks the column",
    )


def _is_date(text: str) -> bool:
    try:
        moment_of(text, DAY_FIRST, "")
    except BadRow:
        try:
            moment_of(text, "month-first", "")
        except BadRow:
            return False
    return True


def check_status(text: str, head: str, quantity: int) -> None:
    """Go on if a row of this status was sold.

    Args:
        text: the status.
        head: the column's name.
        quantity: of the row; negative if units came back.

    Raises:
        Skip: it was cancelled, or is not sold yet.
        BadRow: nobody knows the word, or how much came back.
    """
    word = folded(text)
    if word in _CANCELLED:
        raise Skip("cancelled")
    if word in _SOLD or (word in _NOT_YET and folded(head) in _OF_MONEY):
        return
    if word in _NOT_YET:
        raise Skip("not sold yet")
    if quantity < 0 and word in _RETURNS | _REFUNDED:
        return
    if word in _REFUNDED | _RETURNS:
        raise BadRow(
            "status",
            f"{head}: {text!r} does not say what came back: export sales and refunds as rows of their own, or overlook the column "
            "(--column status=) and all are sales",
        )
    raise BadRow(
        "status",
        f"{head}: {text!r} is no status of a sale that is known: --column status= overlooks the column",
    )


def kind_of(text: str | None, quantity: int, head: str = "") -> str:
    """Return whether a row is a sale or a return.

    Args:
        text: what its column for that says, if there is one.
        quantity: of the row, in units; negative if they came back.
        head: the column's name, which may ask for yes or no.

    Raises:
        BadRow: nobody knows the word.
        Skip: it says that the sale was cancelled.
    """
    if quantity < 0:
        return "return"
    if text is None:
        return "sale"
    word = folded(text)
    if folded(head) in _FLAGS and word in _YES | _NO:
        return "return" if word in _YES else "sale"
    if word in _RETURNS:
        return "return"
    if word in _CANCELLED:
        raise Skip("cancelled")
    if word not in _SALES:
        raise BadRow(
            "kind",
            f"{text!r} is neither a sale nor a return: --column kind= overlooks the column",
        )
    return "sale"
