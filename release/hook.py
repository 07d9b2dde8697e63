"""What the wheel holds besides the package, put together by hatchling.

The repository is laid out as the functions' folder; a host has a folder of its own, and gets the
same as modules and data of the package (`crm/config/places.py` finds it on both sides).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = {
    "main.py": "crm/functions.py",
    "web/dist": "crm/console_files",
    "crm.toml": "crm/host_files/crm.toml",
    "firestore.indexes.json": "crm/host_files/firestore.indexes.json",
    "firestore.rules": "crm/host_files/firestore.rules",
    "requirements.txt": "crm/host_files/requirements.txt",
    "requirements-anymail.txt": "crm/host_files/requirements-anymail.txt",
    "requirements-without-mail.txt": "crm/host_files/requirements-without-mail.txt",
    ".env": "crm/host_files/env",
    ".secret.local": "crm/host_files/secret.local",
}
"""Where each is in the repository, and in the wheel."""


class Hook(BuildHookInterface[Any]):
    """Adds the files to a wheel; an editable installation has them where they are."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files.

        Args:
            version: What is built: `standard` or `editable`.
            build_data: What hatchling builds with.

        Raises:
            SystemExit: The console is not built.
        """
        if version == "editable":
            return
        if not Path(self.root, "web", "dist", "index.html").is_file():
            raise SystemExit(
                "The console is not built: run `make package`, or `npm ci --prefix web` and"
                " `npm run build --prefix web` before."
            )
        build_data["force_include"].update(FILES)
