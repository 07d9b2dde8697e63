"""The Firebase app of this process."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from typing import Any, Final

from crm.core.errors import ConfigError

TIMEOUT: Final = 10  # seconds for one call; the library's own is two minutes

_PROJECT_ID: Final = re.compile(r"[a-z0-9][a-z0-9.:-]*")

_HOST: Final = re.compile(r"[^/\s]+:[0-9]+")

_making = threading.Lock()


def project() -> str:
    """Return the project's id.

    Raises:
        ConfigError: None is set.
    """
    named = _project()
    if not named:
        raise ConfigError("GCLOUD_PROJECT is not set: set it to the id of the Firebase project.")
    if not _PROJECT_ID.fullmatch(named):
        raise ConfigError(
            "GCLOUD_PROJECT is not the id of a project: write it as the Firebase console shows it"
            " under Project settings, such as my-shop-4f2a1 (small letters, digits and hyphens)."
        )
    return named


def check_environment() -> None:
    """Look at what the environment says of emulators and credentials, without asking anybody.

    Raises:
        ConfigError: An emulator's address or a file of credentials is not one.
    """
    for name in ("FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST"):
        host = os.environ.get(name)
        if host and not _HOST.fullmatch(host):
            raise ConfigError(f"{name} must be written host:port, without http://.")
    file = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if file and not os.environ.get("FIRESTORE_EMULATOR_HOST") and not Path(file).is_file():
        raise ConfigError(
            "GOOGLE_APPLICATION_CREDENTIALS names no file: correct it, or unset it and run"
            " `gcloud auth application-default login`."
        )


def _project() -> str | None:
    return os.environ.get("GCLOUD_PROJECT") or os.environ.get("GOOGLE_CLOUD_PROJECT")


def prepare() -> None:
    """Make the library's default app, with which the functions' SDK verifies ID tokens.

    Without it every callable answers `unauthenticated`. Opens no connection.
    """
    from firebase_admin import _DEFAULT_APP_NAME

    _made(_DEFAULT_APP_NAME, _project())


def app() -> Any:
    """Return the library's app of this project, made at its first use."""
    if "//" in os.environ.get("FIREBASE_AUTH_EMULATOR_HOST", ""):
        raise ConfigError("FIREBASE_AUTH_EMULATOR_HOST must be written host:port, without http://.")
    # An app of each project, so that tests can use many in one process.
    return _made(f"crm {project()}", project())


def _made(name: str, project_id: str | None) -> Any:
    import firebase_admin

    options = {"httpTimeout": TIMEOUT} | ({"projectId": project_id} if project_id else {})
    with _making:
        try:
            return firebase_admin.get_app(name)
        except ValueError:
            return firebase_admin.initialize_app(options=options, name=name)


def documents_url() -> str | None:
    """Return the Firebase console's page of a document, `{path}` in it; None on the emulators.

    For `{path}` the document's path is to be written as `encodeURIComponent` does, with `~` for
    each `%`: `orders~2Fo1`.

    Raises:
        ConfigError: Nothing says which project this is.
    """
    if os.environ.get("FIRESTORE_EMULATOR_HOST"):
        return None
    page = f"https://console.firebase.google.com/project/{project()}"
    return f"{page}/firestore/databases/-default-/data/~2F{{path}}"
