"""Code that a reader copies: all of it is known, and what can run is run by a test."""

from __future__ import annotations

import email
import email.policy
import re
from pathlib import Path

import pytest

from clients import samples
from clients.prose import ROOT
from clients.samples import FOLDER, LANGUAGES, PLACE

LIVE = "tests/suite/test_samples_live.py"

RUN_BY = {
    "archive.mjs": LIVE,
    "get_customer.mjs": LIVE,
    "my_data.mjs": LIVE,
    "newsletter.mjs": LIVE,
    "newsletter.py": "tests/unit/product/test_samples.py",
    "newsletter_list.mjs": LIVE,
    "newsletter_list.sh": LIVE,
    "python.py": LIVE,
    "typescript.ts": LIVE,
    "withdrawals.py": LIVE,
    **dict.fromkeys(["search.swift", "search.kt", "search.dart", "search.cs"], "nothing"),
}
"""Each sample, and the test that runs it; for four languages there is no compiler."""

OTHERWISE = {
    ("docs/clients.md", "sh"): "tests/unit/clients/test_packages.py builds and installs both",
    ("docs/console.md", "sh"): "tests/unit/entrypoints/test_console_command.py",
    ("docs/install.md", "sh"): "tests/suite/test_install.py follows the page",
    ("docs/sign-up.md", "html"): "tests/browser opens the form",
    ("docs/upgrading.md", "sh"): "tests/suite/test_install.py follows the page",
}
"""What stands in a page itself, and how it is tested."""

COPIED = {"cs", "csharp", "dart", "html", "js", "kotlin", "python", "sh", "swift", "ts"}

_FENCE = re.compile(r"^ *```(\w+)[^\n]*\n.*?^ *```$", re.MULTILINE | re.DOTALL)
_MADE = re.compile(r"<!-- made: \w+ -->.*?<!-- end -->", re.DOTALL)


def test_every_sample_is_shown_and_run() -> None:
    files = {one.name for one in FOLDER.iterdir() if one.suffix in LANGUAGES}
    shown = {
        found["file"]
        for page in samples.pages()
        for found in PLACE.finditer(page.read_text(encoding="utf-8"))
    }
    assert files == shown == set(RUN_BY)
    for name, test in RUN_BY.items():
        if test != "nothing":
            assert name in (ROOT / test).read_text(encoding="utf-8"), f"{test} does not run {name}"


def test_code_that_stands_in_a_page_itself_is_tested_otherwise() -> None:
    found = set()
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        text = _MADE.sub("", PLACE.sub("", page.read_text(encoding="utf-8")))
        path = str(page.relative_to(ROOT))
        found |= {(path, language) for language in _FENCE.findall(text) if language in COPIED}
    assert found == set(OTHERWISE)


def test_a_part_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"python\.py has no part nowhere"):
        samples.shown("<!-- sample: python.py nowhere -->\n<!-- end -->\n")


@pytest.mark.parametrize(
    "link", ["https://example.com/u?token=e1-x", "https://x.org/?t=" + "k" * 300]
)
def test_a_newsletter_has_headers_that_mail_programs_read(link: str) -> None:
    """`newsletter.py`: a header that was folded would be encoded, and no link (RFC 2369)."""
    names: dict[str, object] = {}
    exec((FOLDER / "newsletter.py").read_text(encoding="utf-8"), names)
    newsletter = names["newsletter"]
    assert callable(newsletter)
    raw: bytes = newsletter("ada@example.com", link, "Hello").as_bytes()
    assert f"List-Unsubscribe: <{link}>\r\n".encode() in raw
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    read = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert read["List-Unsubscribe"] == f"<{link}>"
    assert f"Unsubscribe: {link}" in read.get_content().replace("\r\n", "\n")


def test_the_packages_have_the_licence_of_the_whole() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    for package in ("typescript", "python"):
        assert Path(ROOT / "clients" / package / "LICENSE").read_text(encoding="utf-8") == licence
