"""The wheel: what is in it, that it is the same each time, and that a host's folder runs on it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest

import crm
from crm.config.places import HOST_FILES
from crm.runtime.starting import OF_AN_IMAGE
from release.wheel import LONG_AGO, ROOT, build, time_of
from testing.patience import PATIENCE
from tests.support.promised import PROMISED

FILES = (*HOST_FILES.values(), "main.py", "pyproject.toml", "README.md", "LICENSE", ".gitignore")
CONSOLE = {
    "index.html": "<!doctype html>",
    "assets/b.js": "b",
    "assets/a.css": "a",
    "assets/deep/c.woff2": "c",
}
"""A stand-in: building the real one takes npm."""

MAIN = '"""CRM-Lite\'s functions."""\nfrom crm.functions import *\n'


def copied(folder: Path) -> Path:
    """What a build needs of the repository."""
    unwanted = shutil.ignore_patterns("__pycache__")
    for name in ("crm", "release"):
        shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    for name, text in CONSOLE.items():
        file = folder / "web" / "dist" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tree, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as packed:
        (name,) = [one for one in packed.namelist() if one.endswith(".dist-info/METADATA")]
        return Parser().parsestr(packed.read(name).decode())


def test_a_second_build_is_the_same_to_the_byte(wheel: Path, tmp_path: Path) -> None:
    """Of another folder, written in another order at another time, with other permissions."""
    other = tmp_path / "elsewhere"
    copied(other)
    web = other / "web" / "dist"
    shutil.rmtree(web)
    for name in reversed(CONSOLE):
        web.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        web.joinpath(name).write_text(CONSOLE[name])
    for number, path in enumerate(sorted(other.rglob("*"), reverse=True)):
        os.utime(path, (10**9 + number, 10**9 + number))
        path.chmod(0o700 if path.is_dir() else 0o600)
    junk = other / "crm" / "core" / "__pycache__" / "ids.cpython-311.pyc"
    junk.parent.mkdir()
    junk.touch()
    again = build(other, tmp_path / "dist")
    assert again.name == wheel.name == f"crm_lite-{crm.__version__}-py3-none-any.whl"
    assert again.read_bytes() == wheel.read_bytes()


