"""`python -m crm`."""

from crm.cli import cli

if __name__ == "__main__":
    cli(prog_name="python -m crm")
