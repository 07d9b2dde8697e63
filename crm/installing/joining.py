"""All files of an app with CRM-Lite in them.

Nothing is read or written here: `reading` gives the text of a file by its name, and a `Plan` says
what each is to be. `crm/installing/parting.py` is the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crm.installing import firebase_json, folder, hosting, indexes, rc, rules
from crm.installing.hosting import Console
from crm.installing.opening import opened
from crm.installing.parting import (
    GITIGNORE,
    Change,
    Plan,
    Reading,
    recorded,
    without,
    without_lines,
)
from crm.installing.record import NAME, Answers, Record, Was, digest


@dataclass(frozen=True, slots=True)
class Ours:
    """What comes with a version of CRM-Lite.

    Attributes:
        version: Which one.
        rules: Its file of rules, ours and an empty part for a host's.
        indexes: Its file of indexes.
        settings: Its `crm.toml`, with every default.
        files: Other files of our folder, by name.
        site: The hosting entry of a site of its own, given our folder and the target.
        below: What comes into lists of a host's hosting entry, given a path, the folder of the
            host's pages and ours.
    """

    version: str
    rules: str
    indexes: str
    settings: str
    files: Mapping[str, str]
    site: Callable[[str, str], Mapping[str, Any]]
    below: Callable[[str, str, str], Mapping[str, Sequence[Any]]]


def joined(
    reading: Reading, own: str, answers: Answers, ours: Ours, projects: Sequence[str]
) -> Plan:
    """Return what makes CRM-Lite part of an app; once it is, nothing.

    Args:
        reading: Gives the app's files.
        own: The name of our folder.
        answers: What was asked.
        ours: What comes with this version.
        projects: The host's projects, the one first that a site of the console is in.

    Raises:
        ConfigError: A file of the host's cannot be read, or a name of ours is taken.
    """
    record = recorded(reading, own)
    warnings: list[str] = []
    made = _Files(reading, record)
    text = made.take(firebase_json.FILE) or ""
    targets = rc.databases(reading(rc.FILE) or "")
    named = firebase_json.default_entry(firebase_json.opened(text), targets)
    if named is None or not named.value.get("rules"):
        warnings.append(
            f"{firebase_json.FILE} named no rules so far. From now on `firebase deploy` replaces"
            " the project's rules by the file's: write yours into it, as the Firebase console shows"
            " them, before you deploy."
        )
    by_hand = record is None and firebase_json.has_codebase(firebase_json.opened(text), own)
    text = firebase_json.with_functions(text, own, answers.runtime)
    text = firebase_json.with_firestore(text, targets)
    if answers.emulators:
        text = firebase_json.with_emulators(text)
    text = _with_console(text, made, own, answers, ours, projects, warnings)
    made.give(
        firebase_json.FILE, text, lambda now: without(now, made.base(firebase_json.FILE), own)
    )
    _join_firestore(
        made,
        firebase_json.files_of(firebase_json.opened(text), targets),
        ours,
        warnings,
        by_hand=by_hand,
    )
    _fill_folder(made, own, answers, ours, warnings)
    known = tuple(folder.keys_of(ours.settings))
    done = Record(ours.version, answers, made.files, made.own, known)
    if record is not None:
        new = [key for key in known if key not in record.settings]
        if new:
            warnings.append(
                f"{folder.SETTINGS} may hold new keys: {', '.join(new)}."
                f" {own}/{folder.DEFAULTS} explains them."
            )
        done = replace(done, own={**record.own, **made.own})
    made.write(f"{own}/{NAME}", done.to_text())
    return Plan(made.changes, warnings, done)


class _Files:
    """The files of an app, as they are and as they are to be."""

    def __init__(self, reading: Reading, record: Record | None) -> None:
        self._reading = reading
        self._record = record
        self.changes: list[Change] = []
        self.files: dict[str, Was] = dict(record.files) if record else {}
        self.own: dict[str, str] = {}

    @property
    def former(self) -> Record | None:
        return self._record

    def take(self, name: str) -> str | None:
        return self._reading(name)

    def was(self, name: str) -> Was | None:
        return self._record.files.get(name) if self._record else None

    def base(self, name: str) -> str | None:
        """Return what a file was before ours came in, as far as that is known."""
        was = self.was(name)
        return was.before if was else None

    def give(
        self, name: str, text: str, without: Callable[[str], str], added: Sequence[str] = ()
    ) -> None:
        """Say what a file of the host's is to be.

        Args:
            name: The file.
            text: Its new text.
            without: Takes ours out of a text of it.
            added: What tells our entries in it.
        """
        now, was = self._reading(name), self.was(name)
        if was is not None and now is not None and digest(now) == was.after:
            before = was.before
        else:
            before = None if now is None else without(now)
        if text != before or was is not None:
            self.files[name] = Was(before, digest(text), tuple(added))
        self.write(name, text)

    def write(self, name: str, text: str) -> None:
        now = self._reading(name)
        if now != text:
            self.changes.append(Change(name, now, text))


def _with_console(
    text: str,
    made: _Files,
    own: str,
    answers: Answers,
    ours: Ours,
    projects: Sequence[str],
    warnings: list[str],
) -> str:
    """Return `firebase.json` with what serves the console, and see to the files beside it."""
    former = made.former.answers if made.former else answers
    moved = (former.site, former.path, former.entry) != (answers.site, answers.path, answers.entry)
    if moved:
        text = hosting.parted(text, made.base(firebase_json.FILE), own)
    both = (hosting.TARGET, hosting.HOSTS_TARGET)

    def unnamed(now: str) -> str:
        return rc.parted(now, made.base(rc.FILE), both) if made.was(rc.FILE) else now

    sites = made.take(rc.FILE) or ""
    sites = unnamed(sites) if moved else sites
    if answers.site:
        names = {hosting.HOSTS_TARGET} if hosting.names_host(text) else set()
        text = hosting.with_site(text, ours.site(own, hosting.TARGET))
        # A site belongs to one project; the host's name is asked for in each of them.
        wanted = {project: dict.fromkeys(names, project) for project in projects}
        for project in projects[:1]:
            wanted[project] |= {hosting.TARGET: answers.site}
        warnings += [
            f"The console's site is one of {projects[0]}. Before you deploy to {project}, make one"
            f" there: `firebase target:apply hosting {hosting.TARGET} SITE --project {project}`."
            for project in projects[1:]
            if not rc.sites(sites, project, hosting.TARGET)
        ]
        sites = rc.with_targets(sites, wanted)
        if names:
            warnings.append(
                f"Of several sites each has a name: yours is the target {hosting.HOSTS_TARGET}"
                f" now, which {rc.FILE} takes for the site {' or '.join(projects)}. Correct it"
                " there where your site is called otherwise."
            )
    if sites or made.take(rc.FILE):
        made.give(rc.FILE, sites, unnamed)
    was = made.was(GITIGNORE)
    former_lines = was.added if was else ()
    ignored = without_lines(made.take(GITIGNORE) or "", former_lines)
    lines: tuple[str, ...] = ()
    if answers.path:
        console = Console(own, path=answers.path, entry=answers.entry)
        public = hosting.public_folder(text, console)
        root = public.removesuffix(answers.path)
        text = hosting.with_path(text, console, ours.below(answers.path, root, own))
        line = f"/{public.removeprefix('./')}/"
        lines = () if line in ignored.splitlines() else (line,)
    if lines == former_lines:
        ignored = made.take(GITIGNORE) or ""
    elif lines:
        ignored = _with_line(ignored, lines[0])
    if ignored or made.take(GITIGNORE):
        made.give(GITIGNORE, ignored, lambda now: without_lines(now, former_lines), lines)
    return text


def _join_firestore(
    made: _Files, names: tuple[str, str], ours: Ours, warnings: list[str], *, by_hand: bool
) -> None:
    rules_name, indexes_name = names
    text = made.take(rules_name)
    part = rules.part_of(ours.rules)
    new = ours.rules if text is None else rules.joined(text, part, rules_name)
    made.give(rules_name, new, rules.parted)
    # A rule that names one of ours is told of below.
    open_ones = [one for one in opened(new, ["customers"]) if one.anything]
    warnings += [f"{rules_name}: {one}" for one in open_ones]
    for name in rules.collections_of_ours(new):
        warnings.append(
            f"{rules_name}: your own rules speak of `{name}`, a collection of CRM-Lite's: what"
            " they let in reads or writes customers' data. Give your collection another name."
        )
    text, was = made.take(indexes_name), made.was(indexes_name)
    if text is None:
        new = ours.indexes
    else:
        former = was.added if was else ()
        meant = indexes.of_text(ours.indexes, "")
        new = indexes.joined(text, meant, indexes_name, former, warnings)

    def without(now: str) -> str:
        if was is None and not by_hand:
            return now  # entries like ours are the host's, which were there before
        everything = indexes.marks("", ours.indexes, indexes_name)
        return indexes.parted(now, was.added if was else everything, indexes_name)

    marks = indexes.marks(without(text) if text else "", new, indexes_name)
    made.give(indexes_name, new, without, marks)


def _fill_folder(made: _Files, own: str, answers: Answers, ours: Ours, warnings: list[str]) -> None:
    """See to the files of our folder. What the host changed in one of them stays."""
    files = {
        "main.py": folder.MAIN,
        folder.DEFAULTS: folder.defaults_text(ours.settings),
        GITIGNORE: folder.GITIGNORE,
        **ours.files,
    }
    for name, text in files.items():
        path = f"{own}/{name}"
        now = made.take(path)
        known = made.former.own.get(name) if made.former else None
        generated = name in (folder.REQUIREMENTS, folder.DEFAULTS)
        if now is not None and not generated and now != text and digest(now) != known:
            warnings.append(f"{path} was changed by you and stays as it is.")
            continue
        made.own[name] = digest(text)
        made.write(path, text)
    settings = f"{own}/{folder.SETTINGS}"
    if made.take(settings) is None:
        made.write(settings, folder.settings_text(own, answers))


def _with_line(text: str, line: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    start = text if not text or text.endswith("\n") else text + newline
    return f"{start}{line}{newline}"
