"""The console counts money as the product does."""

from __future__ import annotations

from testing.currencies import TABLE, text


def test_the_console_has_the_product_s_own_table_of_currencies() -> None:
    told = "run `venv/bin/python -m testing.currencies`"
    assert TABLE.read_text(encoding="utf-8") == text(), told
