"""Writers that are killed: `python killed.py URL FOLDER KILLS SEED` prints what they were answered, as JSON.

A writer is the whole application on the database; it posts numbered judgements, each with its Idempotency-Key, and
tells each answer. It is killed at a random moment, and the next one begins with the last number that was answered. The
imports are done once, and each writer is a fork: a kill costs a fifth of a second.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "test_api"))

from house import ANNA, House, Parts, house_on, judgement

from serving.identity.demo import demo_users

MOST_SECONDS = 0.12  # from a writer's first answer to its end


def main() -> None:
    url, folder, kills, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    rng = np.random.default_rng(seed)
    parts = Parts({}, demo_users(folder, "demo", "127.0.0.1"), folder)
    with house_on(parts, url) as house:
        house.assign()
    answered: list[tuple[int, str]] = []
    for _ in range(kills):
        first = answered[-1][0] if answered else 0
        answered += killed(url, parts, first, float(rng.uniform(0, MOST_SECONDS)))
    with house_on(parts, url) as house:  # the last one may have been written, and not answered
        last = answered[-1][0] + 1
        answered += [(last, post(house, last)), (last, post(house, last))]
    print(json.dumps(answered))


def killed(url: str, parts: Parts, first: int, seconds: float) -> list[tuple[int, str]]:
    """Return what a writer was answered before it was killed."""
    out, into = os.pipe()
    writer = os.fork()
    if writer == 0:
        os.close(out)
        write(url, parts, first, into)
    os.close(into)
    with os.fdopen(out) as told:
        lines = [told.readline()]
        time.sleep(seconds)
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        lines += told.readlines()
    whole = [line.split() for line in lines if line.endswith("\n")]
    return [(int(number), id) for number, id in whole]


def write(url: str, parts: Parts, first: int, into: int) -> None:
    with house_on(parts, url) as house:
        number = first
        while True:
            os.write(into, f"{number} {post(house, number)}\n".encode())
            number += 1


def post(house: House, number: int) -> str:
    body = judgement(ANNA, why=f"Number {number}.")
    answer = house.post("demo-caseworker", "/v1/judgements", body, Idempotency_Key=f"number-{number}")
    return str(answer.json()["judgement"])


if __name__ == "__main__":
    main()