def test_it_holds_the_package_and_what_a_host_gets(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        held = {name for name in packed.namelist() if ".dist-info/" not in name}
        modes = {one.external_attr >> 16 & 0o777 for one in packed.infolist()}
        assert packed.read("crm/functions.py") == (ROOT / "main.py").read_bytes()
        for name, there in HOST_FILES.items():
            assert packed.read(f"crm/host_files/{name}") == (ROOT / there).read_bytes()
    package = {
        str(path.relative_to(ROOT))
        for path in ROOT.joinpath("crm").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    files = {f"crm/host_files/{name}" for name in HOST_FILES}
    console = {f"crm/console_files/{name}" for name in CONSOLE}
    assert held == package | files | console | {"crm/functions.py"}
    assert modes == {0o644}


def test_a_file_of_the_package_that_is_no_code_is_data(wheel: Path) -> None:
    """Nothing has to be declared for it: hatchling takes the folder."""
    with zipfile.ZipFile(wheel) as packed:
        held = [name for name in packed.namelist() if name.endswith(".toml")]
    assert {"crm/config/presets/stripe.toml", "crm/signup/languages/de.toml"} <= {*held}


def test_it_says_what_it_is_and_needs(metadata: Message) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert metadata["Name"] == "crm-lite"
    assert metadata["Version"] == crm.__version__
    assert metadata["Requires-Python"] == "<3.15,>=3.11"
    assert metadata.get_all("Provides-Extra") == ["anymail", "mail"]
    assert metadata["License-Expression"] == "MIT"
    needs = metadata.get_all("Requires-Dist") or []
    assert len([one for one in needs if "extra ==" not in one]) == len(project["dependencies"])
    assert "console" in str(metadata.get_payload())


def test_without_a_console_nothing_is_built(tmp_path: Path) -> None:
    folder = copied(tmp_path / "tree")
    shutil.rmtree(folder / "web")
    with pytest.raises(SystemExit, match="The console is not built: run `make package`"):
        build(folder, tmp_path / "dist")
    assert not [*tmp_path.glob("dist/*.whl")]


def test_the_time_is_the_last_commit_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert time_of(tmp_path) == LONG_AGO
    monkeypatch.setenv("PATH", "")
    assert time_of(ROOT) == LONG_AGO
    monkeypatch.undo()
    if not shutil.which("git"):
        pytest.skip("there is no git here")
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    for command in (["init", "-q"], [*who, "commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run(
            ["git", *command],
            cwd=tmp_path,
            env=os.environ | {"GIT_COMMITTER_DATE": "@1790000000 +0000"},
            check=True,
        )
    assert time_of(tmp_path) == 1_790_000_000


# --- Installed -----------------------------------------------------------------------------------

LOOK = """
import json
from firebase_functions.private import serving
import yaml
import gc, os, sys
found = serving.get_functions()
import main
spec = yaml.safe_load(serving.functions_as_yaml(found))
print(json.dumps({
    "endpoints": spec["endpoints"],
    "params": spec["params"],
    "names": sorted(name for name in vars(main) if not name.startswith("__")),
    "gc": gc.isenabled(),
    "frozen": gc.get_freeze_count() > 9_999,
    "from": sys.modules["crm"].__file__,
}))
"""

SERVE = """
import functions_framework, json
client = functions_framework.create_app("get_job", "main.py", "http").test_client()
answer = client.post("/", json={"data": {"jobId": "x"}})
print(json.dumps([answer.status_code, answer.get_json()]))
"""

FIND = """
import json
from crm.config.places import HOST_FILES, console_files, host_file
from crm.config.settings import DEFAULT_FILE, settings
print(json.dumps([
    str(DEFAULT_FILE), settings().region, str(console_files()),
    {name: host_file(name).read_text() for name in HOST_FILES},
]))
"""


class Host:
    """A host's folder with an environment of its own, which the wheel alone is installed in."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.app, self.folder = folder, folder / "crm-lite"
        self.folder.mkdir()
        venv = self.folder / "venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
        self.bin = venv / "bin"
        pip = [sys.executable, "-m", "pip", "--python", str(self.bin / "python"), "install"]
        install = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)]
        subprocess.run([*pip, *install], check=True)
        (self.site,) = venv.glob("lib/python*/site-packages")
        self.site.joinpath("tested.pth").write_text(sysconfig.get_path("purelib"))
        self.folder.joinpath("main.py").write_text(MAIN)
        self.folder.joinpath("crm.toml").write_text('region = "europe-west3"\n')

    def run(self, *command: str, folder: Path | None = None, **more: str) -> str:
        names = ("FIRE", "GCLOUD", "GOOGLE", "CRM", "FUNCTION", "PYTHONPATH", "VIRTUAL_ENV")
        env = {key: value for key, value in os.environ.items() if not key.startswith(names)}
        done = subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=folder or self.folder,
            env=env | more,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def told(self, code: str, **more: Any) -> Any:
        return json.loads(self.run("python", "-c", code, **more).splitlines()[-1])


@pytest.fixture(scope="module")
def host(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Host:
    return Host(tmp_path_factory.mktemp("my-app"), wheel)


def test_two_lines_are_a_host_s_functions_and_nothing_else(host: Host) -> None:
    """As the Firebase CLI and the framework look for them."""
    told = host.told(LOOK)
    names = set(told["endpoints"])
    assert names <= PROMISED
    assert {"on_order_written", "on_user_written", "get_customer", "worker", "sweep"} <= names
    assert told["names"] == sorted(names)
    assert [one["name"] for one in told["params"]] == ["CRM_KEY"]
    assert {one["region"][0] for one in told["endpoints"].values()} == {"europe-west3"}
    assert Path(told["from"]).is_relative_to(host.site)


def test_they_are_the_functions_of_a_clone(host: Host, tmp_path: Path) -> None:
    host_s = host.told(LOOK)
    for name in ("main.py", "crm"):
        tmp_path.joinpath(name).symlink_to(ROOT / name)
    tmp_path.joinpath("crm.toml").write_text('region = "europe-west3"\n')
    code = LOOK.replace("import main\n", "main = serving\n")  # a clone's loads once
    clone_s = host.told(f"import sys; sys.path.insert(0, '.')\n{code}", folder=tmp_path)
    assert Path(clone_s["from"]).is_relative_to(tmp_path)
    assert host_s["endpoints"] == clone_s["endpoints"]


@pytest.mark.parametrize("served", [True, False])
def test_a_process_s_promises_hold(host: Host, served: bool) -> None:
    told = host.told(LOOK, **({"FUNCTION_TARGET": "on_order_written"} if served else {}))
    assert told["gc"]
    assert told["frozen"] is served


def test_they_are_served(host: Host) -> None:
    status, body = host.told(SERVE, GCLOUD_PROJECT="demo-packed", FUNCTION_TARGET="get_job")
    assert (status, body["error"]["status"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("mode", ["timestamp", "unchecked-hash"])
def test_an_image_s_compiled_code_is_taken(host: Host, mode: str, tmp_path: Path) -> None:
    """A buildpack compiles what is installed, and gives all files of an image one time."""
    package = tmp_path / "crm"
    shutil.copytree(host.site / "crm", package, ignore=shutil.ignore_patterns("__pycache__"))
    host.run("python", "-m", "compileall", "-q", "--invalidation-mode", mode, str(package))
    for path in package.rglob("*"):
        os.utime(path, (OF_AN_IMAGE, OF_AN_IMAGE))
    code = """
import importlib.machinery as machinery, json, sys
sys.path.insert(0, ".")
compiled, compile_one = [], machinery.SourceFileLoader.source_to_code
def seen(self, data, path, **more):
    compiled.append(path)
    return compile_one(self, data, path, **more)
machinery.SourceFileLoader.source_to_code = seen
import crm.functions, crm.sync.sync
print(json.dumps(compiled))
"""
    compiled = host.told(code, folder=tmp_path, PYTHONDONTWRITEBYTECODE="1")
    loaded_before = ("__init__", "functions", "runtime/__init__", "runtime/starting")
    before = {f"crm/{name}.py" for name in loaded_before}
    ours = {str(Path(one).relative_to(tmp_path)) for one in compiled}
    assert ours <= (before if mode == "timestamp" else set())


def test_the_command_is_there(host: Host, tmp_path: Path) -> None:
    said = f"crm-lite {crm.__version__}, Python {platform.python_version()}\n"
    assert host.run("crm", "--version", folder=tmp_path) == said
    assert host.run("python", "-m", "crm", "--version", folder=tmp_path) == said
    assert "Usage: crm " in host.run("crm", "--help")


def test_the_host_s_file_is_found_from_anywhere(host: Host, tmp_path: Path) -> None:
    """A hook of `firebase.json` runs in the app's folder, with the Python of the environment."""
    for folder in (host.folder, host.app, tmp_path):
        file, region, console, files = host.told(FIND, folder=folder)
        assert Path(file) == host.folder / "crm.toml"
        assert region == "europe-west3"
        assert Path(console) == host.site / "crm" / "console_files"
        for name, there in HOST_FILES.items():
            assert files[name] == (ROOT / there).read_text(encoding="utf-8")
