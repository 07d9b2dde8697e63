"""The collections of imports, declared (see `declarations`)."""

from __future__ import annotations

from typing import Final

from crm.privacy.registry import Collection, Fields

_VOUCHED: Final = (
    "so that it can be shown where contacts came from, and who vouched for their consent (GDPR art."
    " 5(2), 7(1) and 14(2)(f)): staff's words about a list as a whole"
)

IMPORTS: Final[tuple[Collection, ...]] = (
    Collection(
        "crmImports",
        "lists of the organiser's that were taken in: where each came from, and what came of it",
        "not at all: no import is about one customer. Nobody's name belongs into `source`",
        (
            Fields(
                "at source chunks rows people duplicates errorCount errors.*.row errors.*.reason"
                " errors.*.column state counts.* finishedAt undoneAt undone.* jobId undoJobId",
                "staff's words, numbers, codes and times",
                "no personal data",
                "no personal data",
            ),
            Fields("evidence", "what shows consent, as staff say it", "internal", "kept", _VOUCHED),
            Fields("actor undoneBy", "keyed hashes", "internal", "kept", _VOUCHED),
        ),
    ),
    Collection(
        "crmImported",
        "a list's rows until they are handled, which takes minutes; then what undoes it, 30 days",
        "by `keys`, the keyed hashes of the addresses that are in it",
        (
            Fields(
                "rows.*.email rows.*.name rows.*.tags rows.*.status rows.*.consentedAt"
                " rows.*.fields.*",
                "what the list says of a person, as long as it waits",
                "internal",
                "deleted",
            ),
            Fields(
                "done.*.tags done.*.fields.*.value done.*.fields.*.there done.*.fields.*.before",
                "tags and own fields that were written, and what was there before",
                "internal",
                "deleted",
            ),
            Fields(
                "keys rows.*.key done.*.key done.*.fieldsKey done.*.partId done.*.fieldsPart"
                " done.*.customerId done.*.merges done.*.began done.*.granted",
                "keyed hashes, random ids and times",
                "internal",
                "deleted",
            ),
            Fields(
                "importId goesAt undone",
                "a random id, and when it goes",
                "no personal data",
                "no personal data",
            ),
        ),
    ),
)
