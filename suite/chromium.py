"""A Chromium for the tests and the pictures of the console.

The headless shell does without all that a browser shows around a page: a third of what Chromium
costs. This machine's own shell, else the one that npm has for Linux on x86-64, else any Chromium of
this machine, else what Playwright publishes. `python -m suite.chromium` fetches what is needed.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from suite.errors import SuiteError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHELLS: Final = ("chromium-headless-shell", "chrome-headless-shell")
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNUSED: Final = (
    # The panel below the address bar loads two pages of its own for each window: half of what
    # a window costs.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    # What Playwright turns off itself: of two such flags the last one counts.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
"""Features of Chromium that no test looks at."""

FLAGS: Final = (
    f"--disable-features={','.join(UNUSED)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BUILD: Final = "chromium-headless-shell"
PACKAGE: Final = Path(__file__).parent / "browser"
"""Where the shell of npm is locked, apart from what everybody needs, for it is 60 MB."""

UNPACKED: Final = PACKAGE / "node_modules" / ".unpacked"
FETCHING: Final = 180
"""Seconds that fetching may take."""

MISSING: Final = "There is no Chromium: install Debian's package chromium, or name one in CHROMIUM."

os.environ.setdefault("PLAYWRIGHT_BROWSERS_PATH", "0")  # beside Playwright itself: in this folder


@dataclass(frozen=True)
class Chromium:
    """One that may run here.

    Attributes:
        path: Of what is run; None for Playwright's own.
        fetched: Whether it came with the tests, and not with this machine.
        env: What it needs besides this process's own environment.
    """

    path: str | None
    fetched: bool = False
    env: Mapping[str, str] = field(default_factory=dict)


def installed() -> Sequence[Chromium]:
    """Return what there is, the best first; `CHROMIUM` can say which one it is to be."""
    if told := os.environ.get("CHROMIUM"):
        return [Chromium(told)]
    found = [Chromium(path) for path in map(shutil.which, SHELLS) if path]
    if (shell := UNPACKED / "chromium").exists():
        libraries = {"LD_LIBRARY_PATH": str(UNPACKED / "al2023" / "lib")}
        found.append(Chromium(str(shell), fetched=True, env=libraries))
    found += [Chromium(path) for path in map(shutil.which, NAMES) if path]
    if _playwrights_is_there():
        found.append(Chromium(None, fetched=True))
    return found


def _playwrights_is_there() -> bool:
    folder = os.environ["PLAYWRIGHT_BROWSERS_PATH"]
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return False
    beside = Path(spec.origin).parent / "driver" / "package" / ".local-browsers"
    there = beside if folder == "0" else Path(folder)
    return any(there.glob("chromium*/INSTALLATION_COMPLETE"))


@contextmanager
def launched() -> Iterator[Browser]:
    """Start the first that runs here, without a window, for as long as the context lasts.

    Raises:
        SuiteError: There is none, or none that runs here; the message says what to do.
    """
    from playwright.sync_api import Error, sync_playwright

    failed = ""
    with sync_playwright() as playwright:
        for one in installed():
            try:
                browser = playwright.chromium.launch(
                    executable_path=one.path, env={**os.environ, **one.env}, args=FLAGS
                )
            except Error as error:
                if not one.fetched:
                    raise
                # What was fetched can miss libraries of the system.
                why = error.message.strip().splitlines()[0]
                failed += f" What was fetched does not run here: {why}"
                continue
            try:
                yield browser
            finally:
                browser.close()
            return
    raise SuiteError(MISSING + failed)


def main() -> int:
    """Fetch one where that helps, and say so where it fails; give the exit status: 0."""
    has_shell = bool(os.environ.get("CHROMIUM") or any(map(shutil.which, SHELLS)))
    if has_shell or (_npm_has_one() and _unpack()) or installed():
        return 0
    if not _runs(sys.executable, "-m", "playwright", "install", BUILD) or not installed():
        print(f"{MISSING} The console's tests in a browser are skipped without one.")
    return 0


def _npm_has_one() -> bool:
    return sys.platform == "linux" and platform.machine() == "x86_64"


def _unpack() -> bool:
    """Fetch the shell of npm and unpack it; return whether it is there then."""
    done = UNPACKED / "of.json"
    lock = (PACKAGE / "package-lock.json").read_text(encoding="utf-8")
    if done.exists() and done.read_text(encoding="utf-8") == lock:
        return True
    if not _runs("npm", "ci", "--prefix", str(PACKAGE), "--no-audit", "--no-fund"):
        return False
    UNPACKED.mkdir()  # npm has emptied the folder around it
    if not _runs("node", str(PACKAGE / "unpack.mjs"), TMPDIR=str(UNPACKED)):
        shutil.rmtree(UNPACKED)
        return False
    done.write_text(lock, encoding="utf-8")
    return True


def _runs(*command: str, **env: str) -> bool:
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **env},
            timeout=FETCHING,
            check=False,
            capture_output=True,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
