"""The brake on guessing passwords."""

from __future__ import annotations

from api.throttle import LONGEST_NAME, MAX_FAILURES, MAX_KEYS, WINDOW_S, LoginThrottle


class Clock:
    """Time that moves only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _failed_often(throttle: LoginThrottle, username: str = "ann", address: str = "10.0.0.1") -> None:
    for _ in range(MAX_FAILURES):
        throttle.failed(username, address)


def test_a_few_failures_are_forgiven() -> None:
    throttle = LoginThrottle(Clock())
    for _ in range(MAX_FAILURES - 1):
        throttle.failed("ann", "10.0.0.1")
    assert throttle.wait_s("ann", "10.0.0.1") == 0


def test_many_failures_stop_only_that_name_at_that_address() -> None:
    throttle = LoginThrottle(Clock())
    _failed_often(throttle)
    assert throttle.wait_s("ANN", "10.0.0.1") > 0
    assert throttle.wait_s("ann", "10.0.0.2") == 0
    assert throttle.wait_s("ben", "10.0.0.1") == 0


def test_waiting_helps() -> None:
    clock = Clock()
    throttle = LoginThrottle(clock)
    _failed_often(throttle)
    clock.now += throttle.wait_s("ann", "10.0.0.1")
    assert throttle.wait_s("ann", "10.0.0.1") == 0
    assert clock.now <= 1000.0 + WINDOW_S + 1


def test_the_right_password_clears_the_count() -> None:
    throttle = LoginThrottle(Clock())
    _failed_often(throttle)
    throttle.succeeded("ann", "10.0.0.1")
    assert throttle.wait_s("ann", "10.0.0.1") == 0


def test_made_up_names_do_not_fill_the_memory() -> None:
    throttle = LoginThrottle(Clock())
    for number in range(MAX_KEYS + 10):
        throttle.failed(f"name{number}", "10.0.0.1")
    assert len(throttle._failures) == MAX_KEYS


def test_a_name_of_a_megabyte_is_kept_short() -> None:
    throttle = LoginThrottle(Clock())
    _failed_often(throttle, username="x" * 2**20)
    assert throttle.wait_s("x" * 2**20, "10.0.0.1") > 0
    assert all(len(name) <= LONGEST_NAME for name, _ in throttle._failures)
