"""What was put in, so that it can be taken out to the byte: a file in our folder.

It belongs in the host's repository with the rest of the folder, and holds nothing secret.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from crm.core.errors import ConfigError

NAME: Final = ".installed.json"


@dataclass(frozen=True, slots=True)
class Was:
    """A file that ours came into.

    Attributes:
        before: What it was before; None where there was none.
        after: What tells its text afterwards from any other.
        added: Marks of the entries that came in, of a file of indexes.
    """

    before: str | None
    after: str
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked, or said by options.

    Attributes:
        region: Where the functions run.
        time_zone: The zone of the organiser's days.
        preset: Whose orders these are; empty for the default mapping.
        site: The console's own site; empty where there is none.
        path: The console's path of the host's site; empty where there is none.
        entry: Which of several hosting entries that path is of.
        emulators: Whether the emulators that are missing are set up.
        runtime: Which Python the functions run on, as `firebase.json` calls it.
    """

    region: str = "us-central1"
    time_zone: str = "UTC"
    preset: str = ""
    site: str = ""
    path: str = ""
    entry: str = ""
    emulators: bool = True
    runtime: str = "python311"


@dataclass(frozen=True, slots=True)
class Record:
    """An installation.

    Attributes:
        version: Of CRM-Lite, that wrote it.
        answers: What was asked.
        files: The host's files that ours came into, by name.
        own: The files of our folder, by name: what tells the text that was written.
        settings: The keys of `crm.toml` that the version knew.
    """

    version: str
    answers: Answers
    files: Mapping[str, Was] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    settings: tuple[str, ...] = ()

    def to_text(self) -> str:
        """Return it as the text of its file."""
        answers = {name: getattr(self.answers, name) for name in Answers.__slots__}
        files = {
            name: {
                "before": was.before,
                "after": was.after,
                **({"added": list(was.added)} if was.added else {}),
            }
            for name, was in sorted(self.files.items())
        }
        about = "Written by `crm init`, read by `crm upgrade` and `crm uninstall`. Commit it."
        held = {
            "//": about,
            "version": self.version,
            "answers": answers,
            "own": dict(sorted(self.own.items())),
            "settings": sorted(self.settings),
            "files": files,
        }
        return json.dumps(held, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def of_text(cls, text: str, file: str) -> Record:
        """Read one.

        Raises:
            ConfigError: It was changed by hand.
        """
        try:
            held: dict[str, Any] = json.loads(text)
            files = {
                name: Was(was["before"], was["after"], tuple(was.get("added", ())))
                for name, was in held["files"].items()
            }
            answers = Answers(
                **{name: one for name, one in held["answers"].items() if name in Answers.__slots__}
            )
            return cls(held["version"], answers, files, held["own"], tuple(held["settings"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ConfigError(
                f"{file}: it was changed by hand, and says no longer what was put in: restore it"
                " from your repository."
            ) from None


def digest(text: str) -> str:
    """Return what tells a text from any other."""
    return hashlib.sha256(text.encode()).hexdigest()
