"""The collections of campaigns, declared (see `declarations`)."""

from __future__ import annotations

from typing import Final

from crm.privacy.registry import Collection, Fields

_SUMS: Final = (
    "so that what a campaign did still adds up (GDPR art. 5(2)): random ids and keyed hashes that"
    " lead to nobody any more"
)

CAMPAIGNS: Final[tuple[Collection, ...]] = (
    Collection(
        "crmCampaigns",
        "mails to many as staff write them, and how far they are",
        "not at all: no campaign is about one customer",
        (
            Fields(
                "name subject preview body.format body.source segment segment.** from replyTo state"
                " reason message scheduledAt latestBy startedAt preparedAt finishedAt expected"
                " jobId ready baseline.* counts.* rule scope revision createdAt updatedAt",
                "a mail with placeholders, a question, codes, numbers and times",
                "no personal data",
                "no personal data",
            ),
            Fields("actor", "who sends it: a keyed hash", "internal", "kept", _SUMS),
            Fields("people", "random ids of customers", "internal", "kept", _SUMS),
        ),
    ),
    Collection(
        "crmAudiences",
        "who is to get a campaign, as it was fixed, and whose turn it is",
        "not at all: by random ids of customers and keyed hashes; who waits and is erased is found"
        " when the turn comes, and gets nothing",
        (
            Fields(
                "people keys excluded.*",
                "random ids of customers, keyed hashes of addresses, codes",
                "internal",
                "kept",
                _SUMS,
            ),
            Fields(
                "campaignId counts.* next claimed holder leaseUntil later.*.attempts later.*.at"
                " later.*.code later.*.claimed",
                "random ids, numbers, times, codes",
                "no personal data",
                "no personal data",
            ),
        ),
    ),
    Collection(
        "crmMails",
        "what became of a campaign's mail to a person",
        "by the key of the address or uid",
        (
            Fields(
                "campaignId state reason at bounced softBounced complained unsubscribed",
                "which campaign, what became of it, and when",
                "shown",
                "kept",
                _SUMS,
            ),
            Fields(
                "customerId identity address providerId",
                "whom it is about: a random id, keyed hashes, the provider's id",
                "internal",
                "deleted",
            ),
            Fields(
                "shard erased",
                "where it is counted; the erasure that took from it whom it is about",
                "internal",
                "kept",
                _SUMS,
            ),
        ),
    ),
    Collection(
        "crmBudgets",
        "how many mails went out lately, all together",
        "not at all",
        (
            Fields(
                "latest second.* hour.* day.*", "numbers", "no personal data", "no personal data"
            ),
        ),
    ),
)
