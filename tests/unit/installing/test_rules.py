from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import ConfigError
from crm.installing.rules import allows, collections_of_ours, joined, part_of, parted
from tests.support.firebase_init import made
from tests.support.host_files import OURS

PART = part_of(OURS.rules)

SHORT = (
    "// --- CRM-Lite: begin ---\nmatch /customers/{id} { allow read; }\n// --- CRM-Lite: end ---"
)

INIT = made()["everything"]["firestore.rules"]


def rules(inside: str) -> str:
    """Rules with something among the documents."""
    return (
        "rules_version = '2';\nservice cloud.firestore {\n"
        f"  match /databases/{{database}}/documents {{\n{inside}\n  }}\n}}\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        INIT,
        INIT.replace("\n", "\r\n"),
        INIT.replace("  ", "\t"),
        rules("    match /orders/{id} { allow read: if true; }"),
        rules("\n    // the first\n    match /a/{b} {}"),
        rules(""),
        "service cloud.firestore {\n  match /databases/{db}/documents { // all\n    // x }\n  }\n}",
        rules("    match /a/{b} {}")
        .replace("documents {", "documents\n  {")
        .replace("match /d", "match   /d"),
        "service cloud.firestore {\n  match /databases/(default)/documents {\n  }\n}",
        "service cloud.firestore {\n}\n",
        "/* match /databases/{d}/documents { */\n" + rules("    match /a/{b} {}"),
    ],
)
def test_our_part_comes_in_once_and_goes_to_the_byte(text: str) -> None:
    for part in (PART, SHORT):
        more = joined(text, part, "firestore.rules")
        assert more.count("CRM-Lite: begin") == 1
        assert joined(more, part, "firestore.rules") == more
        if "/documents" in text:
            assert parted(more) == text
        lines = [line.strip() for line in more.splitlines()]
        start = lines.index(SHORT.splitlines()[0] if part is SHORT else PART.splitlines()[0])
        above = [line for line in lines[:start] if line and not line.startswith("//")]
        assert above[-1].split("//")[0].strip().endswith("{")
        assert len({"\r\n" in line for line in more.splitlines(keepends=True)}) == 1


def test_it_stands_as_deep_as_its_neighbours() -> None:
    assert joined(rules("    match /a/{b} {}"), SHORT, "f") == rules(
        "    // --- CRM-Lite: begin ---\n"
        "    match /customers/{id} { allow read; }\n"
        "    // --- CRM-Lite: end ---\n\n"
        "    match /a/{b} {}"
    )


def test_an_older_part_is_replaced_where_it_stands() -> None:
    moved = rules(f"    match /a/{{b}} {{}}\n\n{SHORT}\n    match /c/{{d}} {{}}")
    new = SHORT.replace("customers", "crmTags")
    assert joined(moved, new, "f") == moved.replace(SHORT, new)


@pytest.mark.parametrize("missing", ["begin", "end"])
def test_a_missing_mark_is_said(missing: str) -> None:
    broken = joined(INIT, SHORT, "f").replace(f"CRM-Lite: {missing}", "gone")
    with pytest.raises(ConfigError, match=r"^firestore\.rules: one of the two lines is missing"):
        joined(broken, SHORT, "firestore.rules")


def test_a_function_of_the_same_name_is_said_with_its_line() -> None:
    text = rules("    function hasCrmRole() { return true; }")
    with pytest.raises(ConfigError, match=r"^firestore\.rules: line 4: a function of yours"):
        joined(text, PART, "firestore.rules")
    commented = rules("    // function hasCrmRole() { return true; }")
    assert "CRM-Lite" in joined(commented, PART, "firestore.rules")


def test_rules_of_something_else_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"there is no `service cloud\.firestore`"):
        joined("service firebase.storage {\n}\n", PART, "storage.rules")


def test_collections_of_ours_in_the_hosts_rules_are_seen() -> None:
    inside = (
        "match /customers/{id} { allow read; }\n match /crmTags/{id} {}\n match /crmx/{id} {}\n"
        " match /users/{u}/customers/{id} {}"
    )
    assert collections_of_ours(joined(rules(inside), PART, "f")) == ["crmTags", "customers"]
    assert collections_of_ours(joined(INIT, PART, "f")) == []


def test_our_own_file_allows_a_host_nothing() -> None:
    assert not allows(OURS.rules)
    assert allows(INIT)


@given(st.text(st.sampled_from("match/{}=*;:'\"\\ \n\rallowifservice.()$documents"), max_size=80))
def test_no_text_ends_it(text: str) -> None:
    allows(text)
    assert parted(text) == text
