"""The report on mutants: its scores, and what it complains of."""

from pathlib import Path

from mutation.report import (
    Mutant,
    Outcome,
    Place,
    change_of,
    entry_of,
    problems,
    reasons_in,
    rows_of,
    table_of,
)

PLACE = Place("crm/merging/join.py", "Merge.of", "- return a < b\n+ return a <= b")


def mutants(package: str, killed: int, survived: int = 0) -> list[Mutant]:
    """Some of a package; those that survive do so at places of their own."""
    file = f"crm/{package}/file.py"
    return [
        *[Mutant(Place(file, "f", ""), Outcome.KILLED)] * killed,
        *(Mutant(Place(file, "f", f"+ {n}"), Outcome.SURVIVED) for n in range(survived)),
    ]


def test_a_score_for_each_package() -> None:
    rows = rows_of([*mutants("sync", 3, 1), *mutants("jobs", 2)])
    assert [(row.package, row.killed, row.survived, row.score) for row in rows] == [
        ("jobs", 2, 0, 100.0),
        ("sync", 3, 1, 75.0),
    ]
    assert table_of(rows).splitlines()[1:] == [
        "jobs                  2        2         0  100.0 %",
        "sync                  4        3         1   75.0 %",
    ]


def test_what_the_types_refuse_does_not_count() -> None:
    refused = Mutant(Place("crm/sync/file.py", "f", ""), Outcome.REFUSED)
    (row,) = rows_of([*mutants("sync", 1), refused])
    assert (row.killed, row.survived) == (1, 0)


def test_a_file_right_below_is_a_package_of_its_own() -> None:
    assert Mutant(Place("crm/part.py", "f", ""), Outcome.KILLED).package == "part"
    assert Mutant(Place("crm/segments/engine/count.py", "f", ""), Outcome.KILLED).package == (
        "segments"
    )


def test_below_ninety_in_a_hundred_is_wrong() -> None:
    reasons = {mutant.place: "because" for mutant in mutants("sync", 0, 2)}
    assert problems(mutants("sync", 18, 2), reasons) == []
    assert problems(mutants("sync", 17, 2), reasons) == ["sync: 89.5 % killed, below 90 %"]


def test_a_good_package_does_not_hide_a_bad_one() -> None:
    reasons = {mutant.place: "because" for mutant in mutants("sync", 0, 2)}
    found = problems([*mutants("jobs", 1000), *mutants("sync", 2, 2)], reasons)
    assert found == ["sync: 50.0 % killed, below 90 %"]


def test_every_survivor_has_a_reason() -> None:
    survivor = Mutant(PLACE, Outcome.SURVIVED)
    many = [Mutant(PLACE._replace(change=""), Outcome.KILLED)] * 20
    assert problems([*many, survivor], {PLACE: "one and the same for numbers"}) == []
    for reasons in ({}, {PLACE: ""}, {PLACE._replace(function="Merge.to"): "elsewhere"}):
        assert f"a survivor without a reason:\n{entry_of(PLACE)}" in problems(
            [*many, survivor], reasons
        )


def test_a_reason_goes_with_its_survivor() -> None:
    killed = [Mutant(PLACE, Outcome.KILLED)]
    assert problems(killed, {PLACE: "because"}) == [
        f"listed, but it does not survive:\n{entry_of(PLACE)}"
    ]
    elsewhere = PLACE._replace(file="crm/jobs/run.py")
    assert problems(killed, {elsewhere: "because"}) == [], "that one was not looked at"


def test_a_sample_says_nothing_of_what_it_did_not_take() -> None:
    killed = [Mutant(PLACE._replace(change=""), Outcome.KILLED)]
    assert problems(killed, {PLACE: "because"}, whole=False) == []


def test_a_run_that_was_broken_off_is_no_run() -> None:
    untried = [Mutant(PLACE, Outcome.UNTRIED)] * 2
    assert problems(untried, {PLACE: "because"}) == ["2 mutants were not tried"]


def test_a_place_stays_when_lines_move_and_blocks_are_indented() -> None:
    diff = """--- crm/part.py
+++ crm/part.py
@@ -{0} +{0} @@
 def f():
-    return a < b
+    return a <= b
"""
    assert change_of(diff.format(1)) == "- return a < b\n+ return a <= b"
    deeper = diff.format(90).replace("-    return", "-        return")
    assert change_of(deeper) == change_of(diff.format(1))


def test_an_entry_is_read_as_it_was_printed(tmp_path: Path) -> None:
    other = PLACE._replace(change="- a\n+ b")
    for name, place in (("one", PLACE), ("two", other)):
        entry = entry_of(place).replace('why = ""', f'why = "{name}"')
        tmp_path.joinpath(f"{name}.toml").write_text(entry)
    assert reasons_in(tmp_path) == {PLACE: "one", other: "two"}


def test_changes_may_share_a_reason(tmp_path: Path) -> None:
    entry = (
        entry_of(PLACE)
        .replace('why = ""', 'why = "both"')
        .replace("\n]", "\n'''\n- a\n+ b\n''',\n]")
    )
    tmp_path.joinpath("one.toml").write_text(entry)
    assert {*reasons_in(tmp_path).values()} == {"both"}
    assert {place.change for place in reasons_in(tmp_path)} == {PLACE.change, "- a\n+ b"}


def test_the_list_of_the_project_can_be_read() -> None:
    reasons = reasons_in(Path(__file__).parents[3] / "mutation/survivors")
    assert all(reasons.values())
