"""What hosts call things: names of fields in several languages, and words for states of orders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

Tokens = tuple[str, ...]

_PIECES: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@lru_cache(maxsize=4096)
def tokens(name: str) -> Tokens:
    """Return the words of a field's name: `dateCreated_gmt` is date, created, gmt."""
    return tuple(piece.lower() for piece in _PIECES.findall(name))


def _names(text: str) -> tuple[Tokens, ...]:
    return tuple(tokens(name) for name in text.split())


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


NAMES: Final[Mapping[str, Sequence[Tokens]]] = {
    role: _names(names)
    for role, names in {
        "email": "email buyer_email customer_email e_mail email_address contact_email"
        " user_email mail mail_address emailadresse e_mail_adresse mailadresse correo"
        " correo_electronico courriel adresse_email indirizzo_email emailaddress",
        "userId": "user_id uid user_uid firebase_uid auth_uid buyer_uid customer_uid user_ref"
        " user buyer_id owner_uid owner_id user_reference created_by buyer"
        " purchased_by",
        "name": "name full_name customer_name buyer_name display_name contact_name user_name"
        " billing_name fullname vollname kunde kundenname nombre nombre_completo nom"
        " nom_complet nome nome_completo naam",
        "firstName": "first_name given_name firstname vorname prenom nombre nome voornaam",
        "lastName": "last_name family_name surname lastname nachname familienname apellido"
        " apellidos cognome sobrenome achternaam",
        "phone": "phone phone_number mobile mobile_number tel telephone telefon telefonnummer"
        " handy telefono telefone telefoonnummer",
        "status": "status state order_status payment_status booking_status purchase_status"
        " order_state payment_state status_name zustand bestellstatus zahlungsstatus"
        " estado estatus statut etat stato situacao betaalstatus",
        "paid": "paid is_paid has_paid payed bezahlt pagado paye pagato pago betaald",
        "total": "total total_price order_total grand_total total_amount amount_total"
        " total_gross amount_paid amount price total_paid paid_amount gross"
        " total_cents amount_cents price_cents total_minor amount_minor"
        " total_in_cents sum cost value gesamtbetrag gesamtpreis gesamt summe betrag"
        " preis importe importe_total precio precio_total montant montant_total prix"
        " totale importo prezzo preco valor totaal totaalbedrag bedrag prijs",
        "refunded": "refunded refunded_amount amount_refunded refund_amount total_refunded"
        " refund_total refunded_cents erstattet erstattung reembolsado rembourse"
        " rimborsato refund terugbetaald",
        "currency": "currency currency_code order_currency iso_currency waehrung moneda"
        " devise valuta divisa moeda currencycode",
        "createdAt": "created_at created created_time date_created created_on created_date"
        " creation_date order_date ordered_at purchased_at purchase_date"
        " booked_at booking_date placed_at registration_date datetime timestamp"
        " date time completed_at paid_at erstellt_am erstellt bestellt_am"
        " bestelldatum datum fecha fecha_creacion creado_en date_creation cree_le"
        " creato_il data data_criacao criado_em aangemaakt_op date_created_gmt",
        "marketingOptIn": "marketing_opt_in newsletter opt_in marketing_consent"
        " accepts_marketing newsletter_opt_in marketing subscribe_newsletter"
        " has_opted_in subscribed",
        "test": "is_test test testmode test_mode sandbox is_sandbox test_order",
        "items": "items line_items order_items tickets positions attendees cart_items"
        " products order_lines lines cart positionen artikel karten tickets_list"
        " articulos entradas billets articles biglietti ingressos kaartjes bookings"
        " registrations",
        "eventId": "event_id event_ref event event_uid event_slug show_id performance_id"
        " session_id concert_id veranstaltung_id veranstaltung evento_id evento"
        " evenement_id evenement event_key event_code product_id item_id sku",
        "eventName": "event_name event_title title event name show_name veranstaltungsname"
        " nombre_evento nom_evenement nome_evento product_name item_name titel"
        " titulo titre",
        "eventStartsAt": "event_starts_at starts_at event_start start_date event_date"
        " start_time start start_dt date_from event_time begins_at beginn"
        " startzeit fecha_evento date_debut data_inizio date",
        "quantity": "quantity qty ticket_quantity count number_of_tickets tickets num_tickets"
        " amount seats occupied_slots persons pax anzahl menge cantidad quantite"
        " quantita quantidade aantal ticket_count",
        "checkedIn": "checked_in checked_in_at is_checked_in check_in check_ins checkin"
        " checkins scanned scanned_at is_scanned used_at used attended"
        " redeemed_at redeemed admitted eingecheckt eingelassen checked_in_dt"
        " check_in_time entered_at",
        "cancelled": "cancelled canceled is_cancelled is_canceled voided is_void void"
        " cancelled_at canceled_at storniert cancelado annule annullato"
        " geannuleerd refunded is_refunded",
        "path": "orders order purchases bookings ticket_orders tickets sales"
        " checkout_sessions registrations payments bestellungen buchungen pedidos"
        " compras commandes ordini reservations transactions bestellingen",
        "usersPath": "users user members profiles accounts customers_app people nutzer"
        " benutzer usuarios utilisateurs utenti",
    }.items()
}
"""Of each of our fields: what others call it, the likeliest first."""

