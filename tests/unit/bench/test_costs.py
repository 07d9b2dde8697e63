"""What operations cost is what was agreed: whoever changes it changes `bench/costs.json`."""

import pytest

from bench.bill import Bill
from bench.costs import FLAT, SIZES, costs, kept

EACH = "python -m bench.costs --keep says it anew, where it is meant"


@pytest.mark.parametrize("orders", [1, 100])
def test_operations_cost_what_was_agreed(orders: int) -> None:
    assert costs(orders) == kept()[str(orders)], EACH


def test_what_was_agreed_is_flat() -> None:
    agreed = kept()
    assert list(agreed) == [str(size) for size in SIZES]
    for name in FLAT:
        assert len({str(agreed[size][name]) for size in agreed}) == 1, name


def test_work_on_all_orders_grows_no_faster_than_they_do() -> None:
    few, many = kept()["100"], kept()["10000"]
    for name in set(few) - set(FLAT):
        assert many[name].per_million <= 100 * few[name].per_million, name


def test_a_bill_at_list_prices() -> None:
    bill = Bill(reads=4, aggregations=1, writes=2, deletes=1)
    assert bill.per_million == pytest.approx(10 * (4 * 0.06 + 0.06 + 2 * 0.18 + 0.02))
