"""A host's `.firebaserc`: the sites that hosting targets mean, for each of its projects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from crm.installing.edits import dropped, put
from crm.installing.jsonc import read

FILE: Final = ".firebaserc"


def projects(text: str) -> list[str]:
    """Return the ids of the host's projects, the default one first.

    Raises:
        ConfigError: The file is not JSON.
    """
    node = read(text, FILE).member("projects")
    held = node.value if node and isinstance(node.value, dict) else {}
    named = [held.get("default"), *held.values()]
    return list(dict.fromkeys(one for one in named if isinstance(one, str) and one))


def sites(text: str, project: str, target: str) -> list[str]:
    """Return the sites that a target means in a project."""
    node = read(text, FILE).at("targets", project, "hosting", target)
    return list(node.value) if node and isinstance(node.value, list) else []


def databases(text: str) -> list[str]:
    """Return the targets of Firestore that mean the default database in some project."""
    targets = read(text, FILE).member("targets")
    kinds = [one.member("firestore") for one in targets.parts] if targets else []
    return [
        target
        for kind in kinds
        if kind is not None
        for target, names in zip(kind.keys, kind.parts, strict=False)
        if isinstance(names.value, list) and "(default)" in names.value
    ]


def with_targets(text: str, wanted: Mapping[str, Mapping[str, str]]) -> str:
    """Return the file with hosting targets.

    Args:
        text: The file.
        wanted: The site of each target, by project. What a target means already stays.
    """
    for project, targets in wanted.items():
        for target, site in targets.items():
            if not sites(text, project, target):
                text = put(text, ("targets", project, "hosting", target), [site], FILE)
    return text


def parted(text: str, before: str | None, targets: Iterable[str]) -> str:
    """Return the file without targets that were not there before, and what was there for them."""
    known = read(before, FILE) if before is not None else None
    root = read(text, FILE).member("targets")
    for project in list(root.keys) if root else []:
        for target in targets:
            if known is None or known.at("targets", project, "hosting", target) is None:
                text = dropped(text, ("targets", project, "hosting", target), FILE)
        for path in (("targets", project, "hosting"), ("targets", project), ("targets",)):
            node = read(text, FILE).at(*path)
            if node and node.value == {} and (known is None or known.at(*path) is None):
                text = dropped(text, path, FILE)
    return text
