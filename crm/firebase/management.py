"""Google's management APIs, asked what is deployed. Nothing is changed by them.

| asked for | API |
|---|---|
| functions | Cloud Functions v2, `projects.locations.functions.list` |
| rules | Firebase Rules v1, `projects.releases.get`, `projects.rulesets.get` |
| the database, indexes | Firestore v1, `databases.get`, `collectionGroups.indexes` and `fields` |
| the schedule | Cloud Scheduler v1, `projects.locations.jobs.get` |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from crm.core.errors import ConfigError, Transient
from crm.db.installed import (
    VERSION_LABEL,
    DatabasePlace,
    Function,
    IndexLists,
    Schedule,
)
from crm.firebase.errors import management_errors

TIMEOUT: Final = 10.0
"""Seconds for one call."""

PAGES: Final = 50
"""Of a list, at most: an API that never ends it must not hold anybody for ever."""

FUNCTIONS: Final = "https://cloudfunctions.googleapis.com"
RULES: Final = "https://firebaserules.googleapis.com"
FIRESTORE: Final = "https://firestore.googleapis.com"
SCHEDULER: Final = "https://cloudscheduler.googleapis.com"

_SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"

_CODEBASE: Final = "firebase-functions-codebase"
"""The label by which the Firebase CLI knows a function's codebase."""

_NEEDED: Final[Mapping[str, tuple[str, str]]] = {
    FUNCTIONS: ("which functions are deployed", "roles/cloudfunctions.viewer"),
    RULES: ("which rules are in force", "roles/firebaserules.viewer"),
    FIRESTORE: ("which indexes there are", "roles/datastore.indexAdmin"),
    SCHEDULER: ("when sweep was called", "roles/cloudscheduler.viewer"),
}
"""What is not known where an API refuses, and the role that may ask."""


def session() -> Any:
    """Return a session with Application Default Credentials.

    Raises:
        ConfigError: There are none that can be used.
        Transient: Google's server of tokens did not answer.
    """
    with management_errors():
        import google.auth
        from google.auth.transport.requests import AuthorizedSession

        credentials, _ = google.auth.default(scopes=[_SCOPE])
        made: Any = AuthorizedSession  # without types
        return made(credentials)


class Management:
    """What is deployed of a project.

    Args:
        project: Its id.
        session: Makes requests, with credentials.
        at: Instead of Google's, where an API is: tests have their own.
    """

    def __init__(self, project: str, session: Any, at: Mapping[str, str] | None = None) -> None:
        self._project, self._session, self._at = f"projects/{project}", session, at or {}

    def database(self) -> DatabasePlace:
        """Return where the database is.

        Raises:
            ConfigError, Transient: It could not be asked.
        """
        found = self._get(FIRESTORE, f"v1/{self._project}/databases/(default)")
        if found is None:
            raise ConfigError(
                "There is no Firestore database (default) in this project: make one in the Firebase"
                " console, in Native mode."
            )
        return DatabasePlace(str(found.get("locationId", "")), str(found.get("type", "")))

    def rules(self) -> str:
        """Return the rules that are in force; "" where there are none.

        Raises:
            ConfigError, Transient: They could not be asked for.
        """
        release = self._get(RULES, f"v1/{self._project}/releases/cloud.firestore")
        if release is None:
            return ""
        ruleset = self._get(RULES, f"v1/{release['rulesetName']}") or {}
        files = ruleset.get("source", {}).get("files", ())
        return "\n".join(str(one.get("content", "")) for one in files)

    def indexes(self) -> IndexLists:
        """Return all composite indexes, and all fields with settings of their own.

        Raises:
            ConfigError, Transient: They could not be asked for.
        """
        groups = f"v1/{self._project}/databases/(default)/collectionGroups/-"
        own = {"filter": "indexConfig.usesAncestorConfig:false OR ttlConfig:*"}
        return IndexLists(
            [*self._pages(FIRESTORE, f"{groups}/indexes", "indexes")],
            [*self._pages(FIRESTORE, f"{groups}/fields", "fields", own)],
        )

    def functions(self) -> list[Function]:
        """Return all functions of the project, whosever they are.

        Raises:
            ConfigError, Transient: They could not be asked for.
        """
        path = f"v2/{self._project}/locations/-/functions"
        return [_function(one) for one in self._pages(FUNCTIONS, path, "functions")]

    def schedule(self, function: str, region: str) -> Schedule | None:
        """Return the job by which the scheduler calls a function; None where there is none.

        Args:
            function: Its name.
            region: Where it runs.

        Raises:
            ConfigError, Transient: It could not be asked for.
        """
        # As the Firebase CLI names it.
        job = f"jobs/firebase-schedule-{function}-{region}"
        found = self._get(SCHEDULER, f"v1/{self._project}/locations/{region}/{job}")
        if found is None:
            return None
        last = found.get("lastAttemptTime")
        return Schedule(
            str(found.get("state", "")),
            datetime.fromisoformat(str(last)) if last else None,
            int(found.get("status", {}).get("code", 0)),
        )

    def _pages(
        self, api: str, path: str, key: str, more: Mapping[str, str] | None = None
    ) -> Iterator[Mapping[str, Any]]:
        asked = dict(more or {})
        for _ in range(PAGES):
            page = self._get(api, path, asked) or {}
            yield from page.get(key, ())
            token = page.get("nextPageToken")
            if not token:
                return
            asked["pageToken"] = token

    def _get(
        self, api: str, path: str, asked: Mapping[str, str] | None = None
    ) -> Mapping[str, Any] | None:
        """Return a resource; None where there is none."""
        url = f"{self._at.get(api, api)}/{path}"
        with management_errors():
            answer = self._session.get(url, params=asked, timeout=TIMEOUT)
        what, role = _NEEDED[api]
        if answer.status_code == 404:
            return None
        if answer.status_code in {401, 403}:
            host = api.removeprefix("https://")
            raise ConfigError(
                f"It is not known {what}: {host} refuses. Have {role} given to whose credentials"
                " these are, and the API switched on."
            )
        if answer.status_code != 200:
            raise Transient(
                f"It is not known {what}: the API answered {answer.status_code}. Run this again."
            )
        try:
            found: Mapping[str, Any] = answer.json()
        except ValueError:
            raise Transient(f"It is not known {what}: the API answered no JSON.") from None
        return found


def _function(one: Mapping[str, Any]) -> Function:
    above, _, name = str(one.get("name", "")).rpartition("/functions/")
    labels = one.get("labels", {})
    secrets = one.get("serviceConfig", {}).get("secretEnvironmentVariables", ())
    return Function(
        name,
        above.rpartition("/")[2],
        str(one.get("state", "")),
        str(one.get("buildConfig", {}).get("runtime", "")),
        # The Firebase CLI gives the codebase `default` no label; other tools give none either.
        str(labels.get(_CODEBASE, "default")),
        str(labels.get(VERSION_LABEL, "")),
        frozenset(str(secret.get("key")) for secret in secrets),
    )
