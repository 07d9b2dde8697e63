"""Every collection and field of ours with personal data, declared."""

from __future__ import annotations

from typing import Final

from crm.privacy.contact_declarations import NOTES
from crm.privacy.import_declarations import IMPORTS
from crm.privacy.mail_declarations import CAMPAIGNS
from crm.privacy.registry import Collection, Fields
from crm.privacy.rule_declarations import RULES
from crm.privacy.signup_declarations import SIGNUPS

_TOMBSTONE: Final = "so that the person stays erased, and is not written to again"

_BOOKS: Final = "the books: sums of orders, with nobody's name"

_TRAIL: Final = "accountability (GDPR art. 5(2)): who changed what, by random ids and keyed hashes"

_STAFF: Final = "the staff's own; says nothing about one customer"

OWN: Final[tuple[Collection, ...]] = (
    Collection(
        "customers",
        "one document for each customer: whom staff serve, and which newsletter lists name",
        "by the identities of an address or a uid, or by the customer's id",
        (
            Fields("primaryEmail emails contactEmail", "addresses", "shown", "deleted"),
            Fields("userIds", "Firebase Auth uids", "shown", "deleted"),
            Fields("name", "name", "shown", "deleted"),
            Fields("registered tags", "whether registered; tags of staff", "shown", "deleted"),
            Fields("fields.*", "own fields, as crm.toml declares them", "shown", "deleted"),
            Fields(
                "totalSpend.* orderCount firstOrderAt lastOrderAt",
                "sums of orders",
                "shown",
                "deleted",
            ),
            Fields(
                "events.*.name events.*.startsAt events.*.tickets events.*.checkedIn eventIds"
                " attendedEventIds",
                "tickets and attendance",
                "shown",
                "deleted",
            ),
            Fields(
                "marketing.status marketing.at marketing.source marketing.pending"
                " marketing.unreachable",
                "what holds about news, and whether mail arrives",
                "shown",
                "deleted",
            ),
            Fields("createdAt updatedAt schemaVersion", "dates", "shown", "deleted"),
            Fields(
                "facets.* search", "what segments and searches find it by", "internal", "deleted"
            ),
            Fields("nextStartAt", "when the next of its events begins", "internal", "deleted"),
            Fields("confirmFrom", "since when an opt-in waits", "internal", "deleted"),
            Fields(
                "parts.*.key parts.*.rank parts.*.address parts.*.byProof parts.*.uid"
                " parts.*.live parts.*.userName parts.*.proven parts.*.orders parts.*.counted"
                " parts.*.spend.*.net parts.*.spend.*.orders parts.*.first parts.*.last"
                " parts.*.name parts.*.nameAt parts.*.nameBy parts.*.optedInAt"
                " parts.*.decision.status parts.*.decision.at parts.*.decision.source"
                " parts.*.typed.address parts.*.typed.at parts.*.typed.orderId parts.*.typed.free"
                " parts.*.typed.withdrawn parts.*.typed.unreachable parts.*.claimed.address"
                " parts.*.claimed.at parts.*.claimed.orderId parts.*.claimed.free"
                " parts.*.claimed.withdrawn parts.*.claimed.unreachable parts.*.unreachable"
                " parts.*.events.*.orders parts.*.events.*.tickets parts.*.events.*.checkedIn"
                " parts.*.events.*.unrecorded parts.*.events.*.name parts.*.events.*.startsAt"
                " parts.*.events.*.at parts.*.events.*.by parts.*.days.*",
                "the same, by identity",
                "internal",
                "deleted",
            ),
            Fields(
                "parts.*.entry.source parts.*.entry.by parts.*.entry.at parts.*.entry.name"
                " parts.*.askedAt",
                "how the person came in without an order; when they were asked to confirm: in an"
                " export with the identity",
                "internal",
                "deleted",
            ),
            Fields(
                "parts.*.fields.* parts.*.userFields.* parts.*.notes",
                "own fields, by who wrote them; how many notes there are",
                "internal",
                "deleted",
            ),
            Fields("merges.open merges.byStaff", "ids of merges", "internal", "deleted"),
        ),
    ),
    Collection(
        "crmOrders",
        "what each order contributes to whose sums",
        "by the ids of the customer's parts, and by the keys of its addresses and uids",
        (
            Fields(
                "name typed optedIn ahead",
                "the buyer's name; the address typed; the opt-in",
                "internal",
                "redacted",
            ),
            Fields(
                "identity partId addressKey userKey awaiting",
                "whose the order is: keyed hashes and random ids",
                "internal",
                "redacted",
            ),
            Fields(
                "status counted currency total refunded net createdAt events.*.name"
                " events.*.startsAt events.*.tickets events.*.checkedIn events.*.unrecorded"
                " overLimit oddItems.*.index oddItems.*.reason oddCount marks day dayOverLimit",
                "sums, tickets and dates of the order",
                "internal",
                "kept",
                _BOOKS,
            ),
            Fields(
                "version deleted quarantined erased",
                "the state of the row",
                "no personal data",
                "no personal data",
            ),
        ),
    ),
    Collection(
        "crmIdentities",
        "which customer an address or a uid leads to",
        "by the document's id, the keyed hash of the address or uid",
        (
            Fields(
                "uid name fields.*",
                "the uid; the name and own fields in the user's document",
                "shown",
                "deleted",
            ),
            Fields(
                "customerId partId former.* owner claimed proven keepApart contacts",
                "keys and random ids",
                "internal",
                "deleted",
            ),
            Fields(
                "live conflict quarantined account",
                "the state of the user's document",
                "shown",
                "deleted",
            ),
            Fields("known version", "whether and when it was seen", "internal", "deleted"),
            Fields(
                "kind erased.* erasedAt erasedBy", "the tombstone", "internal", "kept", _TOMBSTONE
            ),
            Fields("suppressed", "when news were last objected to", "shown", "kept", _TOMBSTONE),
            Fields("unreachable", "when mail to it last came back", "shown", "kept", _TOMBSTONE),
        ),
    ),
    Collection(
        "crmConsents",
        "that and how a person agreed to news or objected (GDPR art. 7(1))",
        "by the key of the address or uid",
        (
            Fields("status at source", "the decision", "shown", "deleted"),
            Fields("evidence evidence.*", "what shows it", "shown", "deleted"),
            Fields("identity actor", "keyed hashes", "internal", "deleted"),
        ),
    ),
    Collection(
        "crmLinks",
        "where the id of a merged customer leads",
        "by the customer's id",
        (Fields("customerId mergeId", "random ids", "internal", "deleted"),),
    ),
    Collection(
        "crmMerges",
        "enough to undo a merge",
        "by the customer's ids",
        (
            Fields("at state", "when, and whether it was undone", "shown", "kept", _TRAIL),
            Fields("source.tags target.tags", "tags before", "internal", "deleted"),
            Fields(
                "sourceId targetId ranks.* held links source.createdAt source.merges"
                " source.staffMerges target.createdAt target.merges target.staffMerges"
                " proof.userKey proof.provenBefore proof.addressKey proof.ownerBefore",
                "random ids, keyed hashes, dates",
                "internal",
                "kept",
                _TRAIL,
            ),
            Fields("proof", "of an automatic merge", "internal", "kept", _TRAIL),
        ),
    ),
    Collection(
        "crmErasures",
        "that an erasure was asked for and carried out, and its report",
        "by the customer's ids, and from its tombstones",
        (
            Fields("uids", "accounts that are still to be deleted", "internal", "deleted"),
            Fields(
                "at actor reason customers keys parts jobId forced state counts.* open.* newest"
                " suppressed",
                "ids, keyed hashes, numbers, and a reason that names nobody",
                "internal",
                "kept",
                _TRAIL,
            ),
        ),
    ),
    Collection(
        "crmRequests",
        "that somebody asked to be erased and that it waits for staff, until when",
        "by the uid's identity key, which is the id",
        (
            Fields(
                "at customers stoppedBy",
                "ids, and why it waits",
                "internal",
                "kept",
                _TRAIL,
            ),
        ),
    ),
    Collection(
        "crmQuarantine",
        "documents of the host that cannot be understood",
        "by the ids of the person's orders and user documents",
        (Fields("collection documentId reason at", "which, and why", "internal", "deleted"),),
    ),
    Collection(
        "crmAudit",
        "who changed what",
        "by the customer's ids",
        (
            Fields("at action", "what was done, and when", "shown", "kept", _TRAIL),
            Fields(
                "actor customers facts.* chain number seal",
                "keyed hashes, random ids, numbers, codes",
                "internal",
                "kept",
                _TRAIL,
            ),
        ),
    ),
    Collection(
        "crmAuditHeads",
        "where the chains of the audit trail end",
        "not at all",
        (Fields("count seal", "numbers", "no personal data", "no personal data"),),
    ),
    Collection(
        "crmJobs",
        "how far long work is",
        "not at all: jobs know customers by random ids, and go 90 days after they are over",
        (
            Fields(
                "kind state done total error startedAt updatedAt result.* phase left lanes"
                " notBefore",
                "codes and numbers",
                "no personal data",
                "no personal data",
            ),
            Fields(
                "arguments arguments.** cursor cursor.**",
                "what to do, in words of staff such as tags, and where work goes on (an id)",
                "internal",
                "kept",
                "until the job is done, or 90 days after it failed; an id of the host's only until"
                " the job is over",
            ),
            Fields(
                "actor drift drift.**",
                "random ids and keyed hashes",
                "internal",
                "kept",
                "until the job is deleted, 90 days after it is over",
            ),
        ),
    ),
    Collection(
        "crmSlices",
        "how far the parts of long work are that many workers do at once",
        "not at all: they know customers by random ids, and go when they are over, or with the job",
        (
            Fields(
                "jobId phase number state holder done counts.* startedAt updatedAt notBefore",
                "random ids, codes and numbers",
                "no personal data",
                "no personal data",
            ),
            Fields(
                "low high cursor cursor.**",
                "where a part begins and ends, and where it goes on (ids)",
                "internal",
                "kept",
                "until the part is over; of a job that failed and can go on in the middle, until 90"
                " days after that. An id of the host's only until the job is over",
            ),
            Fields("drift drift.**", "random ids", "internal", "kept", "until the part is over"),
        ),
    ),
    Collection(
        "crmSweep",
        "how the host's documents are divided for a comparison",
        "by the uid",
        (
            Fields("ids", "some ids of the host's documents", "internal", "deleted"),
            Fields("complete", "how far it is", "no personal data", "no personal data"),
        ),
    ),
    Collection(
        "crmInstallation",
        "which secret the keys are made under",
        "not at all",
        (
            Fields(
                "mark at former former.*.secret former.*.until next since",
                "keyed hashes of no data; earlier secrets, encrypted",
                "no personal data",
                "no personal data",
            ),
        ),
    ),
    Collection(
        "crmEvents",
        "the host's events: what orders call them, and when they begin",
        "not at all: they are the organiser's, and no event is about a customer",
        (
            Fields(
                "eventId name nameKey startsAt startKey firstSeenAt search",
                "an event as the host's orders describe it: no name of a person belongs there",
                "no personal data",
                "no personal data",
            ),
        ),
    ),
    Collection(
        "crmTags",
        "the staff's words",
        "by the tags on the customer",
        (
            Fields("label", "a tag", "shown", "kept", _STAFF),
            Fields("createdAt state jobId since", "its state", "internal", "kept", _STAFF),
        ),
    ),
    Collection(
        "crmSegments",
        "the staff's questions",
        "not at all",
        (
            Fields(
                "name description nameKey segment segment.** text usedBy lastCount lastCountAt"
                " counts.*.day counts.*.count counts.*.changed revision createdAt updatedAt",
                "a question",
                "no personal data",
                "no personal data",
            ),
        ),
    ),
    Collection(
        "crmSegmentNames",
        "that no two questions have one name",
        "not at all",
        (Fields("segmentId", "a random id", "no personal data", "no personal data"),),
    ),
    NOTES,
    *CAMPAIGNS,
    *RULES,
    *SIGNUPS,
    *IMPORTS,
)
"""CRM-Lite's collections."""
