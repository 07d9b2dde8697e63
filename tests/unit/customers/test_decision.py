import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm.customers.decision import UNSUBSCRIBED, Decision, latest

DAY = datetime(2024, 1, 1, tzinfo=UTC)
decisions = st.lists(
    st.builds(
        Decision,
        st.sampled_from(["subscribed", "unsubscribed"]),
        st.integers(0, 3).map(lambda days: DAY + timedelta(days=days)),
        st.sampled_from(["order", "staff"]),
    ),
    max_size=4,
)


@given(decisions)
def test_the_later_decision_holds_and_a_tie_is_a_withdrawal(some: list[Decision]) -> None:
    held = latest(some)
    if held is None:
        assert some == []
        return
    newest = [one for one in some if one.at == max(two.at for two in some)]
    assert held in newest
    assert (held.status == UNSUBSCRIBED) == any(one.status == UNSUBSCRIBED for one in newest)


@given(decisions)
def test_their_order_does_not_matter(some: list[Decision]) -> None:
    assert len({latest(one) for one in itertools.permutations(some)}) == 1
