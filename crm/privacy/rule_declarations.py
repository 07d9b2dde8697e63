"""The collections of rules, declared (see `declarations`)."""

from __future__ import annotations

from typing import Final

from crm.privacy.registry import Collection, Fields

_NUMBERS: Final = (
    "so that it stays known how often a rule acted (GDPR art. 5(2)): codes and random ids that lead"
    " to nobody any more"
)

RULES: Final[tuple[Collection, ...]] = (
    Collection(
        "crmRules",
        "what is done by itself, as staff say it",
        "not at all: no rule is about one customer",
        (
            Fields(
                "rules.*.id rules.*.name rules.*.on rules.*.when.** rules.*.then.** rules.*.once"
                " rules.*.once.** rules.*.most rules.*.only rules.*.only.** rules.*.entered"
                " rules.*.entered.** rules.*.asked rules.*.asked.** rules.*.uses rules.*.since"
                " rules.*.paused rules.*.waiting rules.*.allowed rules.*.revision"
                " rules.*.createdAt rules.*.updatedAt gone.*",
                "questions, tags, codes, numbers and times",
                "no personal data",
                "no personal data",
            ),
            Fields(
                "ruleId since state eventId dueAt at people campaignId jobId until",
                "for which events a rule has acted, and up to when it has looked who is due: codes,"
                " numbers and times",
                "no personal data",
                "no personal data",
            ),
            Fields(
                "last",
                "whom a rule has met last (an id)",
                "internal",
                "kept",
                "until it has met the others who are due, minutes later",
            ),
            Fields(
                "rules.*.actor",
                "who saved it last: a keyed hash",
                "internal",
                "kept",
                "so that it stays known who had it done (GDPR art. 5(2)): it leads to nobody who is"
                " not on the staff",
            ),
        ),
    ),
    Collection(
        "crmOutbox",
        "on whom a rule is to act: for minutes, or until staff answer a rule that paused",
        "by the customer's id: a rule finds that somebody was erased when it is to act, and the row"
        " goes",
        (
            Fields("customerId", "a random id", "internal", "deleted"),
            Fields(
                "ruleId at since scope",
                "which rule, when and for which event",
                "internal",
                "deleted",
            ),
        ),
    ),
    Collection(
        "crmRuleRuns",
        "that a rule acted on a person, so that it does so once",
        "by the key of the address or uid",
        (
            Fields(
                "ruleId scope at did campaignId",
                "which rule, when, for which event, and what it did",
                "shown",
                "kept",
                _NUMBERS,
            ),
            Fields(
                "customerId identity",
                "whom it is about: a random id, a keyed hash",
                "internal",
                "deleted",
            ),
            Fields(
                "counted erased",
                "whether it counts the person; the erasure that took from it whom it is about",
                "internal",
                "kept",
                _NUMBERS,
            ),
        ),
    ),
)
