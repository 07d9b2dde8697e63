"""A running suite: where it listens and what it says."""

import json
import os
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Suite:
    """Addresses of a running suite; empty text where a service does not run."""

    project: str
    firestore_host: str
    auth_host: str
    functions_origin: str
    tasks_host: str
    hosting_origin: str = ""
    mail: str = ""
    """Where functions hand mails over, as in `CRM_MAIL`."""
    mail_settings: str = ""
    """What stands over `[mail]` of `crm.toml`: lines of TOML."""
    contacts: str = ""
    """What stands over forms and own fields of `crm.toml`: lines of TOML."""
    mailbox_origin: str = ""
    """Where those mails can be looked at."""
    log_path: Path = Path(os.devnull)
    site: Path | None = None
    """Where the files lie that Hosting serves; known to who started the suite."""

    @property
    def env(self) -> dict[str, str]:
        """Variables by which Google's libraries and the operator's command find the suite."""
        env = {
            "GCLOUD_PROJECT": self.project,
            "GOOGLE_CLOUD_PROJECT": self.project,
            "FIRESTORE_EMULATOR_HOST": self.firestore_host,
            "FIREBASE_AUTH_EMULATOR_HOST": self.auth_host,
            "FUNCTIONS_EMULATOR_ORIGIN": self.functions_origin,
            "CLOUD_TASKS_EMULATOR_HOST": self.tasks_host,
            "CLOUD_TASKS_EMULATOR_WAITS": "1" if self.tasks_host else "",
            "HOSTING_EMULATOR_ORIGIN": self.hosting_origin,
            "CRM_MAIL": self.mail,
            "CRM_EMULATOR_MAIL": self.mail_settings,
            "CRM_EMULATOR_CONTACTS": self.contacts,
            "CRM_MAILBOX": self.mailbox_origin,
            "SUITE_LOG": str(self.log_path),
        }
        return {name: value for name, value in env.items() if value}

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Suite | None":
        """Read the variables of `env`; None where they name no suite with functions."""
        needed = (
            "GCLOUD_PROJECT",
            "FIRESTORE_EMULATOR_HOST",
            "FIREBASE_AUTH_EMULATOR_HOST",
            "FUNCTIONS_EMULATOR_ORIGIN",
        )
        if not all(env.get(name) for name in needed):
            return None
        return cls(
            project=env["GCLOUD_PROJECT"],
            firestore_host=env["FIRESTORE_EMULATOR_HOST"],
            auth_host=env["FIREBASE_AUTH_EMULATOR_HOST"],
            functions_origin=env["FUNCTIONS_EMULATOR_ORIGIN"],
            tasks_host=env.get("CLOUD_TASKS_EMULATOR_HOST", ""),
            hosting_origin=env.get("HOSTING_EMULATOR_ORIGIN", ""),
            mail=env.get("CRM_MAIL", ""),
            mail_settings=env.get("CRM_EMULATOR_MAIL", ""),
            contacts=env.get("CRM_EMULATOR_CONTACTS", ""),
            mailbox_origin=env.get("CRM_MAILBOX", ""),
            log_path=Path(env.get("SUITE_LOG", os.devnull)),
        )

    def logs(self) -> str:
        """Read what the emulators and the functions have printed so far."""
        try:
            return self.log_path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def function_url(self, name: str, region: str = "us-central1") -> str:
        """Tell where an HTTPS or callable function answers."""
        return f"{self.functions_origin}/{self.project}/{region}/{name}"

    def function_names(self) -> list[str]:
        """Ask the Functions emulator which functions it has loaded, by name, sorted."""
        url = f"{self.functions_origin}/backends"
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own address
            backends = json.load(answer)["backends"]
        return sorted(
            {function["name"] for backend in backends for function in backend["functionTriggers"]}
        )
