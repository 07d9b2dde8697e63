"""`python -m crm`."""

from __future__ import annotations

from crm.entrypoints.cli import cli

if __name__ == "__main__":
    cli(prog_name="python -m crm")
