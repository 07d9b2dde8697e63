"""That a rule has acted on a person: kept for each of the person's identities.

So it follows merges and their undoing without being written, as records of mails do: whoever has
the identity has the record.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crm.core.keyring import Keyring
from crm.db.codec import StoredById
from crm.db.collections import RULE_RUNS


@dataclass(frozen=True, slots=True)
class RuleRun(StoredById):
    """That a rule has acted.

    Attributes:
        id: See `run_id`.
        rule_id: The rule.
        customer_id: On whom, as the customer was called then; None once erased.
        identity: The key of the identity; None once erased.
        scope: The event, of a rule that acts once an event; None of others.
        at: When it acted last (UTC).
        did: What it did.
        campaign_id: The campaign that it sent by; None where it sent none.
        counted: Whether this is the one record of several, of one person's identities, that counts
            the person.
        erased: The erasure that took from it whom it is about.
    """

    id: str
    rule_id: str
    customer_id: str | None
    identity: str | None
    scope: str | None
    at: datetime
    did: Literal["tags", "send"]
    campaign_id: str | None = None
    counted: bool = True
    erased: str | None = None

    @property
    def path(self) -> str:
        """Where its document is."""
        return path_of(self.id)


def path_of(name: str) -> str:
    """Return the path of a record, by its id."""
    return f"{RULE_RUNS}/{name}"


def run_id(keys: Keyring, rule_id: str, subject: str, scope: str | None) -> str:
    """Return the id of the record of a rule and an identity; the same under every secret.

    Args:
        keys: The installation's keyring.
        rule_id: The rule.
        subject: What the identity is of (see `once.subjects`).
        scope: The event, of a rule that acts once an event; None of others.
    """
    secret = keys.derive_first("rule")
    said = f"{rule_id}:{scope or ''}:{subject}".encode()
    digest = hmac.digest(secret, said, hashlib.sha256)
    return f"{rule_id}-{base64.b32encode(digest[:15]).decode().lower()}"