AGAINST: Final[Mapping[str, frozenset[str]]] = {
    role: _set(words)
    for role, words in {
        "email": "organizer organiser seller host admin sender support staff reply merchant"
        " vendor verified marketing hash status",
        "userId": "organizer organiser seller host admin staff scanned scanner approved updated"
        " modified referrer event ticket",
        "name": "event product company business file user first last organizer organiser"
        " method item ticket title city country street coupon",
        "status": "refund ticket email message check http fulfillment delivery shipping tax"
        " fulfilment refunded",
        "total": "base sub subtotal tax fee fees discount shipping refund refunded net before"
        " count quantity tickets items vat unit due left",
        "refunded": "at date time is reason status by id fully partially",
        "createdAt": "updated modified deleted cancelled canceled refunded expires event"
        " birth start end checkin check scanned paid due",
        "items": "tax shipping fee coupon refund refunds payments downloads",
        "quantity": "max min price before after discount total refunded",
        "eventName": "first last organizer host ticket type category",
        "checkedIn": "secret by device list url pin code",
    }.items()
}
"""Words that speak against a field."""

NEARBY: Final = _set(
    "buyer customer billing contact purchaser client user kunde käufer cliente invoice payer"
    " customer_details account"
)
"""Maps in which the buyer is."""

ADDRESSES: Final = _set(
    "address billing shipping location venue adresse direccion indirizzo endereco"
)


def fit(role: str, path: Sequence[str]) -> float:
    """Return how well a field's name fits one of ours, from 0 (not at all) to 1."""
    own = tokens(path[-1])
    if not own:
        return 0.0
    against = AGAINST.get(role, frozenset())
    best = 0.0
    ways = [own, (*tokens(path[-2]), *own)] if len(path) > 1 else [own]
    for index, known in enumerate(NAMES[role]):
        weight = 1 - 0.015 * index
        for way in ways:
            if way == known or "".join(way) == "".join(known):
                best = max(best, weight)
            elif set(known) < set(way):
                best = max(best, 0.55 * weight)
    if against & {*own, *(tokens(path[-2]) if len(path) > 1 else ())}:
        best -= 0.5
    return max(0.0, best)


def is_status_name(words: Tokens) -> bool:
    """Return whether a field's name is one for the state of an order."""
    return any(set(known) <= set(words) for known in NAMES["status"])


def is_address_part(path: Sequence[str]) -> bool:
    """Return whether a field is part of a postal address."""
    return any(ADDRESSES & set(tokens(name)) for name in path[:-1])


_COUNTED: Final = _set(
    "paid payed completed complete completes fulfilled processing placed success succeeded"
    " successful confirmed approved captured settled delivered shipped partially_refunded"
    " partiallyrefunded partially_paid_out no_payment_required payment_received active"
    " attending booked ok done p bezahlt abgeschlossen bestätigt erfolgreich"
    " teilweise_erstattet pagado pagada completado completada confirmado payé payée confirmé"
    " terminé pagato confermato completato pago concluido betaald voltooid"
)

_NOT_COUNTED: Final = _set(
    "pending open unpaid new draft created cancelled canceled failed failure error expired"
    " void voided refunded rejected declined denied abandoned reserved on_hold onhold"
    " checkout_draft auto_draft trash deleted withdrawn awaiting_payment"
    " awaiting_offline_payment requires_payment requires_payment_method requires_action"
    " incomplete in_progress started test testmode chargeback disputed transferred hold"
    " waiting pre_ordered backordered on_backorder n e c r offen ausstehend storniert"
    " abgebrochen erstattet fehlgeschlagen abgelaufen reserviert entwurf pendiente cancelado"
    " cancelada reembolsado rechazado fallido en_attente annulé annulée remboursé échoué"
    " in_attesa annullato rimborsato pendente reembolsada openstaand geannuleerd mislukt"
    " inactive"
)


def verdict(word: str) -> bool | None:
    """Return whether an order of that state is known to count; None where the word says nothing."""
    plain = re.sub(r"[\s\-]+", "_", word.strip().casefold())
    plain = plain.removeprefix("wc_")
    if plain in _COUNTED:
        return True
    return False if plain in _NOT_COUNTED else None


CANCELLED: Final = _set(
    "cancelled canceled void voided refunded deleted inactive storniert annullato annulé cancelado"
)
"""Words for a ticket that is no longer one."""
