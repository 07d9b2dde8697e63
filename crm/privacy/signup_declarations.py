"""The collection of sign-ups that wait, declared (see `declarations`)."""

from __future__ import annotations

from typing import Final

from crm.privacy.registry import Collection, Fields

_REFUSED: Final = (
    "so that nobody can have the person asked again: where somebody said that it was not them, a"
    " keyed hash, a code and times, for a year"
)

SIGNUPS: Final[tuple[Collection, ...]] = (
    Collection(
        "crmSignups",
        "who asked for news and has not confirmed it yet; gone after seven days",
        "by the document's id, the keyed hash of the address",
        (
            Fields(
                "address",
                "the address, until it is confirmed or refused",
                "shown",
                "deleted",
            ),
            Fields(
                "asked.*.at asked.*.form asked.*.version asked.*.language asked.*.confirmedAt",
                "by which form, to which version of its text, in which language, and when",
                "shown",
                "deleted",
            ),
            Fields("asked.*.message", "what the mail is known by", "internal", "deleted"),
            Fields("sentAt", "when the mail went out", "shown", "kept", _REFUSED),
            Fields(
                "state requestedAt expireAt form", "a code and times", "shown", "kept", _REFUSED
            ),
            Fields("network", "a keyed hash of the network it came from", "internal", "deleted"),
            Fields(
                "worked due tries",
                "whether a browser did its work; when the mail is tried again",
                "no personal data",
                "no personal data",
            ),
        ),
    ),
)
