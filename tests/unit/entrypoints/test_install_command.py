"""`crm init`, `crm upgrade` and `crm uninstall`, in folders that `firebase init` made."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import crm
from crm.config.settings import load
from crm.entrypoints.cli import cli
from crm.installing.folder import YOURS
from tests.support.firebase_init import made, shapes

WHEEL = f"crm_lite-{crm.__version__}-py3-none-any.whl"


@pytest.fixture(autouse=True)
def _no_project(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / WHEEL
    path.write_bytes(b"a wheel")
    return path


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return written(tmp_path / "app", "everything")


def written(folder: Path, shape: str) -> Path:
    for name, text in shapes()[shape].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def run(*words: object, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, [*map(str, words)], input=typed)


def init(app: Path, wheel: Path, *more: str, typed: str | None = None) -> Result:
    words = () if typed is not None else ("--yes",)
    return run("init", app, "--wheel", wheel, "--no-venv", *words, *more, typed=typed)


def test_it_comes_in_shows_what_it_does_and_goes_out_to_the_byte(app: Path, wheel: Path) -> None:
    before = files(app)
    result = init(app, wheel)
    assert result.exit_code == 0, result.output
    for line in (
        '+      "codebase": "crm",',
        "+    // --- CRM-Lite: begin ",
        "new: crm-lite/main.py",
    ):
        assert line in result.output
    assert "Warning: firestore.rules: line " in result.output
    commands = [line for line in result.stdout.splitlines() if line.startswith("  ")][-3:]
    assert [line.split()[0] for line in commands] == ["firebase", "openssl", "firebase"]
    after = files(app)
    assert {name for name in before if after[name] != before[name]} == {
        *("firebase.json", "firestore.rules", "firestore.indexes.json"),
    }
    again = init(app, wheel)
    assert "No file changes." in again.stdout
    assert files(app) == after
    out = run("uninstall", app, "--yes")
    assert out.exit_code == 0, out.output
    assert files(app) == before
    assert not app.joinpath("crm-lite").exists()
    assert "nothing to do" in run("uninstall", app, "--yes").stdout


def test_the_folder_holds_what_runs(app: Path, wheel: Path) -> None:
    init(
        app, wheel, "--region", "europe-west1", "--time-zone", "Europe/Berlin", "--preset", "pretix"
    )
    folder = app / "crm-lite"
    assert {path.name for path in folder.iterdir()} == {
        *("main.py", "requirements.txt", "requirements-anymail.txt", "crm.toml", WHEEL),
        *("crm.defaults.toml", ".env", ".secret.local", ".gitignore", ".installed.json"),
    }
    assert folder.joinpath("main.py").read_text() == (
        '"""CRM-Lite\'s functions."""\n\nfrom crm.functions import *\n'
    )
    settings = load(folder / "crm.toml")
    assert (settings.region, str(settings.time_zone), settings.preset) == (
        *("europe-west1", "Europe/Berlin", "pretix"),
    )
    assert load(folder / "crm.defaults.toml") == load(Path(crm.__file__).parents[1] / "crm.toml")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lines = folder.joinpath("requirements.txt").read_text().splitlines()
    assert f"./{WHEEL} --hash=sha256:{digest}" in lines
    assert sum(line.startswith("./") for line in lines) == 1
    assert folder.joinpath(WHEEL).read_bytes() == b"a wheel"


def test_a_dry_run_writes_nothing(app: Path, wheel: Path) -> None:
    before = files(app)
    result = init(app, wheel, "--dry-run")
    assert '+      "codebase": "crm",' in result.stdout
    assert files(app) == before
    init(app, wheel)
    after = files(app)
    assert '-      "codebase": "crm",' in run("uninstall", app, "--dry-run").stdout
    assert files(app) == after


def test_it_asks_what_is_not_said(app: Path, wheel: Path) -> None:
    result = init(app, wheel, typed="europe-west3\nstripe\nEurope/Paris\nnone\ny\n")
    assert result.exit_code == 0, result.output
    settings = load(app / "crm-lite" / "crm.toml")
    assert (settings.region, settings.preset) == ("europe-west3", "stripe")
    assert str(settings.time_zone) == "Europe/Paris"
    again = init(app, wheel, typed="")
    assert again.exit_code == 0, "what was answered is remembered"


def test_no_is_no(app: Path, wheel: Path) -> None:
    before = files(app)
    result = init(app, wheel, typed="\n\n\nnone\nn\n")
    assert result.exit_code == 1
    assert files(app) == before


