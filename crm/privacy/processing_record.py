"""The record of processing activities (GDPR art. 30), as Markdown, made of the registry."""

from __future__ import annotations

from collections.abc import Iterator

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
    return "\n".join([HEAD, *sections])


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
