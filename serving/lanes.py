"""Where answers are worked out: one lane for what takes milliseconds, and beside it one for what may take long.

One thread of Python runs at a time: a second one in the first lane would only wait for the first, and keep it waiting.
The other lane is for a review's first look at its registry, an export, a thousand hints, or an identity provider that
does not answer: nobody who has a client at the desk waits for these.

A hint needs neither, where nothing makes it wait (waiting.py).
"""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

from .permissions import Action

PROMPT = frozenset(
    {
        Action.JUDGE,
        Action.ASK_ADVICE,
        Action.TRY_CHANGES,
        Action.GIVE_FEEDBACK,
        Action.SEE_CLIENT,
        Action.BREAK_GLASS,
        Action.RECORD_RIGHTS,
        Action.SEE_STOPS,
        Action.STOP,
    }
)
PROMPT_THREADS, PATIENT_THREADS = 1, 2
THREADS = PROMPT_THREADS + PATIENT_THREADS


@dataclass(frozen=True)
class Lanes:
    """The two lanes of one worker; `patient` is for whatever is not known to be quick."""

    prompt: Executor
    patient: Executor

    @classmethod
    def of_worker(cls) -> Lanes:
        """Return lanes with threads of their own."""
        return cls(
            ThreadPoolExecutor(PROMPT_THREADS, thread_name_prefix="prompt"),
            ThreadPoolExecutor(PATIENT_THREADS, thread_name_prefix="patient"),
        )

    def of(self, action: Action | None) -> Executor:
        """Return the lane of an action of the permission table; None: of what whoever is signed in may do."""
        return self.prompt if action in PROMPT else self.patient
