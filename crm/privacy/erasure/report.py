"""The report of an erasure."""

from __future__ import annotations

from datetime import UTC, datetime

from crm.config.erasure import ErasureSettings as Rules
from crm.config.settings import Settings
from crm.privacy.erasure.record import Erasure

BACKUP_DAYS = 7
"""For how long Firestore's point-in-time recovery can read what was deleted."""

_REMOVED = {
    "customers": "customer with its tags, sums and consent",
    "users": "documents of the host's users",
    "accounts": "uids whose Firebase Auth account is deleted, where there is one",
    "consents": "records of consent",
    "links": "ids merged earlier, which led here",
}

_OPEN = {
    "backups": f"Point-in-time recovery, where it is on, keeps what was deleted readable for"
    f" {BACKUP_DAYS} days, and backups for as long as you keep them: after a restore run"
    " `python -m crm reapply-erasures`.",
    "host-data": "What else you keep of the person outside the fields that crm.toml names is not"
    " touched: payment providers, mailing tools, files.",
    "claimed-by-others": "Other users' documents name an address of the person as theirs, without"
    " proof: look at them.",
    "claims-another": "The person's user document named an address that is another customer's,"
    " without proof: that customer stays.",
    "accounts-of-addresses": "Firebase Auth has accounts that verified an address of the person and"
    " are no user's of this customer: look whose they are.",
    "kept-as-they-are": "The orders still hold name and address, because crm.toml says"
    ' `orders = "keep"`: erase them by your own rules.',
    "uid-in-paths": "The uid, of an account that is deleted, stays in the ids of the person's"
    " orders, because `path` in crm.toml holds it.",
}


def report(erasure: Erasure, settings: Settings) -> dict[str, object]:
    """Return what was removed, what is kept and why, and what is left to do."""
    counts, rules = erasure.counts, settings.erasure
    removed = [
        {"what": what, "text": text, "count": counts[what]}
        for what, text in _REMOVED.items()
        if counts.get(what)
    ]
    orders = counts.get("orders", 0)
    retained: list[dict[str, object]] = []
    if orders and rules.orders == "delete":
        removed.append(
            {"what": "orders", "text": "documents of the host's orders", "count": orders}
        )
    elif orders:
        retained.append(
            {
                "what": "orders",
                "text": "orders without anything personal: sums, tickets, dates"
                if rules.orders == "pseudonymise"
                else "orders as they are",
                "count": orders,
                "basis": rules.basis,
                "until": _until(erasure, rules),
            }
        )
    if counts.get("mails"):
        retained.append(
            {
                "what": "mails",
                "text": "records that a campaign sent a mail or did not, with nothing that says to"
                " whom",
                "count": counts["mails"],
                "basis": "so that what a campaign did still adds up (GDPR art. 5(2))",
                "until": None,
            }
        )
    retained.append(
        {
            "what": "tombstones",
            "text": "keyed hashes of the addresses and uids, so that the person stays erased and is"
            " never written to again",
            "count": len(erasure.keys),
            "basis": "the erasure itself (GDPR art. 5(2), art. 17(1), art. 21(3))",
            "until": None,
        }
    )
    codes = {"backups": 0, "host-data": 0, **erasure.left_open}
    if orders and rules.orders == "keep":
        codes["kept-as-they-are"] = orders
    if orders and settings.orders.hold_uid:
        codes["uid-in-paths"] = orders
    open_points = [
        {"reason": code, "text": _OPEN[code], "count": number or None}
        for code, number in codes.items()
    ]
    return {"removed": removed, "retained": retained, "open": open_points}


def _until(erasure: Erasure, rules: Rules) -> datetime:
    year = (erasure.newest or erasure.at).year + rules.keep_years
    return datetime(min(year, 9999), 12, 31, 23, 59, 59, tzinfo=UTC)
