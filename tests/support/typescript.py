"""The TypeScript client as an app has it: packed, beside the Firebase SDK, run by Node."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crm.config.settings import settings
from suite.node import find_node
from suite.running import Suite
from testing.answers import held
from testing.auth import Person
from testing.patience import PATIENCE
from tests.support.asked import Asks, Refused

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "clients" / "typescript"
SCRIPTS = ROOT / "tests" / "suite" / "js"
MODULES = ROOT / "web" / "node_modules"


def packed(into: Path) -> Path:
    """Pack the client; return the file."""
    npm = shutil.which("npm")
    assert npm, "npm is missing: install Node.js 20 or newer"
    into.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [npm, "pack", "--pack-destination", into, "--loglevel=error"],
        cwd=PACKAGE,
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    (file,) = into.glob("*.tgz")
    return file


def installed(folder: Path, file: Path) -> Path:
    """Return a folder of an app that has the client, and Firebase."""
    modules = folder / "node_modules"
    with tarfile.open(file) as archive:
        archive.extractall(modules / "unpacked", filter="data")
    (modules / "unpacked" / "package").rename(modules / "crm-lite-client")
    (modules / "firebase").symlink_to(MODULES / "firebase")
    return folder


def compiled(folder: Path, source: Path) -> Path:
    """Compile a TypeScript file as that app's compiler does; return what came of it."""
    (folder / "package.json").write_text('{"type": "module"}')
    shutil.copy(source, folder)
    options = ["--strict", "--module", "esnext", "--moduleResolution", "bundler"]
    target = ["--target", "es2022", "--types", "", "--skipLibCheck", "--outDir", str(folder)]
    done = subprocess.run(
        [find_node(), MODULES / "typescript/bin/tsc", folder / source.name, *options, *target],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout
    return folder / f"{source.stem}.js"


def where(suite: Suite, person: Person) -> dict[str, Any]:
    """Return what scripts are told of a suite, and of who signs in."""
    origin = urlsplit(suite.functions_origin)
    return {
        "project": suite.project,
        "authOrigin": f"http://{suite.auth_host}",
        "functionsHost": origin.hostname,
        "functionsPort": origin.port,
        "region": settings().region,
        "email": person.email,
        "password": person.password,
    }


@contextmanager
def calling(folder: Path, told_where: dict[str, Any]) -> Iterator[Asks]:
    """Give what calls by the TypeScript client.

    Args:
        folder: An app's, as `installed` makes it.
        told_where: The functions, and who signs in, as `where` gives it.
    """
    script = shutil.copy(SCRIPTS / "every_call.mjs", folder)
    process = subprocess.Popen(
        [find_node(), script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout

    def tell(line: object) -> None:
        assert process.stdin
        process.stdin.write(json.dumps(line) + "\n")
        process.stdin.flush()

    def ask(name: str, /, **data: Any) -> Any:
        assert process.stdout
        tell({"method": method_of(name), "data": data})
        line = process.stdout.readline()
        assert line, f"the client has ended at {name}"
        told = json.loads(line)
        if "refusal" in told:
            raise Refused(told["refusal"]["reason"])
        held(name, told["answer"])
        return told["answer"]

    try:
        tell(told_where)
        yield ask
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def method_of(name: str) -> str:
    """Return the name of a call's method."""
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)
