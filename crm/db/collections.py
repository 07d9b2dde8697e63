"""The names of CRM-Lite's collections."""

from __future__ import annotations

from typing import Final

AUDIT: Final = "crmAudit"
AUDIENCES: Final = "crmAudiences"
AUDIT_HEADS: Final = "crmAuditHeads"
BUDGETS: Final = "crmBudgets"
CAMPAIGNS: Final = "crmCampaigns"
CONSENTS: Final = "crmConsents"
CUSTOMERS: Final = "customers"
ERASURES: Final = "crmErasures"
EVENTS: Final = "crmEvents"
IDENTITIES: Final = "crmIdentities"
INSTALLATION: Final = "crmInstallation"
JOBS: Final = "crmJobs"
LINKS: Final = "crmLinks"
MAILS: Final = "crmMails"
MERGES: Final = "crmMerges"
ORDERS: Final = "crmOrders"
QUARANTINE: Final = "crmQuarantine"
REQUESTS: Final = "crmRequests"
SEGMENTS: Final = "crmSegments"
SEGMENT_NAMES: Final = "crmSegmentNames"
SLICES: Final = "crmSlices"
SWEEP: Final = "crmSweep"
TAGS: Final = "crmTags"

ALL: Final = frozenset(
    {
        AUDIT,
        AUDIENCES,
        AUDIT_HEADS,
        BUDGETS,
        CAMPAIGNS,
        CONSENTS,
        CUSTOMERS,
        ERASURES,
        EVENTS,
        IDENTITIES,
        INSTALLATION,
        JOBS,
        LINKS,
        MAILS,
        MERGES,
        ORDERS,
        QUARANTINE,
        REQUESTS,
        SEGMENTS,
        SEGMENT_NAMES,
        SLICES,
        SWEEP,
        TAGS,
    }
)
"""Every collection that CRM-Lite owns."""
