"""A host's `firebase.json`: the codebase, the rules and indexes, the emulators; and out again.

The console's part is in `crm/installing/hosting.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from crm.core.codebase import CODEBASE, PORTS
from crm.core.errors import ConfigError
from crm.installing.edits import added, dropped, put, replaced, unwrapped, without, wrapped
from crm.installing.jsonc import Node, read

FILE: Final = "firebase.json"

DATABASE: Final = "(default)"

IGNORED: Final = (".*", "*.log", "__pycache__", "console", "crm.defaults.toml", "venv")
"""What of our folder is not uploaded: names, in any folder of it."""

RULES: Final = "firestore.rules"

INDEXES: Final = "firestore.indexes.json"


def opened(text: str) -> Node:
    """Read a `firebase.json`.

    Raises:
        ConfigError: It is none, or keeps a part in a file of its own.
    """
    root = read(text, FILE)
    if not isinstance(root.value, dict):
        raise ConfigError(f"{FILE}: holds no object: write what `firebase init` writes.")
    for key in ("functions", "firestore", "hosting", "emulators"):
        if not isinstance(root.value.get(key) or [], dict | list):
            raise ConfigError(f"{FILE}: write what {key} holds into this file, for it gets more.")
    return root


def entries(root: Node, key: str) -> list[Node]:
    """Return the entries of a key that can hold one of them, a list, or nothing."""
    node = root.member(key)
    if node is None or node.value is None:
        return []
    return list(node.parts) if isinstance(node.value, list) else [node]


def with_functions(text: str, folder: str, runtime: str) -> str:
    """Return the file with our codebase; what the host added to our entry stays.

    Raises:
        ConfigError: A codebase of another folder is called as ours, or the folder is another's.
    """
    root = opened(text)
    ours = {"source": folder, "codebase": CODEBASE, "runtime": runtime, "ignore": list(IGNORED)}
    for node in entries(root, "functions"):
        held = node.value if isinstance(node.value, dict) else {}
        if CODEBASE in (held.get("codebase"), *(held.get("instances") or ())):
            if held.get("source") != folder:
                raise ConfigError(
                    f"{FILE}: there is a codebase {CODEBASE} already, of the folder"
                    f" {held.get('source')}: give yours another name, or name CRM-Lite's folder by"
                    " --folder."
                )
            meant = {**held, **ours}
            return text if meant == held else replaced(text, node, meant)
        if held.get("source") == folder:
            raise ConfigError(
                f"{FILE}: the folder {folder} holds the codebase"
                f" {held.get('codebase', 'default')}: name another one by --folder."
            )
    return with_entry(text, "functions", ours)


def has_codebase(root: Node, folder: str) -> bool:
    """Return whether our codebase is there, of our folder."""
    held = [node.value for node in entries(root, "functions") if isinstance(node.value, dict)]
    return any(one.get("codebase") == CODEBASE and one.get("source") == folder for one in held)


def with_firestore(text: str, found: Sequence[str] = ()) -> str:
    """Return the file with rules and indexes named for the database that we use.

    Args:
        text: The file.
        found: In which databases' entries a target of the host's means ours.
    """
    root = opened(text)
    place = default_entry(root, found)
    if place is None:
        files = {"rules": RULES, "indexes": INDEXES}
        if root.value.get("firestore") is None:
            return with_entry(text, "firestore", files, single=True)
        return with_entry(text, "firestore", {"database": DATABASE, **files})
    for key, name in (("rules", RULES), ("indexes", INDEXES)):
        node = default_entry(opened(text), found)
        assert node is not None
        if not node.value.get(key):
            held = node.member(key)
            text = added(text, node, name, key=key) if held is None else replaced(text, held, name)
    return text


def default_entry(root: Node, targets: Sequence[str] = ()) -> Node | None:
    """Return the entry of the database that we use, which is the default one."""
    for node in entries(root, "firestore"):
        held = node.value if isinstance(node.value, dict) else {}
        if "target" in held and held["target"] not in targets:
            continue
        if (held.get("database") or DATABASE) == DATABASE:
            return node
    return None


def files_of(root: Node, targets: Sequence[str] = ()) -> tuple[str, str]:
    """Return the names of the files of rules and of indexes."""
    node = default_entry(root, targets)
    held = node.value if node else {}
    return held.get("rules") or RULES, held.get("indexes") or INDEXES


def with_emulators(text: str) -> str:
    """Return the file with the emulators that are needed and not there."""
    for name, port in PORTS.items():
        node = opened(text).at("emulators", name)
        if node is None:
            text = put(text, ("emulators", name), {"port": port}, FILE)
    return text


def missing_emulators(root: Node) -> list[str]:
    """Return which of the emulators that are needed are not set up."""
    return [name for name in PORTS if root.at("emulators", name) is None]


def parted(text: str, before: str | None, folder: str, *, firestore: bool = True) -> str:
    """Return the file without our entries; the host's later changes stay.

    Args:
        text: The file.
        before: What it was before ours came in; None where that is not known.
        folder: Our folder.
        firestore: Whether rules and indexes are to go that were not named before.
    """
    known = opened(before) if before is not None else None
    for place, node in reversed(list(enumerate(entries(opened(text), "functions")))):
        held = node.value if isinstance(node.value, dict) else {}
        if held.get("codebase") == CODEBASE and held.get("source") == folder:
            text = without_entry(text, "functions", place, known)
    if known is None:
        return text
    if not firestore:
        pass
    elif known.member("firestore") is None:
        if opened(text).value.get("firestore") == {"rules": RULES, "indexes": INDEXES}:
            text = dropped(text, ("firestore",), FILE)
    elif default_entry(known) is None:
        ours = {"database": DATABASE, "rules": RULES, "indexes": INDEXES}
        values = [node.value for node in entries(opened(text), "firestore")]
        if ours in values:
            text = without_entry(text, "firestore", values.index(ours), known)
    for name, port in PORTS.items():
        now = opened(text).at("emulators", name)
        if known.at("emulators", name) is None and now and now.value == {"port": port}:
            text = dropped(text, ("emulators", name), FILE)
    if known.member("emulators") is None and opened(text).value.get("emulators") == {}:
        text = dropped(text, ("emulators",), FILE)
    return text


def without_entry(text: str, key: str, place: int, known: Node | None) -> str:
    """Return the file without one of a key's entries; a list of one becomes single if it was."""
    root = opened(text)
    node = root.member(key)
    assert node is not None
    if not isinstance(node.value, list) or (
        len(node.parts) == 1 and (known is None or known.member(key) is None)
    ):
        return dropped(text, (key,), FILE)
    text = without(text, node, place)
    was = known.member(key) if known else None
    left = opened(text).member(key)
    if was is not None and isinstance(was.value, dict) and left and len(left.parts) == 1:
        return unwrapped(text, left)
    return text


def with_entry(text: str, key: str, entry: Mapping[str, Any], single: bool = False) -> str:
    """Return the file with one entry more; what was single becomes a list."""
    root = opened(text)
    node = root.member(key)
    if node is None:
        return added(text, root, entry if single else [entry], key=key)
    if not node.value and not isinstance(node.value, list):
        return replaced(text, node, entry if single else [entry])
    if isinstance(node.value, dict):
        text = wrapped(text, node)
        node = opened(text).member(key)
        assert node is not None
    return added(text, node, entry)
