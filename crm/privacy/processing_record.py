"""The record of processing activities (GDPR art. 30), as Markdown, made of the registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crm.config.fields import OwnField
from crm.config.settings import Settings
from crm.privacy.declarations import OWN
from crm.privacy.host_declarations import host
from crm.privacy.registry import Collection

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
