"""A host's `.firebaserc`, whatever is in it."""

from __future__ import annotations

import pytest

from crm.installing.rc import databases, projects, sites


def test_a_target_that_means_the_default_database_is_found() -> None:
    text = '{"targets": {"p": {"firestore": {"ours": ["(default)"], "logs": ["logs"]}}}}'
    assert databases(text) == ["ours"]


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[]", "5", '{"targets": []}', '{"targets": 5}', '{"targets": {"p": []}}'),
        *('{"targets": {"p": {"firestore": []}}}', '{"targets": {"p": {"firestore": {"a": 5}}}}'),
        '{"projects": [], "targets": {"p": {"hosting": {"crm": "x"}}}}',
    ],
)
def test_what_is_of_another_shape_says_nothing(text: str) -> None:
    assert (databases(text), projects(text), sites(text, "p", "crm")) == ([], [], [])
