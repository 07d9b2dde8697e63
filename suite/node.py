"""Find Node.js and the firebase-tools that are pinned in `suite/package.json`."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from suite.errors import SuiteError

OLDEST = 20
"""The oldest major version that firebase-tools 15 runs on."""

MODULES = Path(__file__).parent / "node_modules"
"""Where `npm ci --prefix suite` puts packages; NODE_PATH for a script that requires them."""


def find_node(env: Mapping[str, str] | None = None) -> Path:
    """Find a Node.js that is new enough on PATH.

    Raises:
        SuiteError: There is none, or only an older one.

    """
    path = (os.environ if env is None else env).get("PATH", "")
    found = shutil.which("node", path=path)
    if not found:
        raise SuiteError(
            f"Node.js is not on PATH: install Node.js {OLDEST} or newer for the Firebase emulators."
        )
    try:
        answer = subprocess.run(
            [found, "--version"], capture_output=True, check=False, text=True, timeout=30
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        answer = ""
    match = re.match(r"v(\d+)\.", answer)
    if not match or int(match[1]) < OLDEST:
        raise SuiteError(
            f"{found} is {f'Node.js {answer}' if answer else 'not a Node.js that runs'}: "
            f"install Node.js {OLDEST} or newer for the Firebase emulators."
        )
    return Path(found)


def find_firebase_tools(modules: Path = MODULES) -> Path:
    """Find the script that `firebase` runs, so that it is run without a shell between.

    Raises:
        SuiteError: firebase-tools is not installed.

    """
    script = modules / "firebase-tools" / "lib" / "bin" / "firebase.js"
    if not script.is_file():
        raise SuiteError("firebase-tools is not installed: run `npm ci --prefix suite`.")
    return script
