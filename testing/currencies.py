"""The console's table of currencies: that of the product, in TypeScript.

`python -m testing.currencies` writes it anew; tests/unit/product/test_currencies_of_console.py
holds it to crm/core/money.py. What a browser takes for a currency's digits is CLDR's table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from crm.core.money import DIGITS

TABLE: Final = Path(__file__).parents[1] / "web" / "src" / "currencies.ts"

_HEAD: Final = """\
/** How many digits the minor unit of each currency has: those of the product (crm/core/money.py),
 * written by `python -m testing.currencies`. */
export const DIGITS: Readonly<Record<string, number>> = {
"""


def text() -> str:
    """Return the table as a module in TypeScript."""
    rows = "".join(f"  {code}: {DIGITS[code]},\n" for code in sorted(DIGITS))
    return f"{_HEAD}{rows}}};\n"


if __name__ == "__main__":
    TABLE.write_text(text(), encoding="utf-8")
