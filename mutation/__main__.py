"""`make mutants`: put in the faults, run the tests, and report; see CONTRIBUTING."""

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Final

from mutation import report

ROOT: Final = Path(__file__).parents[1]
SURVIVORS: Final = Path(__file__).parent / "survivors"
# Where mutmut works: a copy of crm/ with the faults in it, and a copy of the tests.
WORK: Final = ROOT / "mutants"
# What tests read besides; links, for mutmut would copy all of node_modules.
BESIDE: Final = (
    "LICENSE",
    "README.md",
    "bench",
    "clients",
    "conftest.py",
    "crm.toml",
    "demo",
    "docs",
    "firebase.json",
    "firestore.indexes.json",
    "firestore.rules",
    "main.py",
    "release",
    "suite",
    "testing",
    "web",
)


def main() -> int:
    """Run what is asked for. Return 1 when the report has something to complain of."""
    parser = argparse.ArgumentParser(prog="python -m mutation", description=__doc__)
    parser.add_argument(
        "packages",
        nargs="*",
        metavar="PACKAGE",
        help="try all of these again (default: what is new)",
    )
    parser.add_argument("--afresh", action="store_true", help="forget every earlier run")
    parser.add_argument("--report", action="store_true", help="run nothing, report the last run")
    parser.add_argument("--jobs", type=int, help="processes at once (default: one a core)")
    parser.add_argument("--sample", type=int, metavar="N", help="try N of each package, at random")
    parser.add_argument("--seed", type=int, default=1, help="of the sample: another, other mutants")
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="of tests for each mutant of a sample"
    )
    asked = parser.parse_args()
    if asked.afresh and WORK.exists():
        shutil.rmtree(WORK)
    # Set before mutmut is imported: it asks for its configuration where it stands.
    os.chdir(ROOT)
    if not asked.report:
        _run(asked)
    return _report(asked.packages)


def _run(asked: argparse.Namespace) -> None:
    from mutmut.__main__ import cli

    from mutation import operators, results, runner, sample

    WORK.mkdir(exist_ok=True)
    for name in BESIDE:
        if not (WORK / name).is_symlink():
            (WORK / name).symlink_to(Path("..") / name)
    # Every mutant gets the same random examples; mutmut looks for mypy on the path.
    os.environ["CI"] = "1"
    # Random lives and histories: few, for each mutant that gets that far.
    os.environ["CRM_SEQUENCES"] = "10"
    os.environ["CRM_HISTORIES"] = "80"
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    operators.choose()
    sample.forget(WORK)
    if asked.sample:
        jobs = asked.jobs or os.cpu_count() or 1
        sample.run(WORK, asked.packages, asked.sample, asked.seed, jobs, asked.seconds)
        return
    runner.prepare()
    results.forget_survivors(WORK)
    limit = ["--max-children", str(asked.jobs)] if asked.jobs else []
    cli(["run", *limit, *(f"crm.{name}.*" for name in asked.packages)], standalone_mode=False)


def _report(packages: list[str]) -> int:
    from mutation import results, sample

    drawn = sample.outcomes(WORK)
    found = results.read(WORK) if drawn is None else results.read_sample(WORK, drawn)
    mutants = [mutant for mutant in found if not packages or mutant.package in packages]
    reasons = report.reasons_in(SURVIVORS)
    wrong = report.problems(mutants, reasons, whole=drawn is None)
    for complaint in wrong:
        print(complaint)
    print(report.table_of(report.rows_of(mutants)))
    if wrong:
        print(f"{len(wrong)} things are wrong, see above.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
