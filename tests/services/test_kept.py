"""Values kept in memory, and who works them out."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from services.kept import Kept, Once

LIMIT_S = 30


def test_the_values_used_last_are_kept() -> None:
    kept: Kept[int] = Kept(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)


def test_one_key_is_worked_on_by_one_thread_while_others_go_on() -> None:
    once = Once(2)
    inside, other_done, order = threading.Event(), threading.Event(), []

    def first() -> None:
        with once.alone("a"):
            inside.set()
            assert other_done.wait(LIMIT_S)
            order.append("first")

    def second() -> None:
        assert inside.wait(LIMIT_S)
        with once.alone("b"):
            order.append("other")
        waiter = threading.Timer(0.1, other_done.set)
        waiter.start()
        with once.alone("a"):
            order.append("second")

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first), pool.submit(second)]:
            done.result(LIMIT_S)
    assert order == ["other", "first", "second"]
    assert not once._locks


def test_no_more_work_at_a_time_than_allowed() -> None:
    once, guard, now, most = Once(2), threading.Lock(), [0], [0]
    both = threading.Barrier(2)

    def work(number: int) -> None:
        with once.alone(str(number)), once.working():
            with guard:
                now[0] += 1
                most[0] = max(most[0], now[0])
            both.wait(LIMIT_S)
            with guard:
                now[0] -= 1

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert most == [2]
