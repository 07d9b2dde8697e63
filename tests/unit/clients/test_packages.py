"""The packages of the clients: the same bytes each time, of one version, and they work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from clients.prose import ROOT
from crm import __version__
from tests.support.typescript import MODULES, PACKAGE, packed

PYTHON = ROOT / "clients" / "python"
NO_ANSWER = ("No matching distribution", "Could not find a version", "Connection", "timed out")


@pytest.mark.skipif(not MODULES.exists(), reason="the console's packages are not installed")
def test_the_typescript_package_is_packed_alike_each_time(tmp_path: Path) -> None:
    one = packed(tmp_path / "one")
    for source in PACKAGE.glob("src/*.ts"):
        os.utime(source, (time.time(), time.time()))
    assert one.read_bytes() == packed(tmp_path / "two").read_bytes()
    with tarfile.open(one) as archive:
        names = {name.removeprefix("package/") for name in archive.getnames()}
        about = json.load(archive.extractfile("package/package.json"))  # type: ignore[arg-type]
    code = {f"dist/{name}" for name in ("index.js", "index.d.ts", "calls.js", "calls.d.ts")}
    assert names == code | {"package.json", "README.md", "LICENSE"}
    assert about["version"] == __version__
    assert "dependencies" not in about


def test_the_python_package_is_built_alike_each_time_and_works(tmp_path: Path) -> None:
    built = list[Path]()
    for name in ("one", "two"):
        done = subprocess.run(
            [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", name, PYTHON],
            cwd=tmp_path,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"},
            capture_output=True,
            text=True,
        )
        if done.returncode and any(word in done.stderr for word in NO_ANSWER):
            pytest.skip("no registry answers, and building takes hatchling")
        assert done.returncode == 0, done.stderr
        built += (tmp_path / name).glob("*.whl")
    one, two = built
    assert one.read_bytes() == two.read_bytes()
    assert one.name == f"crm_lite_client-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(one) as archive:
        archive.extractall(tmp_path / "site")
    check = "import crm_lite_client as c; print(c.__version__, c.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    told = subprocess.run(
        [sys.executable, "-c", check], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert told.stdout.split() == [__version__, str(tmp_path / "site/crm_lite_client/__init__.py")]


def test_the_page_names_the_version_that_is_packed() -> None:
    page = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
    assert f"crm-lite-client-{__version__}.tgz" in page
