"""A Chromium for the tests and the pictures of the console.

This machine's own, where it has one; else the build that Playwright publishes, fetched once into
the virtual environment. `python -m suite.chromium` fetches it where it is needed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from suite.errors import SuiteError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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
FETCHING: Final = 180
"""Seconds that fetching may take."""

MISSING: Final = "There is no Chromium: install Debian's package chromium, or name one in CHROMIUM."

os.environ.setdefault("PLAYWRIGHT_BROWSERS_PATH", "0")  # beside Playwright itself: in this folder


def installed() -> str | None:
    """Return the path of this machine's own; `CHROMIUM` can say."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def fetched() -> bool:
    """Return whether Playwright's build is there, all of it."""
    folder = os.environ["PLAYWRIGHT_BROWSERS_PATH"]
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return False
    beside = Path(spec.origin).parent / "driver" / "package" / ".local-browsers"
    there = beside if folder == "0" else Path(folder)
    return any(there.glob("chromium*/INSTALLATION_COMPLETE"))


@contextmanager
def launched() -> Iterator[Browser]:
    """Start it, without a window, for as long as the context lasts.

    Raises:
        SuiteError: There is none, or it does not run here; the message says what to do.
    """
    from playwright.sync_api import Error, sync_playwright

    path = installed()
    if path is None and not fetched():
        raise SuiteError(MISSING)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        except Error as error:
            if path is not None:
                raise
            # Playwright's build brings no libraries of the system.
            why = error.message.strip().splitlines()[0]
            raise SuiteError(f"{MISSING} Playwright's does not run here: {why}") from error
        try:
            yield browser
        finally:
            browser.close()


def main() -> int:
    """Fetch one where there is none, and say so where that fails; give the exit status: 0."""
    if installed() or fetched():
        return 0
    command = [sys.executable, "-m", "playwright", "install", BUILD]
    try:
        done = subprocess.run(command, timeout=FETCHING, check=False, capture_output=True)
        if done.returncode == 0 and fetched():
            return 0
    except subprocess.TimeoutExpired:
        pass
    print(f"{MISSING} The console's tests in a browser are skipped without one.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
