"""Which mutants a sample takes, and which tests meet a mutant first."""

from mutation.runner import nearest_first
from mutation.sample import draw, mutants_in

NAMES = [f"crm.{package}.file.x_f__mutmut_{n}" for package in ("sync", "jobs") for n in range(50)]


def packages_of(names: list[str]) -> list[str]:
    return [name.split(".")[1] for name in names]


def test_a_sample_takes_as_many_of_each_package_in_turn() -> None:
    assert packages_of(draw(NAMES, (), 3, seed=1)) == ["jobs", "sync"] * 3
    assert packages_of(draw(NAMES, ("sync",), 3, seed=1)) == ["sync"] * 3


def test_a_package_smaller_than_the_sample_is_taken_whole() -> None:
    assert sorted(draw(NAMES, ("sync",), 80, seed=1)) == sorted(NAMES[:50])
    assert packages_of(draw(NAMES[40:], (), 80, seed=1)) == ["jobs", "sync"] * 10 + ["jobs"] * 40


def test_a_seed_draws_the_same_and_another_seed_others() -> None:
    assert draw(NAMES, (), 9, seed=1) == draw(reversed(NAMES), (), 9, seed=1)
    assert draw(NAMES, (), 9, seed=1) != draw(NAMES, (), 9, seed=2)


def test_a_sample_of_one_package_is_the_same_beside_others() -> None:
    assert draw(NAMES, ("sync",), 9, seed=1) == draw(NAMES, (), 9, seed=1)[1::2]


def test_the_tests_of_the_mutants_package_come_first_and_each_group_keeps_its_order() -> None:
    quickest_first = [
        "tests/unit/merging/test_merge.py::a",
        "tests/unit/product/test_stateful.py::b",
        "tests/unit/sync/test_users.py::c",
        "tests/unit/merging/test_merge.py::d",
        "tests/unit/sync/test_orders.py::e",
    ]
    ordered = nearest_first("crm.sync.user_plan.x_f__mutmut_1", quickest_first)
    assert [name[-1] for name in ordered] == ["c", "e", "b", "a", "d"]
    assert nearest_first(None, quickest_first) == quickest_first


def test_the_lines_of_each_mutant_in_a_file_are_known() -> None:
    source = """
def x_f__mutmut_orig():
    return 1

def x_f__mutmut_1():
    return 2

class Part:
    @property
    def xǁPartǁf__mutmut_12(self):
        return 2
"""
    assert mutants_in(source) == [
        (5, 6, "x_f__mutmut_1"),
        (10, 11, "xǁPartǁf__mutmut_12"),
    ]
