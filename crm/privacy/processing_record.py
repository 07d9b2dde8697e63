"""The record of processing activities (GDPR art. 30), made of the registry and of `crm.toml`.

As Markdown for the repository, and as data for the console, which prints it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crm.config.fields import OwnField
from crm.config.settings import Settings
from crm.privacy.declarations import OWN
from crm.privacy.host_declarations import host
from crm.privacy.registry import Collection, Fields

HEAD = """\
# Personal data

Every collection with personal data, every field, and what becomes of it: the record of processing
activities (GDPR art. 30) of this installation. It is made by `python -m crm personal-data` from the
registry in `crm/privacy/registry.py` and from `crm.toml`; who answers for the processing, and why,
is in `[privacy]` there. A `*` stands for a key that is itself data. What an erasure does is told in
[privacy](privacy.md#erasure).
"""


def record(settings: Settings) -> str:
    """Return the whole document.

    Args:
        settings: `crm.toml`.
    """
    sections = [_section("Yours", host(settings)), _section("CRM-Lite's", OWN)]
    own = [_own_fields(settings.fields)] if settings.fields else []
    return "\n".join([HEAD, *sections, *own])


def missing(settings: Settings) -> list[str]:
    """Return the names of settings that are empty and must not be (GDPR art. 13 to 15, 30(1))."""
    notice = settings.privacy
    needed = {
        "privacy.controller": notice.controller,
        "privacy.contact": notice.contact,
        "privacy.purposes": any(notice.purposes),
        "privacy.recipients": any(notice.recipients),
        "privacy.retention": notice.retention,
        "privacy.source": notice.source,
        "privacy.complaint": notice.complaint,
    }
    return [name for name, value in needed.items() if not value]


def record_data(settings: Settings) -> dict[str, object]:
    """Return the record as a callable answers it.

    Args:
        settings: `crm.toml`.
    """
    notice, erasure = settings.privacy, settings.erasure
    return {
        "controller": notice.controller,
        "contact": notice.contact,
        "officer": notice.officer,
        "purposes": [one for one in notice.purposes if one],
        "recipients": [one for one in notice.recipients if one],
        "transfers": notice.transfers,
        "retention": notice.retention,
        "source": notice.source,
        "complaint": notice.complaint,
        "automatedDecisions": notice.automated_decisions,
        "erasure": {
            "orders": erasure.orders,
            "basis": erasure.basis,
            "keepYears": erasure.keep_years,
        },
        "data": [_row(one) for one in (*host(settings), *OWN) if _personal(one)],
        "fields": [
            {"label": own.label, "purpose": own.purpose} for own in settings.fields.values()
        ],
        "missing": missing(settings),
    }


def _row(collection: Collection) -> dict[str, object]:
    fields = _personal(collection)
    kept: dict[str, list[str]] = {}
    for one in fields:
        if one.erasure == "kept":
            kept.setdefault(one.why, []).append(one.what)
    until = [f"{', '.join(what)}: kept, {why}" for why, what in kept.items()]
    if any(one.erasure != "kept" for one in fields):
        until.insert(0, "until the person is erased")
    return {
        "name": collection.path,
        "what": "; ".join(dict.fromkeys(one.what for one in fields)),
        "where": "Firebase Authentication" if " " in collection.path else "Firestore",
        "why": collection.purpose,
        "until": "; ".join(until),
    }


def _personal(collection: Collection) -> list[Fields]:
    """Return what of a collection says something about a person."""
    return [one for one in collection.fields if one.erasure != "no personal data"]


def _own_fields(fields: Mapping[str, OwnField]) -> str:
    lines = [
        "## Own fields\n",
        "Of a customer (`fields`), by `[fields]` of `crm.toml`. An export shows each with its label"
        " and purpose, an erasure deletes them.\n",
        "| field | label | type | purpose | written by |",
        "|---|---|---|---|---|",
    ]
    for name, own in fields.items():
        by = f"the user's document, `{own.from_}`" if own.from_ else "staff"
        cells = (f"`{name}`", own.label, own.type, own.purpose, by)
        lines.append(f"| {' | '.join(one.replace('|', chr(92) + '|') for one in cells)} |")
    return "\n".join([*lines, ""])


def _section(title: str, collections: tuple[Collection, ...]) -> str:
    return "\n".join([f"## {title}\n", *("\n".join(_lines(one)) for one in collections)])


def _lines(collection: Collection) -> Iterator[str]:
    yield f"### {collection.path}\n"
    yield f"For: {collection.purpose}. Found: {collection.found}.\n"
    yield "| fields | what | in an export | by an erasure |"
    yield "|---|---|---|---|"
    for one in collection.fields:
        names = ", ".join(f"`{path}`" for path in one.patterns)
        kept = f"{one.erasure}: {one.why}" if one.why else one.erasure
        yield f"| {names} | {one.what} | {one.export} | {kept} |"
    yield ""
