"""Who has not installed the extra `mail` is told so, and has everything else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crm.composing.libraries import MISSING
from testing.patience import PATIENCE

ROOT = Path(__file__).parents[3]
LIBRARIES = ("liquid", "markdown_it", "mrml", "nh3")

WITHOUT = """
import sys
for name in {names!r}:
    sys.modules[name] = None  # importing it fails, as where it is not installed
import json
from crm.core.errors import ConfigError
said = []
for module in ("crm.campaigns.previewing", "crm.campaigns.trying", "crm.rules.preview"):
    for _ in "12":  # a second try says the same
        try:
            __import__(module)
        except ConfigError as error:
            said.append(str(error))
import main
from crm.entrypoints.callables import dispatch
from crm.entrypoints.cli import cli
from crm.entrypoints import sending
from crm.signup import letter, pages
from crm.entrypoints.errors import failure_of
print(json.dumps([said, failure_of(ConfigError(said[0])).code]))
"""


@pytest.mark.parametrize("missing", [*[(one,) for one in LIBRARIES], LIBRARIES])
def test_one_sentence_says_what_to_install(missing: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(names=missing)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[MISSING] * 6, "failed-precondition"]


def test_nothing_else_of_the_house_needs_them() -> None:
    """`crm.campaigns.composed` is the only door; behind it they are loaded at the top."""
    needs = {
        path.relative_to(ROOT).parts[1]
        for path in ROOT.joinpath("crm").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith(
            tuple(f"{verb} {one}" for verb in ("from", "import") for one in LIBRARIES)
        )
    }
    assert needs == {"composing"}
