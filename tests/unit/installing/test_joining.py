"""CRM-Lite in every app that `firebase init` makes, and out of it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import ConfigError
from crm.installing.joining import joined
from crm.installing.jsonc import read
from crm.installing.record import Answers
from tests.support.firebase_init import NAMES, STYLES, Files, by_hand, made, shapes, styled
from tests.support.host_files import ANSWERS, OURS, few_indexes, of_host, plan, put_in, put_out

FEW = few_indexes()


def app(name: str) -> Files:
    return shapes()[name]


def config(files: Files) -> Any:
    return read(files["firebase.json"], "firebase.json").value


def answers_for(files: Files, answers: Answers) -> Answers:
    """Answers that fit: a path is below a page, and of several pages one is meant."""
    there = config(files).get("hosting")
    if not answers.path or (there and isinstance(there, dict)):
        return answers
    return replace(answers, entry="shop") if there else replace(answers, path="")


@pytest.mark.parametrize("said", ANSWERS)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", NAMES)
def test_in_twice_is_once_and_out_is_what_was(name: str, style: str, said: str) -> None:
    before = styled(app(name), style)
    answers = answers_for(before, ANSWERS[said])
    after = put_in(before, answers, FEW)
    check(after, answers)
    assert plan(after, answers, FEW).changes == []
    assert put_out(after) == before


def check(files: Files, answers: Answers) -> None:
    """See that everything is where the Firebase CLI looks for it."""
    held = config(files)
    (entry,) = [one for one in held["functions"] if one.get("codebase") == "crm"]
    assert (entry["source"], entry["runtime"]) == ("crm-lite", answers.runtime)
    found = held["firestore"]
    assert isinstance(found, list) or found.get("database") in (None, "(default)")
    mine = (
        [one for one in found if one["database"] == "(default)"]
        if isinstance(found, list)
        else [found]
    )
    (database,) = mine
    assert files[database["rules"]].count("CRM-Lite: begin") == 1
    indexes = read(files[database["indexes"]], "x").value
    assert any(one["collectionGroup"] == "crmA" for one in indexes["indexes"])
    assert any(one["fieldPath"] == "parts" for one in indexes["fieldOverrides"])
    if answers.emulators:
        assert held["emulators"].keys() >= {"auth", "functions", "firestore"}
    if answers.site:
        (site,) = [one for one in held["hosting"] if one.get("target") == "crm"]
        assert site["public"] == "crm-lite/console"
        assert all(one.get("target") or one.get("site") for one in held["hosting"])
        targets = read(files[".firebaserc"], "x").value["targets"]["demo-my-app"]["hosting"]
        assert targets["crm"] == [answers.site]
    if answers.path:
        entries = held["hosting"] if isinstance(held["hosting"], list) else [held["hosting"]]
        meant = [one for one in entries if one.get("target") == (answers.entry or None)]
        (page,) = meant
        assert page["rewrites"][0]["destination"] == f"{answers.path}/index.html"
        assert page["predeploy"][-1].startswith("crm-lite/venv/bin/python -m crm console --write")
        assert f"/{page['public']}{answers.path}/" in files[".gitignore"].splitlines()


def test_all_our_indexes_come_in_and_go() -> None:
    before = app("everything")
    after = put_in(before, Answers())
    theirs, ours = (json.loads(text) for text in ('{"indexes": []}', OURS.indexes))
    both = read(after["firestore.indexes.json"], "x").value
    assert both["indexes"] == [*theirs["indexes"], *ours["indexes"]]
    assert both["fieldOverrides"] == ours["fieldOverrides"]
    assert plan(after, Answers()).changes == []
    assert put_out(after) == before


# --- A host that goes on working ------------------------------------------------------------------


def edited(files: Files, name: str, change: Callable[[str], str]) -> Files:
    text = change(files[name])
    assert text != files[name]
    return {**files, name: text}


EDITS: list[tuple[str, Callable[[str], str]]] = [
    ("firebase.json", lambda text: text.replace("9099", "9098")),
    ("firebase.json", lambda text: text.replace("{", "{\n  // mine", 1)),
    ("firebase.json", lambda text: text.replace('"public": "public"', '"public": "dist"')),
    ("firestore.rules", lambda text: text.replace("match /{document=**}", "match /orders/{id}")),
    ("firestore.indexes.json", lambda text: text + "// mine\n"),
    (".firebaserc", lambda text: text.replace('"default"', '"staging": "x",\n    "default"')),
    (".gitignore", lambda text: text + "/mine\n"),
]


@pytest.mark.parametrize("said", ANSWERS)
@pytest.mark.parametrize(("name", "change"), EDITS)
def test_what_the_host_changed_since_stays(
    said: str, name: str, change: Callable[[str], str]
) -> None:
    before, answers = app("everything"), ANSWERS[said]
    after = edited(put_in(before, answers, FEW), name, change)
    if "dist" in after["firebase.json"] and answers.path:
        return  # the console's path is below that folder: another installation, not an edit
    assert put_out(after) == edited(before, name, change)


@pytest.mark.parametrize(("name", "change"), EDITS)
def test_after_a_change_it_is_still_repeatable(name: str, change: Callable[[str], str]) -> None:
    before, answers = app("everything"), ANSWERS["a site of its own"]
    after = put_in(edited(put_in(before, answers, FEW), name, change), answers, FEW)
    assert plan(after, answers, FEW).changes == []
    assert put_out(after) == edited(before, name, change)


def test_a_file_of_ours_that_the_host_went_on_writing_stays_and_stays_named() -> None:
    before = app("a page")
    after = put_in(before, Answers(), FEW)
    own = "match /orders/{id} { allow read: if true; }\n  }"
    after = edited(
        after, "firestore.rules", lambda text: text.replace("\n  }\n}", f"\n    {own}\n}}")
    )
    left = put_out(after)
    assert own in left["firestore.rules"]
    assert "CRM-Lite: begin" not in left["firestore.rules"]
    assert config(left)["firestore"]["rules"] == "firestore.rules"
    assert "functions" not in config(left)


def test_entries_that_were_there_before_are_the_hosts() -> None:
    before = {
        **app("everything"),
        "firestore.indexes.json": FEW.indexes.replace(
            '"fields": []', '"fields": [], "density": "SPARSE_ALL"'
        ),
    }
    after = put_in(before, Answers(), FEW)
    assert after["firestore.indexes.json"] == before["firestore.indexes.json"]
    assert put_out(edited(after, "firestore.indexes.json", lambda text: text + "\n")) == {
        **before,
        "firestore.indexes.json": before["firestore.indexes.json"] + "\n",
    }


# --- Other answers, other versions ----------------------------------------------------------------


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize("then", ANSWERS)
def test_the_console_moves(first: str, then: str) -> None:
    before = app("everything")
    after = put_in(put_in(before, ANSWERS[first], FEW), ANSWERS[then], FEW)
    at_once = put_in(before, ANSWERS[then], FEW)
    assert config(after).get("hosting") == config(at_once).get("hosting")
    assert put_out(after) == before


def test_an_upgrade_brings_the_new_and_drops_the_old() -> None:
    before = app("everything")
    after = edited(
        put_in(before, Answers(), FEW), "crm-lite/crm.toml", lambda text: text + "# mine\n"
    )
    newer = replace(
        FEW,
        version="0.2.0",
        indexes=FEW.indexes.replace("crmA", "crmB"),
        rules=FEW.rules.replace("crmJobs/{jobId}", "crmWork/{id}"),
        settings=FEW.settings.replace("app_check = false", "app_check = false\nnew_key = 1"),
        files={**FEW.files, "requirements.txt": "a==2\n"},
    )
    found = plan(after, Answers(), newer)
    assert [one for one in found.warnings if "new_key" in one] == [
        "crm.toml may hold new keys: new_key. crm-lite/crm.defaults.toml explains them."
    ]
    upgraded = put_in(after, Answers(), newer)
    assert "crmB" in upgraded["firestore.indexes.json"]
    assert "crmA" not in upgraded["firestore.indexes.json"]
    assert "crmWork" in upgraded["firestore.rules"]
    assert "crmJobs" not in upgraded["firestore.rules"]
    assert upgraded["crm-lite/crm.toml"] == after["crm-lite/crm.toml"]
    assert upgraded["crm-lite/requirements.txt"] == "a==2\n"
    assert put_out(upgraded) == before
    assert plan(upgraded, Answers(), newer).changes == []


def test_what_the_host_added_to_our_entry_stays() -> None:
    after = put_in(app("everything"), Answers(), FEW)
    own = '"codebase": "crm",\n      "env": { "A": "1" },'
    after = edited(after, "firebase.json", lambda text: text.replace('"codebase": "crm",', own))
    upgraded = config(put_in(after, Answers(runtime="python312"), FEW))
    assert (upgraded["functions"][-1]["runtime"], upgraded["functions"][-1]["env"]) == (
        "python312",
        {"A": "1"},
    )


def test_files_of_our_folder_that_the_host_changed_stay() -> None:
    after = put_in(app("everything"), Answers(), FEW)
    after = edited(after, "crm-lite/.env", lambda text: text + "MINE=1\n")
    newer = replace(FEW, files={**FEW.files, ".env": "THREADS=8\n"})
    found = plan(after, Answers(), newer)
    assert "crm-lite/.env was changed by you and stays as it is." in found.warnings
    assert not [one for one in found.changes if one.name == "crm-lite/.env"]
    renewed = put_in(put_in(app("everything"), Answers(), FEW), Answers(), newer)
    assert renewed["crm-lite/.env"] == "THREADS=8\n"


def test_what_was_copied_by_hand_up_to_0_1_is_taken_over() -> None:
    """docs/install.md of 0.1 had the entry, the rules and the indexes written by hand."""
    base = app("everything")

    def entry(held: dict[str, Any]) -> None:
        held["functions"].append({"source": "crm-lite", "codebase": "crm", "runtime": "python311"})

    by_hands = by_hand(base, entry)
    ready = put_in(base, Answers(), FEW)
    by_hands |= {name: ready[name] for name in ("firestore.rules", "firestore.indexes.json")}
    after = put_in(by_hands, Answers(), FEW)
    assert [one.get("codebase") for one in config(after)["functions"]] == ["default", "crm"]
    left = put_out(after)
    assert config(left)["functions"] == config(base)["functions"]
    assert left["firestore.rules"] == base["firestore.rules"]
    assert read(left["firestore.indexes.json"], "x").value == {"indexes": [], "fieldOverrides": []}


def test_without_a_record_entries_go_by_their_looks() -> None:
    base = app("everything")
    after = put_in(base, ANSWERS["a site of its own"], FEW)
    del after["crm-lite/.installed.json"]
    left = put_out(after)
    assert "CRM-Lite" not in left["firestore.rules"]
    held = config(left)
    assert [one["codebase"] for one in held["functions"]] == ["default"]
    assert "crm" not in [one.get("target") for one in held["hosting"]]


# --- What is said ---------------------------------------------------------------------------------


def test_open_rules_are_warned_of() -> None:
    warnings = plan(app("everything"), Answers(), FEW).warnings
    (said,) = [one for one in warnings if "test mode" in one]
    assert said.startswith("firestore.rules: line ")


def test_rules_that_were_named_nowhere_are_warned_of() -> None:
    (said,) = plan(app("a page"), Answers(), FEW).warnings
    assert said.startswith("firebase.json named no rules so far. From now on `firebase deploy`")
    assert not [
        one for one in plan(app("everything"), Answers(), FEW).warnings if "no rules" in one
    ]


def test_a_host_that_gets_a_name_is_told() -> None:
    warnings = plan(app("everything"), ANSWERS["a site of its own"], FEW).warnings
    (said,) = [one for one in warnings if "sites" in one]
    assert "yours is the target app" in said
    again = put_in(app("everything"), ANSWERS["a site of its own"], FEW)
    later = plan(again, ANSWERS["a site of its own"], FEW).warnings
    assert not [one for one in later if "sites" in one]


def test_of_several_projects_one_has_the_site() -> None:
    before = app("everything")
    answers = ANSWERS["a site of its own"]
    found = joined(before.get, "crm-lite", answers, FEW, ["shop", "shop-test"])
    (rc,) = [one.after for one in found.changes if one.name == ".firebaserc"]
    assert rc is not None
    targets = read(rc, "x").value["targets"]
    assert targets == {
        "shop": {"hosting": {"app": ["shop"], "crm": ["my-app-crm"]}},
        "shop-test": {"hosting": {"app": ["shop-test"]}},
    }
    (said,) = [one for one in found.warnings if "target:apply" in one]
    assert "`firebase target:apply hosting crm SITE --project shop-test`" in said


def test_an_override_of_the_hosts_stays_and_is_told() -> None:
    theirs = (
        '{"indexes": [], "fieldOverrides": [{"collectionGroup": "customers", "fieldPath": "parts",'
        ' "indexes": [{"order": "ASCENDING", "queryScope": "COLLECTION"}]}]}'
    )
    before = {**app("everything"), "firestore.indexes.json": theirs}
    found = plan(before, Answers(), FEW)
    (said,) = [one for one in found.warnings if "customers.parts" in one]
    assert said.startswith("firestore.indexes.json: your entry for the field customers.parts stays")
    after = put_in(before, Answers(), FEW)
    overrides = read(after["firestore.indexes.json"], "x").value["fieldOverrides"]
    assert overrides == json.loads(theirs)["fieldOverrides"]


def _codebase(held: dict[str, Any]) -> None:
    held["functions"][0]["codebase"] = "crm"


def _folder(held: dict[str, Any]) -> None:
    held["functions"][0]["source"] = "crm-lite"


def _target(held: dict[str, Any]) -> None:
    held["hosting"]["target"] = "crm"


def _rewrite(held: dict[str, Any]) -> None:
    held["hosting"]["rewrites"] = [{"source": "/crm/**", "function": "old"}]


def _file(held: dict[str, Any]) -> None:
    held["hosting"] = "hosting.json"


@pytest.mark.parametrize(
    ("change", "said", "answers"),
    [
        (_codebase, "there is a codebase crm already, of the folder functions", "no console"),
        (_folder, "the folder crm-lite holds the codebase default", "no console"),
        (_target, "there is a hosting target crm already, of public", "a site of its own"),
        (_rewrite, "there is a rewrite of /crm/** already", "below a path"),
        (_file, "write what hosting holds into this file", "no console"),
    ],
)
def test_names_that_are_taken_are_refused(
    change: Callable[[dict[str, Any]], None], said: str, answers: str
) -> None:
    with pytest.raises(ConfigError) as error:
        plan(by_hand(app("everything"), change), ANSWERS[answers], FEW)
    assert str(error.value).startswith(f"firebase.json: {said}")
    assert "\n" not in str(error.value)


def test_a_path_needs_a_page_and_of_several_which() -> None:
    with pytest.raises(ConfigError, match="there is no hosting below which"):
        plan(app("Firestore alone"), ANSWERS["below a path"], FEW)
    with pytest.raises(ConfigError, match=r"several hosting entries \(shop, my-blog\)"):
        plan(app("two sites"), ANSWERS["below a path"], FEW)
    with pytest.raises(ConfigError, match="no hosting entry is called x"):
        plan(app("two sites"), replace(ANSWERS["below a path"], entry="x"), FEW)


def test_a_record_that_was_changed_by_hand_is_refused() -> None:
    after = put_in(app("everything"), Answers(), FEW)
    for broken in ("{", '{"version": "1"}', "[]"):
        with pytest.raises(ConfigError, match="it was changed by hand"):
            plan({**after, "crm-lite/.installed.json": broken}, Answers(), FEW)


def test_no_shape_is_forgotten() -> None:
    """What `firebase init` writes today: functions a list, comments in the file of indexes."""
    assert isinstance(config(made()["everything"])["functions"], list)
    assert "// Example" in made()["everything"]["firestore.indexes.json"]
    assert ".env" in made()["everything"][".gitignore"].splitlines()
    assert of_host(made()["everything"]).keys() >= {
        "firebase.json",
        ".firebaserc",
        "public/404.html",
    }
