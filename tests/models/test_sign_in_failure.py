"""Counting failures on both databases: fifty tries at once are no more than one after another."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from models.database import Database
from models.sign_in_failure import CHALLENGE, LOCK, LOCKED, REMEMBERED, SignInFailures
from tests.models.sample import AT


def test_tries_at_once(opened: Callable[[], Database]) -> None:
    stores = [SignInFailures(opened()) for _ in range(3)]
    with ThreadPoolExecutor(10) as pool:
        tried = [
            pool.submit(stores[number % 3].count, "wang", f"10.0.0.{number}", AT)
            for number in range(50)
        ]
        found = [one.result() for one in tried]
    judged = sorted(one.of_login for one in found if one is not None)
    assert judged == list(range(LOCK["account"])), "each saw all that came before it"
    assert sum(one.challenged for one in found if one) == LOCK["account"] - CHALLENGE


def test_what_was_right_is_given_back(database: Database) -> None:
    failures, later = SignInFailures(database), AT + timedelta(minutes=1)
    for _ in range(3):
        failures.count("wang", "10.0.0.1", AT)
    failures.give_back("wang", "10.0.0.1")
    standing = failures.standing("wang", "10.0.0.1", later)
    assert (standing.of_login, standing.of_address) == (2, 2)
    failures.give_back("wang", "10.0.0.1", entirely=True)
    standing = failures.standing("wang", "10.0.0.1", later)
    assert (standing.of_login, standing.of_address) == (0, 1)


def test_a_lock_ends_and_failures_are_forgotten(database: Database) -> None:
    failures = SignInFailures(database)
    for number in range(LOCK["account"]):
        assert failures.count("wang", f"10.0.1.{number}", AT)
    assert failures.count("wang", "10.0.2.1", AT) is None
    assert failures.locked(["wang", "li"], AT) == {"wang"}
    assert failures.locked(["wang", "li"], AT + LOCKED) == frozenset()
    again = failures.count("wang", "10.0.2.1", AT + LOCKED)
    assert again is not None
    assert again.challenged
    forgotten = failures.standing("wang", "10.0.2.1", AT + LOCKED + REMEMBERED)
    assert forgotten.of_login == 0
    failures.unlock("wang")
    assert failures.standing("wang", "", AT).of_login == 0
