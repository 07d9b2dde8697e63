"""A record for each person whom a campaign has dealt with: what became of the mail.

It belongs to an identity, as a record of consent does: who has the identity has the record, so it
follows merges and their undoing without being written, and an erasure takes it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from crm.campaigns.counts import PersonState
from crm.core.keyring import Keyring
from crm.db.codec import StoredById
from crm.db.collections import MAILS


@dataclass(frozen=True, slots=True)
class MailRecord(StoredById):
    """What became of one person's mail.

    Attributes:
        id: `{campaign}-{key}` (see `mail_key`): also in `Message-ID`, so that an event of a
            provider finds the record.
        campaign_id: The campaign.
        customer_id: Who it went to, as the customer was called then.
        identity: The key of the identity that it is about: of the address, or of the uid where the
            address was the person's to be reached by only.
        address: The key of the address that it went to (`Keyring.address`): what comes back tells
            of that address. The same as `identity` but for an address to be reached by.
        shard: The id of the shard that counts the person (`audience.Shard`).
        state: What became of it.
        at: When that was settled (UTC).
        reason: Why it is `refused`, `excluded` or `uncertain`, or why an accepted one came back: a
            stable code.
        provider_id: What the provider calls the mail.
        bounced: When the provider said that it came back, for good (`reason` says why).
        soft_bounced: When the provider said that it came back for now: a full mailbox, a server
            that is down.
        complained: When the person called it spam.
        unsubscribed: When the person left by its link.
        erased: The erasure that took from it whom it is about: `customer_id`, `identity`,
            `address` and `provider_id` are None then. What is left keeps the campaign's sums true.
    """

    id: str
    campaign_id: str
    customer_id: str | None
    identity: str | None
    address: str | None
    shard: str
    state: PersonState
    at: datetime
    reason: str | None = None
    provider_id: str | None = None
    bounced: datetime | None = None
    soft_bounced: datetime | None = None
    complained: datetime | None = None
    unsubscribed: datetime | None = None
    erased: str | None = None

    @property
    def path(self) -> str:
        """Where its document is."""
        return record_path(self.id)


def mail_key(keys: Keyring, campaign_id: str, address: str) -> str:
    """Return what a campaign's mail to an address is known by: 104 bits, 21 letters and digits.

    Keyed, so nobody can tell from it whose it is, and another one for each campaign.

    Args:
        keys: The installation's keyring.
        campaign_id: The campaign.
        address: Canonical.
    """
    secret = keys.derive_first("mail")  # mails that are out have it, whatever the secret is now
    digest = hmac.digest(secret, f"{campaign_id}:{address}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:13]).decode().rstrip("=").lower()


def record_id(campaign_id: str, key: str) -> str:
    """Return the id of the record of a campaign's mail."""
    return f"{campaign_id}-{key}"


def record_path(mail_id: str) -> str:
    """Return the path of a record."""
    return f"{MAILS}/{mail_id}"
