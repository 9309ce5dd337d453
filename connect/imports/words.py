"""Words that mean something of themselves wherever they stand: errors of spreadsheets, sums of rows, and single pieces."""

from typing import Final

#: What spreadsheets write where a formula failed, in English, German, French and Spanish.
EXCEL_ERRORS: Final = frozenset(
    [
        "#N/A",
        "#NAME?",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NULL!",
        "#NUM!",
        "#NV",
        "#BEZUG!",
        "#WERT!",
        "#ZAHL!",
        "#NOM?",
        "#VALEUR!",
        "#NOMBRE!",
        "#NOMBRE?",
        "#¡REF!",
        "#¡VALOR!",
        "#¡DIV/0!",
    ]
)
#: What stands where a code should, in a row that sums others up (as `folded` writes it).
SUMS: Final = frozenset(
    [
        "total",
        "totals",
        "subtotal",
        "summe",
        "gesamt",
        "gesamtsumme",
        "insgesamt",
        "endsumme",
        "summen",
        "zwischensumme",
        "totaux",
        "somme",
        "suma",
        "totales",
        "gesamtergebnis",
        "ergebnis",
        "zwischenergebnis",
        "totale",
        "subtotale",
        "totaal",
        "subtotaal",
        "eindtotaal",
    ]
) | {
    "grand total",
    "sub total",
    "total general",
    "sous total",
    "totale generale",
    "totale complessivo",
    "report total",
}
#: Units of measure that are one unit.
PIECES: Final = frozenset(
    [
        "ea",
        "each",
        "pc",
        "pcs",
        "pce",
        "piece",
        "pieces",
        "unit",
        "units",
        "nos",
        "no",
        "un",
        "st",
        "stk",
        "stuck",
        "stueck",
        "piece",
        "unite",
        "unites",
        "ud",
        "uds",
        "unidad",
        "unidades",
        "pza",
        "pz",
        "pezzi",
        "pezzo",
        "stuks",
        "stuk",
        "h87",
        "c62",
    ]
)
