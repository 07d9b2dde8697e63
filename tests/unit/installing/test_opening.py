"""Rules as a text: whom they let in to collections of ours, and whether our part is in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.db.collections import ALL
from crm.installing.opening import Opened, opened, own_part

OURS = (Path(__file__).parents[3] / "firestore.rules").read_text(encoding="utf-8")

ABOVE = "service cloud.firestore {\n match /databases/{database}/documents {\n"


def found(body: str) -> list[tuple[str, int, str]]:
    text = f"rules_version = '2';\n{ABOVE}{body}\n }}\n}}\n"
    return [(one.path, one.line, one.whom) for one in opened(text, sorted(ALL))]


@pytest.mark.parametrize(
    ("body", "whom"),
    [
        ("match /{document=**} { allow read, write: if false; }", None),
        ("match /{document=**} { allow read, write: if ( false ); }", None),
        ("match /{document=**} { allow read, write; }", "all"),
        ("match /{document=**} { allow read: if true; }", "all"),
        (
            "match /{document=**} {\n  allow read, write: if request.time <"
            " timestamp.date(2026, 12, 29);\n}",
            "dated",
        ),
        ("match /{document=**} { allow read: if request.auth != null; }", "signed-in"),
        ("match /{document=**} { allow get: if request.auth.uid != null; }", "signed-in"),
        ("match /{document=**} { allow write: if isAdmin(); }", "some"),
        ("match /{document=**} { allow read: if request.auth != null && ok(); }", "some"),
        ("match /{any}/{id} { allow list: if true; }", "all"),
        ("match /{any}/{rest=**} { allow list: if true; }", "all"),
        ("match /customers/{id} { allow read: if true; }", "all"),
        ("match /crmOrders/{id} { allow read: if true; }", "all"),
        ("match /customers/{id}/notes/{note} { allow read: if true; }", None),
        ("match /orders/{id} { allow read: if true; }", None),
        ("match /shops/{shop}/{document=**} { allow read: if true; }", None),
        ("match /orders/{id} { allow read; match /{x=**} { allow read; } }", None),
        ("match /{all=**} { // allow read;\n }", None),
        ("match /shops/{shop} { match /customers/{id} { allow read; } }", None),
        ("// match /{document=**} { allow read; }", None),
        ("/* match /{document=**} {\n allow read; } */", None),
        ("match /orders/{id} { allow read: if x == '} match /{a=**} { allow read;'; }", None),
        ("function f() { return true; }\nmatch /{d=**} { allow read: if f(); }", "some"),
    ],
)
def test_a_rule_opens_what_it_matches_to_whom_its_condition_lets_in(
    body: str, whom: str | None
) -> None:
    assert {one[2] for one in found(body)} == ({whom} if whom else set())


def test_a_rule_is_named_by_its_path_and_line() -> None:
    assert found("\n match /a/{b} { allow read; }\n match /{document=**} {\n  allow read; }") == [
        ("/{document=**}", 6, "all")
    ]


def test_each_condition_of_a_rule_is_said_once() -> None:
    body = "match /{d=**} { allow read: if a; allow get: if a; allow write: if b ==\n 1; }"
    (first, second) = opened(f"{ABOVE}{body}", sorted(ALL))
    assert str(first) == (
        "line 3: the rule for /{d=**} also opens CRM-Lite's collections to whom its condition lets"
        " in, staff or not (`a`): name your own collections in its place."
    )
    assert second.condition == "b == 1"


def test_the_day_of_the_test_mode_is_said() -> None:
    """As `firebase init firestore` writes it."""
    body = "match /{d=**} {\n allow read: if request.time < timestamp.date(2027, 1, 9);\n}"
    (found,) = opened(f"{ABOVE} {body}", sorted(ALL))
    assert "to anybody until 2027-01-09, and closes everything then (test mode)" in str(found)


def test_rules_that_are_not_of_documents_open_nothing() -> None:
    storage = "service firebase.storage { match /b/{bucket}/o { match /{all=**} { allow read; } } }"
    assert opened(storage, sorted(ALL)) == []


def test_our_own_part_opens_nothing_and_lines_below_it_stay() -> None:
    assert opened(OURS, sorted(ALL)) == []
    more = OURS.replace("    // --- Your own rules: end", "match /{x=**} { allow read; }\n// end")
    line = 1 + more[: more.index("match /{x=**}")].count("\n")
    assert opened(more, sorted(ALL)) == [Opened("/{x=**}", line, "all")]


def test_our_part_is_known_whatever_its_comments_and_blanks() -> None:
    part = own_part(OURS)
    assert part
    lines = [line.strip() for line in OURS.splitlines() if "A role is" not in line]
    assert own_part("\n".join(lines)) == part
    assert own_part(OURS.replace("'viewer'", "'anybody'")) != part
    assert own_part(OURS.replace("CRM-Lite: begin", "")) is None


@pytest.mark.parametrize(
    "text", ["", "{", "}}}", "match /{", "match /a {", "allow read", "'", "/*"]
)
def test_a_text_that_is_no_rules_opens_nothing(text: str) -> None:
    assert opened(text, sorted(ALL)) == []
    assert own_part(text) is None


@given(st.text(st.sampled_from("match/{}=*;:'\"\\ \n\rallowifservice.()$documents"), max_size=80))
def test_no_text_ends_it(text: str) -> None:
    opened(text, ["customers"])
    own_part(text)
