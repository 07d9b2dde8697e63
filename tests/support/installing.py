"""`docs/install.md`, as something that can be followed: its marked steps, and an app for them.

Nothing here repeats a command or a file of the document.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suite.launch import ROOT
from testing.patience import PATIENCE

DOCUMENT = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
HOST_APP = ROOT / "tests" / "fixtures" / "hostapp"
STEPS = dict(re.findall(r"^```\w+ step=(\S+)\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL))
FUNCTION_ENTRY = json.loads(STEPS["firebase.json"])

FIREBASE_SHIM = """#!/bin/sh
# Stands in for the Firebase CLI, which would reach production.
echo "$*" >> "$FIREBASE_LOG"
case "$*" in *--data-file*) cat > "$FIREBASE_LOG.secret" ;; esac
"""


@dataclass(frozen=True)
class App:
    """A host app in a folder of its own, and a clone of CRM-Lite elsewhere."""

    folder: Path
    clone: Path

    def run(self, step: str, env: dict[str, str] | None = None) -> str:
        """Run a step's commands in the app's folder, as a reader would paste them."""
        done = subprocess.run(
            ["sh", "-eu", "-c", STEPS[step]],
            cwd=self.folder,
            env={
                **os.environ,
                # A changed file would load the functions again, in the midst of the test.
                "PYTHONDONTWRITEBYTECODE": "1",
                "CRM_LITE": str(self.clone),
                "FIREBASE_LOG": str(self.log),
                "PATH": f"{self.clone.parent / 'bin'}{os.pathsep}{os.environ['PATH']}",
                **(env or {}),
            },
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def log(self) -> Path:
        return self.clone.parent / "firebase.log"

    def json(self, name: str) -> Any:
        return json.loads(self.folder.joinpath(name).read_text(encoding="utf-8"))

    def text(self, name: str) -> str:
        return self.folder.joinpath(name).read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        self.folder.joinpath(name).write_text(text, encoding="utf-8")


def host_app(folder: Path) -> App:
    """Make the host app as it is before, and a fresh clone, in an empty folder."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    bin_folder.joinpath("firebase").write_text(FIREBASE_SHIM)
    bin_folder.joinpath("firebase").chmod(0o755)
    made = App(folder / "my-app", folder / "clone")
    shutil.copytree(HOST_APP, made.folder, ignore=shutil.ignore_patterns("node_modules*"))
    made.clone.mkdir()
    kept = ("crm", "main.py", "crm.toml", "requirements.txt", "firestore.rules")
    for name in (*kept, "firestore.indexes.json", ".env", ".secret.local", ".gitignore"):
        source = ROOT / name
        if source.is_dir():
            # Others are writing their bytecode there, which a clone would not have.
            unwanted = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, made.clone / name, ignore=unwanted)
        else:
            shutil.copy(source, made.clone / name)
    return made


def install(app: App) -> None:
    """Do steps 1 to 3."""
    app.run("copy")
    # The step makes this folder and installs the same requirements.txt into it.
    app.folder.joinpath("crm-lite", "venv").symlink_to(ROOT / "venv")
    app.write("crm-lite/crm.toml", STEPS["crm.toml"])
    config = app.json("firebase.json")
    config["functions"] = [config["functions"], FUNCTION_ENTRY]
    app.write("firebase.json", json.dumps(config, indent=2))
    paste_rules(app)
    app.run("indexes")


def paste_rules(app: App) -> None:
    below = "match /databases/{database}/documents {\n"
    before, found, after = app.text("firestore.rules").partition(below)
    assert found
    app.write("firestore.rules", before + found + app.run("rules") + after)


def take_out(app: App) -> None:
    """Do the last steps, but for the deployment."""
    app.run("cut")
    config = app.json("firebase.json")
    config["functions"].remove(FUNCTION_ENTRY)
    app.write("firebase.json", json.dumps(config))
    folder = app.folder / "crm-lite"
    folder.joinpath("venv").unlink(missing_ok=True)
    shutil.rmtree(folder)


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
