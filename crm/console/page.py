"""The console's page: one build for everybody, with one block of settings in it.

The block is data (`type="application/json"`), which the Content-Security-Policy lets be and the
page reads when it starts (`web/src/setup.ts`). The build leaves it empty, and links its files
relative to itself; here both are filled in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crm.config.settings import Settings
from crm.core.errors import ConfigError

PAGE: Final = "index.html"

ROOT: Final = "/"
"""The place of a console that has a site of its own."""

_BEGIN: Final = '<script type="application/json" id="crm-settings">'

_BLOCK: Final = re.compile(rf"({re.escape(_BEGIN)})([^<]*)(</script>)")

_LINK: Final = re.compile(r'\b(src|href)="\./')

_PLACE: Final = re.compile(r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*")
"""Nothing that is a sign of a pattern in `firebase.json`, and nothing hidden."""


@dataclass(frozen=True)
class Emulators:
    """Where the page finds the emulators; a page of production has none.

    Attributes:
        auth: `host:port`.
        firestore: `host:port`.
        functions: The origin, `http://host:port`.
        accounts: Accounts to sign in with (`email`, `password`, `role`), shown to everybody.
    """

    auth: str
    firestore: str
    functions: str
    accounts: Sequence[Mapping[str, str]] = ()

    @property
    def origins(self) -> list[str]:
        """All of them as origins."""
        return [f"http://{self.auth}", f"http://{self.firestore}", self.functions]


def place_of(path: str) -> str:
    """Return where below its host the console is, with a slash at both ends.

    Args:
        path: As people write it: `/crm`, `crm/`, `/`.

    Raises:
        ConfigError: It is no plain path, or one that Firebase Hosting keeps for itself.
    """
    inner = path.strip("/")
    place = f"/{inner}/" if inner else ROOT
    if not _PLACE.fullmatch(place) or inner.split("/")[0] == "__":
        raise ConfigError(
            "The path of the console must be plain letters, digits, - and _ between slashes, such"
            " as /crm."
        )
    return place


def settings_of_page(
    settings: Settings, place: str = ROOT, emulators: Emulators | None = None
) -> dict[str, Any]:
    """Return what the page is told.

    Args:
        settings: Those of `crm.toml`.
        place: Where the console is (`place_of`).
        emulators: In the place of production.
    """
    desk = settings.console
    return {
        "region": settings.region,
        "timeZone": settings.time_zone.key,
        "place": place,
        "console": {
            "signIn": [{"id": one.id, "label": one.label or None} for one in desk.sign_in],
            "appCheckKey": desk.app_check_key,
            "sessionHours": desk.session_hours,
        },
        "emulators": emulators
        and {
            "auth": emulators.auth,
            "firestore": emulators.firestore,
            "functions": emulators.functions,
            "accounts": [dict(account) for account in emulators.accounts],
        },
    }


def is_console(page: str) -> bool:
    """Return whether a page is the console's: nobody else's has its block of settings."""
    return _BEGIN in page


def said_in(page: str) -> dict[str, Any]:
    """Return what a page of the console is told; nothing where its block is empty.

    Raises:
        ConfigError: It is no page of the console.
    """
    found = _BLOCK.search(page)
    if not found:
        raise ConfigError("The page has no place for settings: it is not the console's.")
    said: dict[str, Any] = json.loads(found[2] or "{}")
    return said


def with_settings(page: str, said: Mapping[str, Any]) -> str:
    """Return a page of the console that is told this, and the same otherwise.

    Raises:
        ConfigError: As `said_in`.
    """
    # Inside an element only `<` could end it; JSON may write any sign as its number.
    text = json.dumps(dict(said)).replace("<", "\\u003c")
    filled, count = _BLOCK.subn(lambda found: f"{found[1]}{text}{found[3]}", page)
    if count != 1:
        raise ConfigError("The page has no place for settings: it is not the console's.")
    return filled


def rendered(page: str, said: Mapping[str, Any]) -> str:
    """Return the page that was built as it is served: told this, with links that hold at any depth.

    Raises:
        ConfigError: As `said_in`.
    """
    linked = _LINK.sub(lambda found: f'{found[1]}="{said["place"]}', page)
    return with_settings(linked, said)
