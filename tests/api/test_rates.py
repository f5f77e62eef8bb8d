"""How often programs may ask, and how often passwords may be guessed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from limits.errors import StorageError
from limits.storage import MemoryStorage
from pydantic import ValidationError

from api.rates import Counter, LoginBrake, open_storage
from services.settings import Settings
from tests.support.live import Live, running

MAX_FAILURES = 5
RATE = 20


def _brake(rate: str = "5 per 5 minutes") -> LoginBrake:
    return LoginBrake(MemoryStorage(), rate)


def _failed_often(brake: LoginBrake, username: str = "ann", address: str = "10.0.0.1") -> None:
    for _ in range(MAX_FAILURES):
        brake.failed(username, address)


def test_a_few_failures_are_forgiven() -> None:
    brake = _brake()
    for _ in range(MAX_FAILURES - 1):
        brake.failed("ann", "10.0.0.1")
    assert brake.wait_s("ann", "10.0.0.1") == 0


def test_many_failures_stop_only_that_name_at_that_address() -> None:
    brake = _brake()
    _failed_often(brake)
    assert 290 < brake.wait_s("ANN", "10.0.0.1") <= 300
    assert brake.wait_s("ann", "10.0.0.2") == 0
    assert brake.wait_s("ben", "10.0.0.1") == 0


def test_waiting_helps() -> None:
    brake = _brake("5 per 1 second")
    _failed_often(brake)
    time.sleep(brake.wait_s("ann", "10.0.0.1"))
    assert brake.wait_s("ann", "10.0.0.1") == 0


def test_the_right_password_clears_the_count() -> None:
    brake = _brake()
    _failed_often(brake)
    brake.succeeded("ann", "10.0.0.1")
    assert brake.wait_s("ann", "10.0.0.1") == 0


def test_names_are_kept_as_checksums_whatever_they_are() -> None:
    storage = MemoryStorage()
    brake = LoginBrake(storage)
    for name in ("x" * 2**20, "a password\ud800", "/".join("abc")):
        _failed_often(brake, name)
        assert brake.wait_s(name, "10.0.0.1") > 0
    assert all(len(key) < 200 and "password" not in key for key in storage.storage)


def test_two_processes_may_count_together() -> None:
    storage = MemoryStorage()
    _failed_often(LoginBrake(storage))
    assert LoginBrake(storage).wait_s("ann", "10.0.0.1") > 0


class Silent(MemoryStorage):
    """A storage whose server does not answer."""

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        raise StorageError(ConnectionError("refused"))

    def get(self, key: str) -> int:
        raise StorageError(ConnectionError("refused"))

    def clear(self, key: str) -> None:
        raise StorageError(ConnectionError("refused"))


def test_a_storage_that_does_not_answer_stops_nobody() -> None:
    counter = Counter(Silent(), "1 per minute")
    assert [counter.count("ann"), counter.count("ann"), counter.wait_s("ann")] == [True, True, 0]
    counter.forget("ann")


def test_counts_are_kept_in_the_process_unless_the_queue_is_redis(tmp_path: Path) -> None:
    for url in ("", "postgresql://127.0.0.1:1/x"):
        assert isinstance(open_storage(Settings(data_dir=tmp_path, queue_url=url)), MemoryStorage)


def test_a_redis_server_that_is_away_stops_nobody(tmp_path: Path) -> None:
    storage = open_storage(Settings(data_dir=tmp_path, queue_url="redis://127.0.0.1:1/0"))
    assert not isinstance(storage, MemoryStorage)
    assert Counter(storage, "1 per minute").count("ann")


@pytest.mark.parametrize("rate", ["many", "10", "0 per minute", "10 per fortnight", "10/minute; 5/hour"])
def test_a_rate_that_means_nothing_is_refused_at_the_start(rate: str) -> None:
    with pytest.raises(ValidationError):
        Settings(api_rate=rate)


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with running(Settings(data_dir=tmp_path_factory.mktemp("slow"), api_rate=f"{RATE} per minute")) as server:
        yield server


def test_who_asks_too_often_waits_and_nobody_else(slow: Live) -> None:
    busy, calm = slow.token_session("owner1"), slow.token_session("owner2")
    statuses = [busy.get(f"{slow.url}/api/").status_code for _ in range(RATE)]
    assert statuses == [200] * RATE
    refusal = busy.get(f"{slow.url}/api/")
    assert refusal.status_code == 429
    assert refusal.headers["Content-Type"].startswith("application/json")
    assert refusal.json()["code"] == "too_many_requests"
    assert 1 <= int(refusal.headers["Retry-After"]) <= 60
    assert slow.token_session("owner1").get(f"{slow.url}/api/").status_code == 429
    assert calm.get(f"{slow.url}/api/").status_code == 200


def test_pages_files_and_health_are_never_counted(slow: Live) -> None:
    browser = slow.session("demo")
    for path in ("/about", "/assets/css/tokens.css", "/healthz", "/_dash-layout"):
        assert {browser.get(slow.url + path).status_code for _ in range(RATE + 1)} == {200}
    assert {requests.get(f"{slow.url}/healthz").status_code for _ in range(RATE + 1)} == {200}
    assert browser.get(f"{slow.url}/api/").status_code == 200
