"""`docs/install.md` and `docs/upgrading.md`, as something that can be followed, and apps for that.

Nothing here repeats a command or a file of the documents.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.core.codebase import CODEBASE
from crm.installing import firebase_json
from crm.installing.jsonc import Node
from release.wheel import build
from suite.launch import ROOT
from testing.patience import PATIENCE
from tests.support.firebase_init import Files

DOCUMENTS = [
    (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("install.md", "upgrading.md")
]
HOST_APP = ROOT / "tests" / "fixtures" / "hostapp"
_BESIDE = frozenset({"crm-lite", "node_modules", "venv", "lib", "__pycache__"})
_STEP = re.compile(r"^```\w+ step=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEPS: dict[str, str] = dict(step for text in DOCUMENTS for step in _STEP.findall(text))

FIREBASE_SHIM = """#!/bin/sh
# Stands in for the Firebase CLI, which would reach production.
echo "$*" >> "$FIREBASE_LOG"
case "$*" in *--data-file*) cat > "$FIREBASE_LOG.secret" ;; esac
"""


@dataclass(frozen=True)
class App:
    """A host app in a folder of its own, with the wheel elsewhere."""

    folder: Path
    wheel: Path

    def run(self, step: str, env: dict[str, str] | None = None, typed: str = "") -> str:
        """Run a step's commands in the app's folder, as a reader would paste them."""
        return self.run_text(STEPS[step], env, typed)

    def run_text(self, commands: str, env: dict[str, str] | None = None, typed: str = "") -> str:
        """Run commands in the app's folder, as a reader would paste them."""
        done = subprocess.run(
            ["sh", "-eu", "-c", commands],
            cwd=self.folder,
            env={
                **{name: one for name, one in os.environ.items() if name != "GCLOUD_PROJECT"},
                # A changed file would load the functions again, in the midst of the test.
                "PYTHONDONTWRITEBYTECODE": "1",
                "CRM_WHEEL": str(self.wheel),
                "FIREBASE_LOG": str(self.log),
                "PATH": f"{self.folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}",
                # What the wheel needs is installed for these tests already: no registry is asked.
                "PYTHONPATH": os.pathsep.join(packages()),
                "PIP_NO_INDEX": "1",
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                **(env or {}),
            },
            input=typed,
            capture_output=True,
            text=True,
            timeout=PATIENCE * 4,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def log(self) -> Path:
        return self.folder.parent / "firebase.log"

    def json(self, name: str) -> Any:
        return json.loads(self.folder.joinpath(name).read_text(encoding="utf-8"))

    def write(self, name: str, text: str) -> None:
        self.folder.joinpath(name).write_text(text, encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        """All files of the app, but for our folder's and what its developer installs or builds."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not _BESIDE & {*path.parts}
        }


def packages() -> list[str]:
    """Return where the packages are that these tests run on."""
    return [path for path in sys.path if Path(path).name == "site-packages"]


@functools.cache
def wheel() -> Path:
    """Return the wheel of this source, built once."""
    folder = Path(tempfile.mkdtemp(prefix="crm-wheel-"))
    return build(ROOT, folder)


def _bare(folder: Path) -> App:
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    bin_folder.joinpath("firebase").write_text(FIREBASE_SHIM)
    bin_folder.joinpath("firebase").chmod(0o755)
    # Of the same version as the packages.
    python: str = getattr(sys, "_base_executable", sys.executable)
    bin_folder.joinpath("python3").write_text(f'#!/bin/sh\nexec {python} "$@"\n')
    bin_folder.joinpath("python3").chmod(0o755)
    return App(folder / "my-app", wheel())


def host_app(folder: Path) -> App:
    """Make the host app as it is before, in an empty folder."""
    made = _bare(folder)
    shutil.copytree(HOST_APP, made.folder, ignore=shutil.ignore_patterns("node_modules*"))
    return made


def template_app(folder: Path, files: Files) -> App:
    """Make an app of files that `firebase init` wrote."""
    made = _bare(folder)
    for name, text in files.items():
        path = made.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return made


ANSWERS = "europe-west1\n\nUTC\nnone\ny\n"
"""To what `crm init` asks: region, preset, time zone, console, whether to write."""


def install(app: App, answers: str = ANSWERS) -> str:
    """Do the first two steps; give what `crm init` said."""
    app.run("package")
    said = app.run("init", typed=answers)
    # Where the functions find what the steps found by PYTHONPATH.
    (site,) = app.folder.joinpath("crm-lite", "venv", "lib").glob("python*/site-packages")
    site.joinpath("tests.pth").write_text("\n".join(packages()))
    return said


def make_loadable(app: App) -> None:
    """See to the host's own functions as its developer does: packages installed, sources built."""
    for entry in firebase_json.entries(app_config(app), "functions"):
        source = app.folder / entry.value["source"]
        package = source / "package.json"
        if package.is_file():
            source.joinpath("node_modules").symlink_to(node_modules())
            main = source / json.loads(package.read_text(encoding="utf-8"))["main"]
            if not main.exists():  # what TypeScript's compiler would write
                main.parent.mkdir()
                main.write_text("// nothing that runs stands in the template\n")
        elif entry.value.get("codebase") != CODEBASE:
            source.joinpath("venv").symlink_to(sys.prefix)


def app_config(app: App) -> Node:
    """Return the app's `firebase.json`."""
    text = app.folder.joinpath(firebase_json.FILE).read_text(encoding="utf-8")
    return firebase_json.opened(text)


def node_modules() -> Path:
    """Return the packages of the host's functions, installed once for each lock file."""
    source = HOST_APP / "functions"
    lock = source.joinpath("package-lock.json").read_bytes()
    # Inside a folder of this name, because git and the emulators look into none of them.
    folder = source / "node_modules" / hashlib.sha256(lock).hexdigest()[:12]
    if not folder.exists():
        draft = folder.with_name(f"draft-{uuid.uuid4().hex}")
        draft.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, draft)
        quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"]
        subprocess.run(["npm", "ci", *quiet], cwd=draft, check=True, timeout=600)
        try:
            draft.rename(folder)
        except OSError:  # another run was first
            shutil.rmtree(draft)
    return folder / "node_modules"