def test_where_nobody_answers_it_says_how_to_go_on(app: Path, wheel: Path) -> None:
    result = init(app, wheel, typed="")
    assert result.exit_code == 1
    assert "Error: Nobody is there to answer: --yes takes the defaults" in result.output


def test_a_console_of_its_own_and_the_next_commands(app: Path, wheel: Path) -> None:
    result = init(app, wheel, typed="\n\n\n\ny\n")
    assert "firebase hosting:sites:create demo-my-app-crm && firebase deploy" in result.stdout
    assert "--write crm-lite/console" in app.joinpath("firebase.json").read_text()
    moved = init(app, wheel, "--console-path", "/staff")
    assert moved.exit_code == 0, moved.output
    text = app.joinpath("firebase.json").read_text()
    assert "--write public/staff" in text
    assert "crm-lite/console" not in text
    assert "/public/staff/" in app.joinpath(".gitignore").read_text().splitlines()
    assert "firestore,functions:crm,hosting\n" in moved.stdout
    none = init(app, wheel, "--no-console")
    assert none.exit_code == 0
    assert "crm console" not in app.joinpath("firebase.json").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--region", "moon"], "What you said: region: write a Google Cloud region"),
        (["--time-zone", "Berlin"], "What you said: time_zone"),
        (["--preset", "shopify"], "What you said: preset: choose one of eventbrite"),
        (["--preset", 'x"y'], "without quotes"),
        (["--console-site", "UP"], "UP is no name of a site"),
        (["--console-path", "/"], "/ is no path below your site"),
        (["--console-path", "crm"], "crm is no path below your site"),
        (["--folder", "../x"], "../x is no name of a folder"),
        (["--folder", "functions"], "functions is there already and holds something else"),
        (["--console-path", "/crm", "--no-console"], "Choose one of"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    app: Path, wheel: Path, words: list[str], said: str
) -> None:
    before = files(app)
    result = init(app, wheel, *words)
    assert result.exit_code != 0
    assert said in result.stderr
    assert files(app) == before


