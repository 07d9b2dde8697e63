"""Where the console is served: by a site of its own, or at a path of the host's site.

Never over the host's pages: an entry of `hosting` of our own, or files in a folder of ours below
the host's public folder, with a rewrite of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crm.core.errors import ConfigError
from crm.installing.edits import added, dropped, replaced, unwrapped, without
from crm.installing.firebase_json import FILE, entries, opened, with_entry, without_entry
from crm.installing.jsonc import Node

TARGET: Final = "crm"

HOSTS_TARGET: Final = "app"
"""What a host's only entry is called from then on: of several each must have a name."""


@dataclass(frozen=True, slots=True)
class Console:
    """Where the console is.

    Attributes:
        folder: Our folder.
        site: A site of its own; empty where there is none.
        path: A path of the host's site, such as `/crm`; empty where there is none.
        entry: Of several entries of the host's, the `target` or `site` of the one that is meant.
    """

    folder: str
    site: str = ""
    path: str = ""
    entry: str = ""

    @property
    def writing(self) -> str:
        """What the command begins with that writes the console's files."""
        return f"{self.folder}/venv/bin/python -m crm console --write "

    @property
    def page(self) -> str:
        """The address of the page, at a path of the host's site."""
        return f"{self.path}/index.html"


def with_site(text: str, ours: Mapping[str, Any]) -> str:
    """Return the file with an entry of the console's own site.

    Args:
        text: The file.
        ours: The entry.

    Raises:
        ConfigError: An entry of another folder is called as ours.
    """
    folder = ours["public"]
    root = opened(text)
    for node in entries(root, "hosting"):
        if node.value.get("target") == TARGET:
            if node.value.get("public") != folder:
                raise ConfigError(
                    f"{FILE}: there is a hosting target {TARGET} already, of"
                    f" {node.value.get('public')}: give yours another name."
                )
            meant = {**node.value, **ours}
            return text if meant == node.value else replaced(text, node, meant)
    if names_host(text):
        only = root.member("hosting")
        assert only is not None
        text = added(text, only, HOSTS_TARGET, key="target", first=True)
    return with_entry(text, "hosting", ours)


def names_host(text: str) -> bool:
    """Return whether the host's only entry gets a name, because a second one comes beside it."""
    node = opened(text).member("hosting")
    if node is None or not isinstance(node.value, dict) or not node.value:
        return False
    return not node.value.get("target") and not node.value.get("site")


def public_folder(text: str, console: Console) -> str:
    """Return the folder below which a console at a path is written.

    Raises:
        ConfigError: There is no such entry, several could be meant, or it serves no folder.
    """
    public = _host_entry(opened(text), console).value.get("public")
    if not isinstance(public, str):
        raise ConfigError(
            f"{FILE}: the hosting entry serves no folder (`public`), so there is no place for the"
            " console below it: give the console a site of its own by --console-site."
        )
    return f"{public.rstrip('/')}{console.path}"


def with_path(text: str, console: Console, ours: Mapping[str, Sequence[Any]]) -> str:
    """Return the file with the console at a path of the host's site.

    Args:
        text: The file.
        console: Where it is.
        ours: What comes into the lists of the host's entry, by their names: `rewrites` before the
            host's, the others behind.

    Raises:
        ConfigError: As `public_folder`; or the host serves something at that path.
    """
    path = console.path
    public_folder(text, console)
    text = _without_path(text, console)
    for one in _host_entry(opened(text), console).value.get("rewrites") or ():
        source = str(one.get("source", one.get("regex", "")))
        if source == path or source.startswith((f"{path}/", f"{path}{{")):
            raise ConfigError(
                f"{FILE}: there is a rewrite of {source} already: name another path by"
                " --console-path, or give the console a site of its own by --console-site."
            )
    for key, values in ours.items():
        text = _listed(text, console, key, values, first=key == "rewrites")
    return text


