"""`make pythons`: the unit tests on every Python that a host may choose and this machine has.

A host's `firebase.json` names its runtime. Which ones there are is said once, by the classifiers of
`pyproject.toml`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]

ENVIRONMENTS: Final = ROOT / ".pythons"
"""A virtual environment for each, kept for the next time."""

_VERSION: Final = re.compile(r"Programming Language :: Python :: (3\.[0-9]+)")


def supported() -> list[str]:
    """Return the Pythons that CRM-Lite is for, such as `3.11`, the oldest first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [found[1] for one in project["classifiers"] if (found := _VERSION.fullmatch(one))]


def find(version: str) -> Path | None:
    """Return a Python of a version: the one of the path, else pyenv's newest; None for none."""
    name = f"python{version}"
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    kept = root.glob(f"versions/{version}.*/bin/{name}")
    newest = sorted(kept, key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))])
    on_path = shutil.which(name)
    for one in [*([Path(on_path)] if on_path else []), *reversed(newest)]:
        asked = [str(one), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.stdout.strip() == version:  # a shim of pyenv's is there without its Python
            return one
    return None


def environment(version: str, python: Path) -> Path:
    """Return the Python of an environment with all that is locked, made at the first time.

    Raises:
        CalledProcessError: It cannot be made, such as without a network.
    """
    folder = ENVIRONMENTS / version
    lock = ROOT / "requirements-dev.txt"
    inside, ready = folder / "bin" / "python", folder / lock.name
    if not ready.exists() or ready.read_bytes() != lock.read_bytes():
        subprocess.run([str(python), "-m", "venv", "--clear", str(folder)], check=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([str(inside), *install, "-r", str(lock)], check=True)
        shutil.copy(lock, ready)
    return inside


def main() -> int:
    """Run the unit tests on each, and return the exit status."""
    failed = []
    here = "{}.{}".format(*sys.version_info)
    for version in supported():
        if version == here:
            print(f"Python {version}: the one of `make test`.", flush=True)
            continue
        python = find(version)
        if python is None:
            print(f"Python {version}: skipped, there is none on this machine.", flush=True)
            continue
        try:
            inside = environment(version, python)
        except subprocess.CalledProcessError:
            print(f"Python {version}: skipped, its packages cannot be installed.", flush=True)
            continue
        print(f"Python {version}:", flush=True)
        tests = ["-m", "pytest", "-n", "auto", "--dist", "worksteal", "tests/unit"]
        if subprocess.run([str(inside), *tests], cwd=ROOT, check=False).returncode:
            failed.append(version)
    if failed:
        print(f"Tests failed on Python {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
