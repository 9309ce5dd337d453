"""What people call columns: in English, German, French, Spanish, Italian and Dutch, and in the exports of common programs.

Case, accents and punctuation of a column's name say nothing; those of what stands below it do, and are left alone.
"""

import re
import unicodedata
from collections.abc import Collection
from typing import Final

_SIGNS: Final = re.compile(r"[^a-z0-9%]+")


def folded(name: str) -> str:
    """Return a column's name as it is compared."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    without = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return _SIGNS.sub(" ", without).strip()


#: Names of each field, the surest first; written as `folded` writes them, several in a line, divided by commas.
_NAMES: Final = {
    "sku": (
        "sku, lineitem sku, variant sku, item code, itemcode, product code, product sku, article number, "
        "article no, article code, item number, item no, item id, stock code, stockcode, material, material number, matnr, "
        "internal reference, product internal reference, order lines product internal reference, default code, "
        "artikelnummer, artikelnr, artikel nr, artnr, art nr, artikel, artikelcode, sachnummer, materialnummer, "
        "code article, reference, ref article, reference article, ref, code produit, "
        "codigo, codigo articulo, codigo de articulo, codigo producto, articulo, referencia, "
        "gtin, ean, upc, barcode, product id, product, produkt, produit, producto, article, item, code, token, "
        "codice articolo, codice prodotto, cod articolo, cod art, codice, articolo, prodotto, artikelcode, artikelnr, codigo de producto, cod, sku code"
    ),
    "location": (
        "location, location name, store, store id, store name, shop, shop name, branch, branch code, site, outlet, warehouse, "
        "warehouse name, set warehouse, target warehouse, source warehouse, plant, werk, werks, lager, lagerort, filiale, "
        "filialnummer, filialnr, laden, markt, standort, verkaufsstelle, depot, magasin, entrepot, point de vente, "
        "boutique, site de stockage, tienda, almacen, sucursal, local, ubicacion, establecimiento, point of sale, facility, "
        "sucursal nombre, negozio, punto vendita, magazzino, deposito, sede, filiale codice, winkel, vestiging, filiaalnummer, filiaal, magazijn, plnt, plant code, storage location, sloc, lort, nombre tienda, filialname"
    ),
    "occurred_at": (
        "occurred at, sold at, date time, datetime, timestamp, created at, order date, date ordered, date created, "
        "sale date, sales date, transaction date, posting date, receipt date, invoice date, date, day, date gmt, paid at, "
        "datum, tag, belegdatum, buchungsdatum, verkaufsdatum, bestelldatum, rechnungsdatum, bondatum, kaufdatum, zeitstempel, "
        "budat, bldat, date de vente, date commande, date de commande, date facture, jour, "
        "fecha, fecha de venta, fecha venta, fecha pedido, fecha factura, dia, "
        # Weeks and months are read, too, so as to be told that they are no days.
        "month, week, monat, woche, mois, semaine, mes, semana, "
        "data, data vendita, data ordine, data di vendita, data documento, giorno, verkoopdatum, besteldatum, factuurdatum, dag, doc date, settimana, mese, maand, sale date"
    ),
    "time": "time, time of day, posting time, uhrzeit, zeit, heure, hora, ora, tijd, tijdstip, sale time",
    "quantity": (
        "quantity, qty, lineitem quantity, qty sold, quantity sold, units, units sold, sold, sales units, "
        "sales qty, net quantity, menge, anzahl, stueck, stuck, stuckzahl, verkaufte menge, absatz, quantite, qte, "
        "quantite vendue, nombre, cantidad, cant, unidades, unidades vendidas, order lines quantity, sales, erfmg, menge in erfassungsme, "
        "quantita, qta, pezzi, quantita venduta, aantal, hoeveelheid, verkocht aantal, quantity refund, quantity ordered, items sold, qty ordered"
    ),
    "unit_price": (
        "unit price, price, lineitem price, item price, item cost, rate, selling price, sell price, price each, "
        "order lines unit price, einzelpreis, preis, verkaufspreis, vk preis, vk, stuckpreis, prix, prix unitaire, prix de vente, prix unitaire ttc, prix unitaire ht, prix ttc, prix ht, "
        "precio, precio unitario, precio venta, pvp, standard rate, list price, variant price, retail price, sales price, "
        "pu ttc, pu ht, pu, prezzo, prezzo unitario, prezzo di vendita, prijs, verkoopprijs, stuksprijs, eenheidsprijs"
    ),
    "transaction_id": (
        "transaction id, receipt, receipt number, receipt no, receipt id, order number, order no, order id, order ref, "
        "order reference, invoice, invoice number, invoice no, invoiceno, ticket, voucher no, sales order, document number, "
        "bon, bonnummer, bonnr, belegnummer, beleg, belegnr, rechnungsnummer, bestellnummer, auftrag, auftragsnummer, "
        "numero de ticket, ticket de caisse, facture, numero de facture, commande, numero de commande, "
        "numero de recibo, recibo, factura, pedido, numero de pedido, "
        "n de ticket, no de ticket, n ticket, n de commande, n commande, n facture, bon nr, beleg nr, scontrino, numero scontrino, ricevuta, numero ordine, ordine, bonnr, kassabon, bonnummer, ordernummer, factuurnummer, order"
    ),
    "line": (
        "line, line number, line no, line id, lineitem id, line item, position, pos, posnr, zeile, row, idx, "
        "ligne, numero de ligne, linea, posicion, ebelp, "
        "riga, numero riga, regel, regelnummer"
    ),
    "till": "till, register, terminal, pos profile, device name, kasse, kassennummer, caisse, caja, cassa, kassa",
    "kind": (
        "kind, type, event type, transaction type, vorgang, art, typ, type de vente, tipo, is return, "
        "tipo vendita, is refund, line type, soort, transactietype"
    ),
    "cancelled": (
        "cancelled at, canceled at, storniert, annule, anulado, storno, voided, "
        "void, is void, is voided, is cancelled, is canceled, cancelled, canceled, annullato, geannuleerd"
    ),
    "unit": (
        "unit, uom, unit of measure, base unit of measure, unit of entry, stock uom, einheit, me, mengeneinheit, "
        "basismengeneinheit, meins, unite, unite de mesure, unidad, unidad de medida, "
        "unita di misura, um, eenheid, bun, bme, oun, bestellmengeneinheit, order unit, base unit"
    ),
    "in_stock": "in stock, available, verfugbar",
    "promotion": "promotion, promo, on promotion, onpromotion, is promo, promoted, aktion, promocion",
    "area": (
        "area, bin, bin location, zone, shelf, lagerplatz, regal, emplacement, estanteria, "
        "ubicazione, scaffale, locatie"
    ),
    "supplier": (
        "supplier, supplier name, vendor, vendor name, default supplier, partner, lieferant, lieferantenname, kreditor, lifnr, "
        "fournisseur, nom du fournisseur, proveedor, nombre del proveedor, vendor supplying plant, vendors vendor, "
        "fornitore, nome fornitore, leverancier, leveranciersnaam, lieferant lieferwerk, vendor supplying plant, name of vendor"
    ),
    "description": (
        "description, name, item name, product name, lineitem name, title, material description, short text, maktx, "
        "bezeichnung, beschreibung, artikelbezeichnung, artikelname, designation, libelle, descripcion, nombre, "
        "descrizione, denominazione, omschrijving, kurztext, materialkurztext, nom"
    ),
    "category": (
        "category, item group, product category, product type, warengruppe, kategorie, categorie, famille, categoria, familia, matkl, "
        "reparto, categorie artikel, artikelgroep, department, departement"
    ),
    "currency": "currency, currency code, wahrung, waehrung, devise, moneda, waers, valuta, divisa",
    "unit_cost": (
        "unit cost, cost, cost price, cost per item, purchase price, valuation rate, standard cost, standard price, "
        "einkaufspreis, ek preis, ek, einstandspreis, cout, prix d achat, coste, costo, precio de compra, precio compra, "
        "costo unitario, prezzo d acquisto, prezzo di acquisto, inkoopprijs, kostprijs, moving average price, gld preis"
    ),
    "lead_time_days": (
        "lead time days, lead time, lead time in days, delivery lead time, planned deliv time, planned delivery time, plifz, "
        "vendors delivery lead time, lieferzeit, lieferzeit tage, lieferzeit wochen, lieferzeit in tagen, lieferzeit in wochen, lead time weeks, wiederbeschaffungszeit, planlieferzeit, delai, "
        "delai de livraison, delai jours, plazo, plazo de entrega, dias de entrega, "
        "tempo di consegna, lead time giorni, giorni di consegna, levertijd, levertijd dagen, levertijd in dagen, levertijd weken"
    ),
    "lead_time_sd_days": "lead time sd days, lead time sd",
    "pack_size": (
        "pack size, pack, case size, case pack, units per case, carton, ve, vpe, verpackungseinheit, gebinde, colisage, conditionnement, unidades por caja, rounding value, "
        "confezione, pezzi per confezione, verpakkingseenheid, stuks per doos, pcb"
    ),
    "minimum_order": (
        "minimum order, minimum order qty, min order qty, minimum order quantity, moq, minimum lot size, mindestbestellmenge, quantite minimum, cantidad minima, pedido minimo, "
        "quantita minima, ordine minimo, minimale bestelhoeveelheid, minimum bestelaantal"
    ),
    "order_cost": "order cost, ordering cost, bestellkosten",
    "shelf_life_days": (
        "shelf life days, shelf life, shelf life in days, total shelf life, haltbarkeit, haltbarkeit tage, mhd tage, dlc jours, vida util, "
        "scadenza giorni, houdbaarheid, houdbaarheid dagen"
    ),
    "service_class": "service class",
    "service_level": "service level, servicegrad, taux de service, nivel de servicio",
    "expected_daily_demand": "expected daily demand, daily demand, sales per day",
    "country": "country, country code, land, pays, pais, paese, herkunftsland",
    "item_code": (
        "supplier item code, supplier sku, supplier part no, vendor product code, vendors vendor product code, lieferantenartikelnummer, ref fournisseur, "
        "codice fornitore, artikelcode leverancier"
    ),
    "active": "active, enabled, aktiv, actif, activo, attivo, actief",
    "inactive": "disabled, discontinued, archived, blocked, inactive, gesperrt, ausgelistet, inaktiv, loschvormerkung, inactif, inactivo, bloccato, geblokkeerd",
    "stage": "stage",
    "updated_at": "updated at, modified, last modified, geandert am, modifie le",
    "shipment_id": (
        "shipment id, purchase order, purchase order number, po, po number, po no, order number, order no, order reference, "
        "order id, purchasing document, ebeln, reference, document number, name, voucher no, bestellnummer, bestellung, einkaufsbeleg, bestellnr, "
        "bon de commande, numero de commande, commande, orden de compra, numero de pedido, pedido, "
        "purch doc, purchasing doc, numero ordine, ordine, ordine d acquisto, inkooporder, inkoopordernummer, bestelbon, ordernummer, bestellung nr"
    ),
    "received": (
        "received, received qty, received quantity, qty received, quantity received, delivered quantity, delivered, geliefert, "
        "gelieferte menge, wareneingang, recu, quantite recue, quantite livree, recibido, cantidad recibida, "
        "order lines received qty, ricevuto, quantita ricevuta, ontvangen, geleverd, gr qty, gelieferte mng, already delivered"
    ),
    "ordered_at": (
        "ordered at, order date, date ordered, purchase date, document date, transaction date, posting date, date, order deadline, bestelldatum, belegdatum, datum, bedat, date de commande, date commande, fecha de pedido, fecha pedido, fecha, created at, "
        "data ordine, data, besteldatum, orderdatum, doc date, purch doc date"
    ),
    "expected_at": (
        "expected at, expected date, expected arrival, expected, eta, delivery date, due date, schedule date, required by, reqd by date, "
        "scheduled date, date planned, arrival date, lieferdatum, liefertermin, eindt, wunschtermin, date de livraison, date livraison, livraison prevue, "
        "fecha de entrega, fecha entrega, entrega prevista, "
        "data consegna, consegna prevista, leverdatum, verwachte leverdatum, lieferdat, delivery dt, deliv date"
    ),
    "promised_at": (
        "promised at, promised date, promised, confirmed date, zugesagt, bestatigtes lieferdatum, date promise, fecha prometida, "
        "data confermata, bevestigde datum"
    ),
    "received_at": "received at, receipt date, goods receipt date, date received, eingangsdatum, date de reception, fecha de recepcion, data ricevimento, ontvangstdatum",
    "status": (
        "status, order status, state, bestellstatus, statut, etat, estado, "
        "stato, orderstatus, document status, sales status, financial status, payment status, order state, invoice status"
    ),
    "outstanding": (
        "outstanding, outstanding qty, outstanding quantity, open qty, open quantity, open order qty, qty open, remaining, remaining qty, "
        "remaining quantity, still to be delivered qty, still to be delivered, qty to receive, to receive, pending qty, to be received, "
        "noch zu liefern menge, noch zu liefern, offene menge, offen, restmenge, rest, reste a livrer, reste a recevoir, reliquat, "
        "pendiente, pendiente de recibir, cantidad pendiente, da consegnare, da ricevere, residuo, openstaand, nog te leveren, nog te ontvangen"
    ),
    "moved_from": "from, source location, from location, location id",
    "moved_to": "to, destination location, to location, location dest id",
    "carrier": "carrier, shipper, spediteur, transporteur, transportista, corriere, vervoerder",
    "time_zone": "time zone, timezone, tz, zeitzone, fuseau horaire, zona horaria, fuso orario, tijdzone",
    "name": "name, location name, store name, shop name, warehouse name, bezeichnung, filialname, nom, nombre, description, nome, naam",
    "order_weekdays": "order weekdays, order days, bestelltage, jours de commande, dias de pedido",
    "delivery_weekdays": "delivery weekdays, delivery days, liefertage, jours de livraison, dias de entrega",
    "receiving_weekdays": "receiving weekdays, receiving days, annahmetage, jours de reception, dias de recepcion",
    "open_weekdays": "open weekdays, working days, opening days, arbeitstage, jours ouvres, dias laborables",
    "order_cutoff": "order cutoff, cut off, cutoff, order until, bestellschluss, heure limite, hora limite",
    "minimum_order_value": "minimum order value, minimum value, min order value, minimum order amount, min order amount, mindestbestellwert, minimum de commande, pedido minimo",
    "minimum_order_units": "minimum order units, minimum units, mindestmenge je bestellung",
    "minimum_order_weight": "minimum order weight, minimum weight, mindestgewicht, poids minimum, peso minimo",
    "free_freight_from": "free freight from, free shipping from, carriage paid from, frei haus ab, frachtfrei ab, franco de port, porte pagado desde",
    "freight_cost": "freight cost, shipping cost, frachtkosten, frais de port, gastos de envio",
    "capacity_units": "capacity units, capacity, kapazitat, capacite, capacidad",
    "capacity_per": "capacity per, capacity period",
    "unit_weight": "unit weight, unit weight kg, weight kg, gewicht kg, poids kg, peso kg",
    "lead_times_in": "lead times in",
    "closed": "closed, closed on, closed dates, holidays, geschlossen, ferme, cerrado",
}  # fmt: skip
NAMES: Final = {
    field: tuple(one.strip() for one in names.split(",")) for field, names in _NAMES.items()
}
#: Where a kind of table calls a field otherwise than the others do: these come before.
OF_KIND: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "stock": {
        "quantity": (
            *("on hand", "qty on hand", "quantity on hand", "stock", "stock on hand", "stock quantity", "stock level"),
            *("counted", "count", "counted quantity", "actual qty", "actual quantity", "balance qty", "unrestricted"),
            *("unrestricted use", "unrestricted use stock", "labst", "inventory", "inventory quantity", "variant inventory qty"),
            *("available quantity", "on hand current", "bestand", "lagerbestand", "ist bestand", "frei verwendbar"),
            *("giacenza", "esistenza", "giacenza attuale", "scorta", "voorraad", "actuele voorraad", "qty available", "soh"),
            *("stock reel", "en stock", "quantite en stock", "existencias", "stock actual", "disponible", "stock disponible"),
        ),
        "occurred_at": (
            *("counted at", "count date", "as of", "inventory date", "stand", "stichtag", "zahldatum", "inventurdatum"),
            *("date d inventaire", "date inventaire", "fecha de inventario", "fecha inventario"),
        ),
    },
    "orders": {
        "quantity": (
            *("ordered", "ordered qty", "ordered quantity", "order quantity", "order qty", "qty ordered", "bestellmenge"),
            *("bestellt", "quantite commandee", "cantidad pedida", "order lines quantity", "quantita ordinata", "besteld"),
        )
    },
    "suppliers": {"supplier": ("supplier", "supplier name", "name", "vendor", "lieferant", "fournisseur", "proveedor")},
    "locations": {
        "location": ("location", "code", "id", "store", "store id", "filiale", "magasin", "tienda", "warehouse", "plant", "name")
    },
    "items": {"active": ("active", "status", "item status", "product status", "artikelstatus", "state", "statut", "estado", "stato"), "location": ("location", "store", "warehouse", "default warehouse", "filiale", "magasin", "tienda", "plant", "werk")},
}  # fmt: skip


#: Ends the names of a field that a program calls nothing else.
ONLY: Final = ""
#: A column that only one program writes, and what this program calls fields otherwise than everybody else.
_PROGRAMS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "lineitem sku": {"transaction_id": ("name",)},  # Shopify
    "gross sales": {"kind": ("event type", ONLY)},  # Square, whose `Type` is of the item
    "matnr": {"line": ("ebelp", "posnr")},  # SAP's tables
    "material": {"line": ("item",)},  # SAP's lists
    "purch doc": {"line": ("item",)},
    "purchasing document": {"line": ("item",)},
    "to": {
        "sku": ("product internal reference", "product")
    },  # Odoo's moves, whose `Reference` is of the move
}
#: Names of what was sold, which is no stock and no order.
_SOLD: Final = frozenset(
    one.strip()
    for one in [
        "lineitem quantity",
        " qty sold",
        " quantity sold",
        " units sold",
        " sold",
        " sales units",
        " sales qty",
        " net quantity",
        " sales",
        " verkaufte menge",
        " absatz",
        " quantite vendue",
        " unidades vendidas",
        " quantita venduta",
        " verkocht aantal",
        " items sold",
        " quantity refund",
    ]
)


def names_of(kind: str, field: str, head: Collection[str] = ()) -> tuple[str, ...]:
    """Return the names of a field in a kind of table, the surest first.

    Args:
        kind: of the table.
        field: the field.
        head: the folded columns of the table, which may show the program that wrote it.
    """
    own = OF_KIND.get(kind, {}).get(field, ())
    usual = NAMES[field]
    if field == "quantity" and kind != "sales":
        usual = (
            *(name for name in usual if name not in _SOLD),
            *(NAMES["outstanding"] if kind == "orders" else ()),
        )
    programs = [names.get(field, ()) for sign, names in _PROGRAMS.items() if sign in head]
    first = (*(name for names in programs for name in names), *own)
    if ONLY in first:
        return first[: first.index(ONLY)]
    return (folded(field), *first, *(name for name in usual if name not in first))
