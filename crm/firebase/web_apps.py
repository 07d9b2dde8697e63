"""The project's web apps, of which a page needs one to talk to Firebase.

Hosting tells a page by itself (`/__/firebase/init.json`); for a page served elsewhere the Firebase
Management API is asked: https://firebase.google.com/docs/reference/firebase-management/rest
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from crm.core.errors import ConfigError
from crm.firebase import app as firebase_app
from crm.firebase.app import TIMEOUT, project
from crm.firebase.errors import management_errors

API: Final = "https://firebase.googleapis.com/v1beta1"

NAME: Final = "CRM-Lite"
"""What the console's own web app is called, where it has one."""


def web_app_config() -> dict[str, Any]:
    """Return the configuration of the console's web app, else of the project's first one.

    Raises:
        ConfigError: The project has none, or the credentials may not look.
        Transient: The API did not answer.
    """
    named = project()
    apps = sorted(_apps(named), key=lambda app: app.get("displayName") != NAME)
    if not apps:
        raise ConfigError(
            f"Project {named} has no web app, which the console signs in with: make one by"
            f" `firebase apps:create WEB {NAME} --project {named}`, then run this again."
        )
    return dict(_get(f"projects/{named}/webApps/{apps[0]['appId']}/config"))


def _apps(named: str) -> Iterator[Mapping[str, Any]]:
    token = ""
    while True:
        page = _get(f"projects/{named}/webApps", pageToken=token, pageSize="100")
        yield from (app for app in page.get("apps", ()) if app.get("state", "ACTIVE") == "ACTIVE")
        token = page.get("nextPageToken", "")
        if not token:
            return


def _get(path: str, **query: str) -> Mapping[str, Any]:
    asked = {key: value for key, value in query.items() if value}
    with management_errors():
        answer = _session().get(f"{API}/{path}", params=asked, timeout=TIMEOUT)
        answer.raise_for_status()
    found: Mapping[str, Any] = answer.json()
    return found


def _session() -> Any:
    """Return what asks with this process' credentials, and in the name of their project."""
    from google.auth.transport.requests import AuthorizedSession

    credentials = firebase_app.app().credential.get_credential()
    return AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
