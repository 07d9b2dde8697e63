"""What keeps a form from being used against others (case 14); each guard alone."""

from __future__ import annotations

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from crm.core.keyring import Former, Keyring
from crm.signup.guards import ENOUGH, network_of
from crm.signup.proof import BITS, GOOD_FOR, LEAST, challenge, is_work, judge, worked_out
from testing.world import KEYS
from tests.support.signing_up import ADA, DAY, HOUR, Door, said

ROOMY = {"per_network": 100_000, "per_hour": 100_000}


def roomy(**limits: int) -> Door:
    text = {"en": "Yes."}
    return Door(settings={"forms": {"newsletter": {"text": text, **ROOMY, **limits}}})


def test_a_thousand_sign_ups_for_one_victim_are_one_mail() -> None:
    door = roomy()
    answers = set()
    for number in range(1_000):
        answer = door.post(network=f"192.0.{number % 256}.1")
        answers.add((answer.status_code, answer.get_data(as_text=True)))
    assert len(door.box.mails) == 1
    assert len(answers) == 1


def test_a_thousand_at_once_are_one_mail() -> None:
    door = roomy()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: door.post().status_code, range(200)))
    assert answers == [202] * 200
    assert len(door.box.mails) == 1


def test_the_next_mail_is_a_day_later() -> None:
    door = roomy()
    door.post()
    door.store.wait(DAY - timedelta(seconds=5))
    door.post(form="newsletter")
    assert len(door.box.mails) == 1
    door.store.wait(timedelta(seconds=5))
    door.post()
    assert len(door.box.mails) == 2


def test_a_thousand_addresses_from_one_network(caplog: pytest.LogCaptureFixture) -> None:
    door = Door()
    for number in range(1_000):
        network = f"192.0.2.{number % 256}"
        assert door.post(f"v{number}@example.com", network=network).status_code == 202
    assert len(door.box.mails) == 10  # without any work; with it 20
    assert "network (form newsletter)" in caplog.text
    assert "192.0.2" not in caplog.text + str(door.store.all("crmSignups"))
    door.post("other@example.com", network="198.51.100.7")
    assert len(door.box.mails) == 11
    door.store.wait(HOUR)
    door.post("later@example.com", network="192.0.2.1")
    assert len(door.box.mails) == 12


def test_who_does_the_work_has_more_of_a_network() -> None:
    door = Door()
    for number in range(25):
        door.fill_in(f"v{number}@example.com")
    assert len(door.box.mails) == 20


def test_a_form_has_a_budget_whatever_the_networks() -> None:
    door = roomy(per_hour=12)
    for number in range(40):
        door.fill_in(f"v{number}@example.com", network=f"192.0.{number}.1")
    assert len(door.box.mails) == 12


def test_posts_without_work_have_a_quarter_of_it() -> None:
    door = roomy(per_hour=40)
    for number in range(40):
        door.post(f"v{number}@example.com", network=f"192.0.{number}.1")
    assert len(door.box.mails) == 10
    door.fill_in("ada@example.com")
    assert len(door.box.mails) == 11


def test_posts_with_work_leave_that_quarter_to_the_others() -> None:
    door = roomy(per_hour=8)
    for number in range(3):
        door.fill_in(f"v{number}@example.com", network=f"192.0.{number}.1")
    door.post("ada@example.com")
    assert [one.to for one in door.box.mails][3:] == ["ada@example.com"]


def test_a_form_of_which_hardly_anybody_confirms_pauses(caplog: pytest.LogCaptureFixture) -> None:
    door = roomy()
    for number in range(ENOUGH + 50):
        door.post(f"v{number}@example.com", network=f"192.0.{number}.1")
    assert len(door.box.mails) == ENOUGH
    assert [one.levelname for one in caplog.records] == ["ERROR"] * 50
    assert "paused (form newsletter)" in caplog.text
    door.store.wait(DAY)
    door.post("later@example.com")
    assert len(door.box.mails) == ENOUGH + 1


def test_a_form_of_which_one_of_twenty_confirms_goes_on() -> None:
    door = roomy()
    for number in range(ENOUGH + 10):
        door.post(f"v{number}@example.com", network=f"192.0.{number}.1")
        if number % 20 == 0:
            door.click(door.box.mails[-1])
    assert len(door.box.mails) == ENOUGH + 10


def test_one_form_does_not_pause_another() -> None:
    door = Door(settings={"forms": {n: {"text": {"en": "Yes."}, **ROOMY} for n in ("a", "b")}})
    for number in range(ENOUGH + 5):
        door.post(f"v{number}@example.com", form="a")
    door.post("ada@example.com", form="b")
    assert len(door.box.mails) == ENOUGH + 1


