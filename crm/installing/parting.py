"""An app without CRM-Lite again, as far as its files go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from crm.installing import firebase_json, hosting, indexes, jsonc, rc, rules
from crm.installing.record import NAME, Record, Was, digest

Reading = Callable[[str], str | None]
"""Gives the text of a file, named from the app's folder on; None where there is none."""

GITIGNORE: Final = ".gitignore"


@dataclass(frozen=True, slots=True)
class Change:
    """A file that is to be another.

    Attributes:
        name: Its name.
        before: Its text; None where there is none.
        after: Its new text; None where it goes.
    """

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        changes: The files that are to be others, the host's first.
        warnings: What the host should know, a sentence each.
        record: What is put in then; None where it is taken out.
    """

    changes: list[Change]
    warnings: list[str] = field(default_factory=list)
    record: Record | None = None


def recorded(reading: Reading, ours: str) -> Record | None:
    """Return what was put into an app.

    Args:
        reading: Gives the app's files.
        ours: Our folder.

    Raises:
        ConfigError: The record was changed by hand.
    """
    name = f"{ours}/{NAME}"
    text = reading(name)
    return None if text is None else Record.of_text(text, name)


def taken_out(reading: Reading, own: str, marks: Sequence[str] = ()) -> Plan:
    """Return what makes an app as if CRM-Lite had never been there, our folder aside.

    A file that nobody changed since is what it was, to the byte; from others our entries go.

    Args:
        reading: Gives the app's files.
        own: The name of our folder.
        marks: Marks of our indexes, for an app into which ours came by hand.

    Raises:
        ConfigError: A file cannot be read.
    """
    record = recorded(reading, own)
    after = _by_record(reading, own, record) if record else _by_looks(reading, own, marks)
    changed = {name: text for name, text in sorted(after.items()) if text != reading(name)}
    return Plan([Change(name, reading(name), text) for name, text in changed.items()])


def _by_record(reading: Reading, own: str, record: Record) -> dict[str, str | None]:
    """Return the files without ours, where it is known what they were."""
    after: dict[str, str | None] = {}
    stays = False
    # The one that names the others comes last.
    for name, was in sorted(record.files.items(), key=lambda one: one[0] == firebase_json.FILE):
        text = reading(name)
        if text is None:
            continue
        if name == firebase_json.FILE and stays:
            # What the host wrote into a file of ours since must stay named.
            after[name] = without(text, was.before, own, firestore=False)
        elif digest(text) == was.after:
            after[name] = was.before
        else:
            left = _parted(name, text, was, own)
            keeps = was.before is not None or _holds_something(name, left)
            after[name] = left if keeps else None
            stays |= keeps and was.before is None
    return after


def _by_looks(reading: Reading, own: str, marks: Sequence[str]) -> dict[str, str | None]:
    """Return the files without ours, where nothing says what they were."""
    text = reading(firebase_json.FILE) or ""
    after: dict[str, str | None] = {firebase_json.FILE: without(text, None, own)}
    rules_name, indexes_name = firebase_json.files_of(firebase_json.opened(text))
    rules_text, indexes_text = reading(rules_name), reading(indexes_name)
    if rules_text is not None:
        after[rules_name] = rules.parted(rules_text)
    if indexes_text is not None:
        after[indexes_name] = indexes.parted(indexes_text, marks, indexes_name)
    return after


def without(text: str, before: str | None, own: str, *, firestore: bool = True) -> str:
    """Return a `firebase.json` without ours."""
    text = hosting.parted(text, before, own)
    return firebase_json.parted(text, before, own, firestore=firestore)


def _parted(name: str, text: str, was: Was, own: str) -> str:
    """Return a file without ours, that was changed since."""
    if name == firebase_json.FILE:
        return without(text, was.before, own)
    if name == rc.FILE:
        return rc.parted(text, was.before, (hosting.TARGET, hosting.HOSTS_TARGET))
    if name == GITIGNORE:
        return without_lines(text, was.added)
    if name.endswith(".json"):
        return indexes.parted(text, was.added, name)
    return rules.parted(text)


def _holds_something(name: str, text: str) -> bool:
    """Return whether a host wrote something into a file that was ours."""
    if name == rc.FILE:
        return bool(jsonc.read(text, name).value)
    if name == GITIGNORE:
        return bool(text.strip())
    if name.endswith(".json"):
        return any(indexes.of_text(text, name).values())
    return rules.allows(text)


def without_lines(text: str, lines: Sequence[str]) -> str:
    """Return a text without these lines."""
    kept = (one for one in text.splitlines(keepends=True) if one.rstrip("\r\n") not in lines)
    return "".join(kept)
