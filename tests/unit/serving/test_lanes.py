"""Whoever has a client at the desk waits for nobody whose answer takes long."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, TimeoutError

import pytest

from serving.lanes import PATIENT_THREADS, PROMPT, Lanes
from serving.permissions import ALLOWED, Action, Role


def test_what_takes_long_keeps_no_client_waiting() -> None:
    lanes, go_on = Lanes.of_worker(), threading.Event()
    long = [lanes.of(Action.READ_LOG).submit(go_on.wait, 60) for _ in range(2 * PATIENT_THREADS)]
    assert lanes.of(Action.ASK_ADVICE).submit(lambda: "a hint").result(60) == "a hint"
    assert not any(each.done() for each in long)
    go_on.set()
    assert all(each.result(60) for each in long)


def test_one_hint_is_worked_out_at_a_time() -> None:
    """Two at once would only wait for each other: one thread of Python runs."""
    lanes, go_on = Lanes.of_worker(), threading.Event()
    lanes.of(Action.ASK_ADVICE).submit(go_on.wait, 60)
    next_one = lanes.of(Action.JUDGE).submit(lambda: "later")
    with pytest.raises(TimeoutError):
        next_one.result(0.05)
    go_on.set()
    assert next_one.result(60) == "later"


@pytest.mark.parametrize(
    ("action", "prompt"),
    [
        (Action.JUDGE, True),
        (Action.ASK_ADVICE, True),
        (Action.RECORD_RIGHTS, True),  # an objection waits for no report
        (Action.STOP, True),  # nor does the stop switch
        (Action.HAND_IN, False),
        (Action.EXPORT, False),
        (Action.SEE_COUNTS, False),
        (Action.SEE_REVIEWS, False),
        (Action.SEE_CARDS, False),
        (None, False),  # signing in may ask the provider
    ],
)
def test_the_lane_of_an_action(action: Action | None, prompt: bool) -> None:
    one, other = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
    assert Lanes(one, other).of(action) is (one if prompt else other)


def test_all_that_caseworkers_do_with_a_client_is_prompt_but_the_export() -> None:
    of_caseworkers = {action for action, roles in ALLOWED.items() if Role.CASEWORKER in roles}
    of_all = {action for action, roles in ALLOWED.items() if roles == frozenset(Role)}
    assert of_caseworkers - of_all - PROMPT == {Action.EXPORT}