def test_a_field_that_no_person_sees(caplog: pytest.LogCaptureFixture) -> None:
    door = Door()
    right = door.post().get_data(as_text=True)
    caught = door.post("bob@example.com", website="https://example.com")
    assert (caught.status_code, caught.get_data(as_text=True)) == (202, right)
    assert [one.to for one in door.box.mails] == [ADA]


# Proofs


@pytest.mark.parametrize(
    ("wait", "work", "verdict"),
    [
        (LEAST, True, "worked"),
        (LEAST - timedelta(milliseconds=50), True, "early"),
        (GOOD_FOR, True, "worked"),
        (GOOD_FOR + timedelta(seconds=1), True, "stale"),
        (LEAST, False, "none"),
    ],
)
def test_a_proof_is_judged(wait: timedelta, work: bool, verdict: str) -> None:
    now = Door().now.replace(microsecond=0)
    given = challenge(KEYS, now)
    done = worked_out(given, ADA) if work else ""
    assert judge(KEYS, given, done, ADA, now + wait) == verdict


def test_forged_proofs() -> None:
    now = Door().now.replace(microsecond=0)
    given, later = challenge(KEYS, now), now + LEAST
    done = worked_out(given, ADA)
    own = challenge(Keyring(b"somebody else's own secret"), now)
    assert judge(KEYS, given, done, "bob@example.com", later) == "wrong"
    assert judge(KEYS, own, worked_out(own, ADA), ADA, later) == "wrong"
    assert judge(KEYS, given[:-1] + "x", done, ADA, later) == "wrong"
    assert judge(KEYS, "", done, ADA, later) == "wrong"
    assert judge(KEYS, given, f"{done} ", ADA, later) == "wrong"
    assert judge(KEYS, given, "9" * 400, ADA, later) == "wrong"
    ahead = challenge(KEYS, now + HOUR)
    assert judge(KEYS, ahead, worked_out(ahead, ADA), ADA, later) == "early"
    assert judge(KEYS, "", "", ADA, later) == "none"
    assert judge(KEYS, "\ud800", "\ud800", "\ud800", later) == "wrong"


def test_a_challenge_of_the_secret_before_is_good() -> None:
    now = Door().now.replace(microsecond=0)
    given = challenge(KEYS, now)
    new = Keyring(b"the secret that came after it", (Former(KEYS.secret, now),))
    assert judge(new, given, worked_out(given, ADA), ADA, now + LEAST) == "worked"


def test_work_takes_some_thousand_tries() -> None:
    numbers = random.Random(0)
    tries = [int(worked_out(str(numbers.random()), ADA)) for _ in range(12)]
    assert 2**BITS / 4 < sum(tries) / len(tries) < 2**BITS * 4
    assert is_work("x", ADA, worked_out("x", ADA))


def test_the_work_is_a_digest_that_begins_with_zero_bits() -> None:
    """Browsers look for it by code of their own."""
    digest = hashlib.sha256(f"x:{ADA}:{worked_out('x', ADA)}".encode()).hexdigest()
    assert f"{int(digest, 16):0256b}".startswith("0" * BITS)


def test_early_and_stale_posts_are_told_so() -> None:
    door = Door()
    given = challenge(KEYS, door.now)
    accept = {"Accept": "application/json"}
    data = {"form": "newsletter", "email": ADA, "challenge": given, "work": worked_out(given, ADA)}
    early = door.request(data=data, headers=accept)
    assert (early.status_code, said(early)["error"]["details"]["reason"]) == (400, "too-early")
    door.store.wait(GOOD_FOR + HOUR)
    stale = door.request(data=data, headers=accept)
    assert (stale.status_code, said(stale)["error"]["details"]["reason"]) == (400, "challenge-over")
    page = door.request(data=data)
    assert (page.status_code, f'value="{ADA}"' in page.get_data(as_text=True)) == (400, True)
    assert given not in page.get_data(as_text=True)
    assert door.box.mails == []


# Networks


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.250", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("2001:db8:1::1", "2001:db8:1:ffff::2", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.9", True),
        ("nonsense", "", True),
    ],
)
def test_a_network(one: str, other: str, same: bool) -> None:
    assert (network_of(KEYS, one) == network_of(KEYS, other)) is same
    assert one not in str(network_of(KEYS, one))


def test_what_the_caller_writes_is_no_network() -> None:
    door = Door()
    for number in range(30):
        forged = f"203.0.{number}.1, 192.0.2.1"
        door.post(f"v{number}@example.com", network=forged)
    assert len(door.box.mails) == 10
