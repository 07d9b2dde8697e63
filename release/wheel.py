"""`make package`: the wheel, the same bytes for the same commit.

hatchling gives the files of a wheel one time, one order and plain permissions. The time is the last
commit's, where git knows one; `SOURCE_DATE_EPOCH` goes before (https://reproducible-builds.org).
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]

LONG_AGO: Final = 1_580_601_600
"""Seconds since 1970 of 2020-02-02, hatchling's own: where nothing says when the source is from."""


def time_of(folder: Path) -> int:
    """Return when the source is from, in seconds since 1970."""
    command = ["git", "log", "-1", "--format=%ct"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        return int(done.stdout)
    except (OSError, subprocess.CalledProcessError, ValueError):
        return LONG_AGO


def build(folder: Path, into: Path) -> Path:
    """Build the wheel.

    Args:
        folder: The repository, with the console built.
        into: Where it goes.

    Returns:
        The wheel.

    Raises:
        SystemExit: It cannot be built; what is printed says why.
    """
    env = {"SOURCE_DATE_EPOCH": str(time_of(folder)), **os.environ}
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    into.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into) as fresh:
        done = subprocess.run(
            [*command, "--directory", fresh],
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(done.stdout.strip())
        (made,) = Path(fresh).glob("*.whl")
        return made.replace(into / made.name)


def main() -> None:
    """Build the wheel into `dist/`, and say what it is."""
    wheel = build(ROOT, ROOT / "dist")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    print(f"{wheel.relative_to(ROOT)}  {wheel.stat().st_size / 1e6:.1f} MB  sha256:{digest}")


if __name__ == "__main__":
    main()