def test_it_needs_an_app_and_a_wheel(app: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    said = run("init", nowhere).stderr
    assert said.startswith(f"Error: There is no firebase.json in {nowhere}: run this in your app's")
    missing = run("init", app, "--yes", "--no-venv")
    assert "The functions are made of CRM-Lite's wheel" in missing.stderr
    other = tmp_path / "crm_lite-9.9-py3-none-any.whl"
    other.touch()
    assert f"is not the wheel of version {crm.__version__}" in init(app, other).stderr


def test_it_finds_the_wheel_that_it_was_installed_from(
    app: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Installed:
        def read_text(self, name: str) -> str:
            assert name == "direct_url.json"
            return f'{{"url": "{wheel.as_uri()}", "archive_info": {{}}}}'

    monkeypatch.setattr("importlib.metadata.distribution", lambda _: Installed())
    assert run("init", app, "--yes", "--no-venv").exit_code == 0
    wheel.unlink()
    assert run("init", app, "--yes", "--no-venv").exit_code == 0, "the folder has it by now"


def test_functions_of_the_same_name_are_warned_of(app: Path, wheel: Path) -> None:
    app.joinpath("functions", "src", "index.ts").write_text("export const worker = 1;\n")
    hidden = app / "functions" / "node_modules" / "x.js"
    hidden.parent.mkdir()
    hidden.write_text("exports.sweep = 1")
    said = init(app, wheel).stderr
    assert "A function of yours is called worker, as one of CRM-Lite's" in said
    assert "called sweep" not in said


def test_git_takes_the_folder_along_whatever_the_app_ignores(app: Path, wheel: Path) -> None:
    """`firebase init` writes `.env` into an app's .gitignore."""
    app.joinpath(".gitignore").write_text(".env\n*.local\n*.whl\n.*\n!.gitignore\n")
    init(app, wheel)
    for junk in ("venv/bin/python", "console/index.html", "crm/__pycache__/x.pyc", "a.log"):
        app.joinpath("crm-lite", junk).parent.mkdir(parents=True, exist_ok=True)
        app.joinpath("crm-lite", junk).touch()
    git = shutil.which("git")
    if git is None:
        pytest.skip("there is no git")
    subprocess.run([git, "init", "-q"], cwd=app, check=True)
    listed = [git, "ls-files", "--others", "--exclude-standard", "crm-lite"]
    kept = subprocess.run(listed, cwd=app, check=True, capture_output=True, text=True).stdout
    assert {Path(name).name for name in kept.split()} == {
        *("main.py", "requirements.txt", "requirements-anymail.txt", "crm.toml", WHEEL),
        *("crm.defaults.toml", ".env", ".secret.local", ".gitignore", ".installed.json"),
    }


# --- Another version ------------------------------------------------------------------------------


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    path = tmp_path / "crm_lite-9.0.0-py3-none-any.whl"
    path.write_bytes(b"a newer wheel")
    return path


def test_an_upgrade(app: Path, wheel: Path, newer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(app)
    init(app, wheel)
    requirements = app / "crm-lite" / "requirements.txt"
    requirements.write_text(requirements.read_text() + "-r requirements-anymail.txt\n")
    settings = app / "crm-lite" / "crm.toml"
    settings.write_text(settings.read_text() + "# mine\n")
    monkeypatch.setattr(crm, "__version__", "9.0.0")
    assert "run `python -m crm upgrade`" in run("init", app, "--yes", "--wheel", newer).stderr
    result = run("upgrade", app, "--yes", "--wheel", newer, "--no-venv")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("From version 0.1.0 to 9.0.0.")
    assert "Next: firebase deploy --only firestore,functions:crm\n" in result.stdout
    assert [path.name for path in app.joinpath("crm-lite").glob("*.whl")] == [newer.name]
    head, yours = requirements.read_text().split(YOURS)
    assert f"./{newer.name} --hash" in head
    assert yours == "\n-r requirements-anymail.txt\n"
    assert settings.read_text().endswith("# mine\n")
    monkeypatch.setattr(crm, "__version__", "0.1.0")
    assert "this is the older 0.1.0" in run("upgrade", app, "--yes").stderr
    assert run("uninstall", app, "--yes").exit_code == 0
    assert files(app) == before


def test_an_upgrade_needs_an_installation(app: Path, wheel: Path) -> None:
    said = run("upgrade", app, "--wheel", wheel).stderr
    assert said.startswith("Error: crm-lite holds no installation that `python -m crm init` has")


def test_a_copy_of_0_1_is_to_be_cleared_first(app: Path, wheel: Path) -> None:
    folder = app / "crm-lite"
    folder.joinpath("crm").mkdir(parents=True)
    folder.joinpath("main.py").touch()
    assert "as it was copied by hand up to version 0.1" in init(app, wheel).stderr


# --- Out again ------------------------------------------------------------------------------------


def test_what_is_the_hosts_stays_in_the_folder(app: Path, wheel: Path) -> None:
    init(app, wheel)
    app.joinpath("crm-lite", "notes.md").write_text("mine")
    result = run("uninstall", app, "--yes")
    assert "In crm-lite/ stays what is yours: notes.md." in result.stdout
    assert files(app / "crm-lite") == {"notes.md": b"mine"}


def test_taking_out_is_asked_for(app: Path, wheel: Path) -> None:
    init(app, wheel)
    after = files(app)
    result = run("uninstall", app, typed="\n")
    assert result.exit_code == 1
    assert "firebase functions:delete crm --force" in result.stdout
    assert files(app) == after


# --- The environment ------------------------------------------------------------------------------


def test_what_pip_says_is_one_sentence(
    app: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network, and with a wheel that is none."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    result = run("init", app, "--wheel", wheel, "--yes")
    assert result.exit_code == 1
    assert "Error: The packages could not be installed (" in result.output
    assert (
        f"run `cd {app / 'crm-lite'} && venv/bin/pip install -r requirements.txt`" in result.output
    )
    assert app.joinpath("crm-lite", "venv", "bin", "python").exists()
    assert app.joinpath("crm-lite", ".installed.json").exists()


def test_an_environment_of_an_unknown_python_is_refused(app: Path, wheel: Path) -> None:
    settings = app / "crm-lite" / "venv" / "pyvenv.cfg"
    settings.parent.mkdir(parents=True)
    settings.write_text("home = /usr/bin\nversion = 3.9.2\n")
    assert "This is Python 3.9, which Cloud Functions does not run" in init(app, wheel).stderr
    settings.write_text("home = /usr/bin\nversion = 3.12.1\n")
    assert init(app, wheel).exit_code == 0
    assert '"runtime": "python312"' in app.joinpath("firebase.json").read_text()


def test_a_file_that_is_no_text_is_said(app: Path, wheel: Path) -> None:
    app.joinpath("firestore.rules").write_bytes(b"// \xe4\n")
    assert init(app, wheel).stderr.startswith("Error: firestore.rules: is not UTF-8")


def test_every_shape_is_taken(tmp_path: Path, wheel: Path) -> None:
    for number, shape in enumerate(made()):
        app = written(tmp_path / str(number), shape)
        before = files(app)
        assert init(app, wheel).exit_code == 0, shape
        assert run("uninstall", app, "--yes").exit_code == 0, shape
        assert files(app) == before, shape