def parted(text: str, before: str | None, folder: str) -> str:
    """Return the file without what serves the console.

    Args:
        text: The file.
        before: What it was before ours came in; None where that is not known.
        folder: Our folder.
    """
    known = opened(before) if before is not None else None
    for place, node in reversed(list(enumerate(entries(opened(text), "hosting")))):
        ours = node.value.get("public") == f"{folder}/console"
        if ours and node.value.get("target") == TARGET:
            text = without_entry(text, "hosting", place, known)
            text = _unnamed(text, known)
    for node in entries(opened(text), "hosting"):
        name = str(node.value.get("target") or node.value.get("site") or "")
        for path in _paths(node, folder):
            text = _without_path(text, Console(folder, path=path, entry=name), known)
    return text


def _unnamed(text: str, known: Node | None) -> str:
    """Take the name away that the host's only entry got."""
    was = known.member("hosting") if known else None
    if was is None or not isinstance(was.value, dict) or "target" in was.value:
        return text
    now = opened(text).member("hosting")
    if now and isinstance(now.value, dict) and now.value.get("target") == HOSTS_TARGET:
        return dropped(text, ("hosting", "target"), FILE)
    return text


def _host_entry(root: Node, console: Console) -> Node:
    """Return the host's entry below whose public folder the console is to be."""
    there = [node for node in entries(root, "hosting") if node.value.get("target") != TARGET]
    names = [str(node.value.get("target") or node.value.get("site") or "") for node in there]
    if not there:
        raise ConfigError(
            f"{FILE}: there is no hosting below which --console-path could be: give the console a"
            " site of its own by --console-site."
        )
    if console.entry and console.entry not in names and len(there) > 1:
        raise ConfigError(
            f"{FILE}: no hosting entry is called {console.entry}: there are {', '.join(names)}."
        )
    if len(there) > 1 and not console.entry:
        raise ConfigError(
            f"{FILE}: there are several hosting entries ({', '.join(names)}): say which one the"
            " console is to be below by --console-in."
        )
    return there[names.index(console.entry)] if console.entry in names else there[0]


def _without_path(text: str, console: Console, known: Node | None = None) -> str:
    """Return the file without a console at a path."""

    def rewrites(one: Any) -> bool:
        return isinstance(one, dict) and one.get("destination") == console.page

    def headers(one: Any) -> bool:
        source = one.get("source") if isinstance(one, dict) else None
        return isinstance(source, str) and source.startswith(
            (f"{console.path}{{", f"{console.path}/")
        )

    def predeploy(one: Any) -> bool:
        return isinstance(one, str) and one.startswith(console.writing)

    for key, is_ours in (("rewrites", rewrites), ("headers", headers), ("predeploy", predeploy)):
        while True:
            entry = _host_entry(opened(text), console)
            node, holder = entry.member(key), entry.place(key)
            if node is None or holder is None:
                break
            if isinstance(node.value, str) and is_ours(node.value):
                text = without(text, entry, holder)
                break
            places = [number for number, one in enumerate(node.value) if is_ours(one)]
            if not places or not isinstance(node.value, list):
                break
            if len(node.parts) == 1 and _was(known, console, key) is None:
                text = without(text, entry, holder)
                break
            text = without(text, node, places[-1])
            left = _host_entry(opened(text), console).member(key)
            if left and len(left.parts) == 1 and isinstance(_was(known, console, key), str):
                text = unwrapped(text, left)
                break
    return text


def _was(known: Node | None, console: Console, key: str) -> Any:
    """Return what the host had at a key of its entry before."""
    if known is None or not entries(known, "hosting"):
        return None
    return _host_entry(known, console).value.get(key)


def _listed(
    text: str, console: Console, key: str, values: Sequence[Any], *, first: bool = False
) -> str:
    """Return the file with more in a list of the host's entry, which may be a single text yet."""
    entry = _host_entry(opened(text), console)
    node = entry.member(key)
    if node is None:
        return added(text, entry, [*values], key=key)
    if isinstance(node.value, str):
        return replaced(text, node, [node.value, *values])
    return added(text, node, *values, first=first)


def _paths(node: Node, folder: str) -> list[str]:
    """Return at which paths of an entry's site the console is, as its commands say."""
    held = node.value.get("predeploy")
    commands = [held] if isinstance(held, str) else held if isinstance(held, list) else []
    written = [one for one in commands if one.startswith(Console(folder).writing)]
    found = (re.search(r"--path (\S+)", one) for one in written)
    return [one[1] for one in found if one]
