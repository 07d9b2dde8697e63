"""The Makefile hands things over as they were written."""

import shutil
import subprocess
from pathlib import Path

import pytest

from testing.patience import PATIENCE

ROOT = Path(__file__).parents[3]


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make here")
@pytest.mark.parametrize(
    "command",
    ['echo "$FIRESTORE_EMULATOR_HOST" $$ $(date)', "echo it\\'s", "true; exit 3", "a && b | c"],
)
def test_exec_takes_a_command_to_the_letter(tmp_path: Path, command: str) -> None:
    """Make would expand its dollar signs, and a shell its quotes."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done\n')
    python.chmod(0o755)
    # `-o`: whatever is to be set up is taken to be there.
    done = subprocess.run(
        ["make", "-s", "-o", "setup", "exec", f"BIN={tmp_path}", f"CMD={command}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stdout.splitlines() == ["-m", "suite", "exec", "--shell", command]
