"""What a person is told beside the data: the information of GDPR art. 15(1) and (2).

Pure. The host's words come from `[privacy]` in `crm.toml`; what is added here is true of every
installation.
"""

from __future__ import annotations

from typing import Final

from crm.config.settings import Settings

CATEGORIES: Final = (
    "addresses, name and phone as your orders and your account give them",
    "orders, tickets, payments, refunds and attendance, and their sums",
    "your account for signing in, and whether its address is verified",
    "what you said about news, when and how",
    "tags that staff gave you",
    "records of who changed what, without your name and address",
)

RIGHTS: Final = (
    "access and a copy (art. 15)",
    "rectification (art. 16)",
    "erasure (art. 17)",
    "restriction of the processing (art. 18)",
    "data portability (art. 20): this archive is a structured, machine-readable format",
    "objection (art. 21), to marketing at any time",
    "withdrawal of a consent at any time, for the future (art. 7(3))",
)

NOT_HERE: Final = (
    "orders of other accounts that name one of your addresses as contact: ordersOfOthers says how"
    " many there are; they are those accounts' own",
    "which newsletter lists named you: each list is made when it is asked for, and not kept",
    "passwords: only Firebase Authentication has them, as salted hashes",
    "logs: they hold ids alone, and go by themselves",
)


def information(settings: Settings) -> dict[str, object]:
    """Return the information of art. 15(1), as JSON."""
    notice, erasure = settings.privacy, settings.erasure
    told = {
        "controller": notice.controller,
        "contact": notice.contact,
        "dataProtectionOfficer": notice.officer,
        "purposes": [text for text in notice.purposes if text],
        "categories": list(CATEGORIES),
        "recipients": [text for text in notice.recipients if text],
        "transfers": notice.transfers,
        "retention": notice.retention,
        "afterErasure": {
            "orders": erasure.orders,
            "basis": erasure.basis,
            "years": erasure.keep_years,
        },
        "rights": list(RIGHTS),
        "complaint": notice.complaint,
        "source": notice.source,
        "automatedDecisions": notice.automated_decisions,
        "notInThisArchive": list(NOT_HERE),
    }
    return {key: value for key, value in told.items() if value}
