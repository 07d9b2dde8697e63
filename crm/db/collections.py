"""The names of CRM-Lite's collections."""

from __future__ import annotations

AUDIT = "crmAudit"


AUDIT_HEADS = "crmAuditHeads"


CONSENTS = "crmConsents"


CUSTOMERS = "customers"


ERASURES = "crmErasures"


IDENTITIES = "crmIdentities"


INSTALLATION = "crmInstallation"


JOBS = "crmJobs"


LINKS = "crmLinks"


MERGES = "crmMerges"


ORDERS = "crmOrders"


QUARANTINE = "crmQuarantine"


SEGMENTS = "crmSegments"


SEGMENT_NAMES = "crmSegmentNames"


SWEEP = "crmSweep"


TAGS = "crmTags"
