"""The names of CRM-Lite's collections."""

from __future__ import annotations

from typing import Final

AUDIENCES: Final = "crmAudiences"
AUDIT: Final = "crmAudit"
AUDIT_HEADS: Final = "crmAuditHeads"
BUDGETS: Final = "crmBudgets"
CAMPAIGNS: Final = "crmCampaigns"
CONSENTS: Final = "crmConsents"
CUSTOMERS: Final = "customers"
ERASURES: Final = "crmErasures"
EVENTS: Final = "crmEvents"
IDENTITIES: Final = "crmIdentities"
IMPORTED: Final = "crmImported"
IMPORTS: Final = "crmImports"
INSTALLATION: Final = "crmInstallation"
JOBS: Final = "crmJobs"
LINKS: Final = "crmLinks"
MAILS: Final = "crmMails"
MERGES: Final = "crmMerges"
NOTES: Final = "crmNotes"
ORDERS: Final = "crmOrders"
OUTBOX: Final = "crmOutbox"
QUARANTINE: Final = "crmQuarantine"
REQUESTS: Final = "crmRequests"
RULES: Final = "crmRules"
RULE_RUNS: Final = "crmRuleRuns"
SEGMENTS: Final = "crmSegments"
SEGMENT_NAMES: Final = "crmSegmentNames"
SIGNUPS: Final = "crmSignups"
SLICES: Final = "crmSlices"
SWEEP: Final = "crmSweep"
TAGS: Final = "crmTags"

ALL: Final = frozenset(
    {
        AUDIENCES,
        AUDIT,
        AUDIT_HEADS,
        BUDGETS,
        CAMPAIGNS,
        CONSENTS,
        CUSTOMERS,
        ERASURES,
        EVENTS,
        IDENTITIES,
        IMPORTED,
        IMPORTS,
        INSTALLATION,
        JOBS,
        LINKS,
        MAILS,
        MERGES,
        NOTES,
        ORDERS,
        OUTBOX,
        QUARANTINE,
        REQUESTS,
        RULES,
        RULE_RUNS,
        SEGMENTS,
        SEGMENT_NAMES,
        SIGNUPS,
        SLICES,
        SWEEP,
        TAGS,
    }
)
"""Every collection that CRM-Lite owns."""
