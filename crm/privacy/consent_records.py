"""Records of consent: what a customer's addresses and accounts have decided about marketing."""

from __future__ import annotations

from collections.abc import Mapping

from crm.core.json import Json
from crm.core.keyring import Keyring
from crm.customers.lookup import find_customer
from crm.customers.reference import CustomerRef
from crm.db.collections import CONSENTS
from crm.db.documents import Data, Query, Store
from crm.db.paging import Pager
from crm.privacy.json_values import plain
from crm.privacy.subject import Subject, read_subject


def shown(subject: Subject, record: Data) -> dict[str, Json]:
    """Return a record of consent.

    Without its evidence where the address was another customer's before: it may be theirs.
    """
    key = record["identity"]
    return {
        "address": subject.addresses.get(key),
        "userId": subject.users.get(key),
        "status": record["status"],
        "at": plain(record["at"]),
        "source": record["source"],
        "evidence": None if subject.had_another_owner(key) else plain(record["evidence"]),
    }


def list_consents(
    store: Store, keys: Keyring, pager: Pager, who: CustomerRef
) -> Mapping[str, object]:
    """Return a page of a customer's records of consent, newest first; ids break ties.

    Args:
        store: The database; a page is of one moment.
        keys: The installation's keyring.
        pager: Which page.
        who: Whose.

    Raises:
        Refusal: `not-found` (`no-such-customer`); `invalid-argument` (`page-token`, or for a
            malformed address).
        Conflict, Transient: Not settled before the deadline.
    """
    cursor = pager.open("list_consents", {who.kind: who.value})
    view = pager.retry.call(store.at)
    customer_id, _ = find_customer(view, keys, who, pager.retry)
    subject = pager.retry.call(lambda: read_subject(view, customer_id))
    if not subject.keys:
        return {"consents": [], "nextPageToken": None}
    query = Query(CONSENTS, (("identity", "in", subject.keys),))
    page, following = cursor.newest_first(view, query, "at")
    return {
        "consents": [{"consentId": one.id, **shown(subject, one.fields)} for one in page],
        "nextPageToken": following,
    }
