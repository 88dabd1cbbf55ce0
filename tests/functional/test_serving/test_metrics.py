"""What Prometheus reads: sums over all workers, to whom it is told, and what counting costs."""

from __future__ import annotations

import re
import time
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from serving.http.observed import Answered
from serving.lanes import THREADS
from serving.metrics import Metrics

from .servers import CASEWORKER, Server, done, problem, running, wait_for


def test_counts_are_of_all_workers(own_home: Path) -> None:
    with running(own_home, "--workers", "2") as server:
        wait_for(lambda: len(server.events("worker_answers")) == 2)
        judged = server.ready()
        for _ in range(30):
            done(server.advise(judged))
        problem(server.advise("0" * 32), 404)
        stop = done(server.alone("demo-operator", "POST", "/v1/stops", {"why": "A test."}), 201)["id"]
        problem(server.advise(judged), 503)
        found = server.metrics()
        asked = 'apualy_requests_total{endpoint="/v1/advice",method="POST",status='
        assert found[f'{asked}"200"}}'] == 30
        assert found[f'{asked}"404"}}'] == 1
        assert found['apualy_request_seconds_count{endpoint="/v1/advice"}'] == 32
        assert found['apualy_advice_total{outcome="given"}'] == 30
        assert found['apualy_advice_total{outcome="judgement-first"}'] == 1
        assert found['apualy_advice_total{outcome="stopped"}'] == 1
        assert found["apualy_stops"] == 1
        assert found["apualy_threads"] == 2 * THREADS
        assert found["apualy_requests_in_progress"] == 1  # the one that reads this
        assert found["apualy_log_entries"] == server.rows("SELECT max(seq) FROM log")[0][0]
        assert found['apualy_model_version{name="ltu-small",task="risk"}'] == 1
        assert found['apualy_model_usable{name="ltu-small",task="risk"}'] == 1
        assert found['apualy_model_expires_seconds{name="ltu-small",task="risk"}'] > 24 * 3600
        assert abs(found["apualy_log_last_entry_timestamp_seconds"] - time.time()) < 60
        done(server.alone("demo-operator", "POST", "/v1/stops/lift", {"stop": stop, "why": "Over."}))
        assert server.metrics()["apualy_stops"] == 0
        wait_for(lambda: server.metrics()["apualy_connections"] >= 0)


def test_prometheus_reads_it_and_it_names_nobody(shared: Server) -> None:
    judged = shared.ready({"pseudonym": "a" * 32})
    done(shared.advise(judged))
    for path in ("/v1/nowhere", f"/v1/models/{'b' * 32}"):
        shared.alone(CASEWORKER, "GET", path)
    shared.client.request("TRACE", shared.address + "/v1/models")
    text = shared.alone(None, "GET", "/metrics").text
    families = {each.name for each in text_string_to_metric_families(text)}
    assert {"apualy_requests", "apualy_request_seconds", "apualy_advice", "apualy_build"} <= families
    assert not re.search(r"[0-9a-f]{32}|demo-|nowhere|TRACE", text)
    assert 'method="other"' in text


def test_metrics_are_for_this_machine_without_a_token(shared: Server) -> None:
    assert shared.alone(None, "GET", "/metrics").status_code == 200
    for header in ("Forwarded", "X_Forwarded_For", "Via"):  # a proxy on this machine asks for somebody elsewhere
        problem(shared.alone(None, "GET", "/metrics", **{header: "for=192.0.2.1"}), 403)


def test_metrics_are_for_whoever_has_the_token(own_home: Path) -> None:
    file = own_home / "metrics.token"
    file.touch(mode=0o600)
    file.write_text("a-token-of-some-length\n")
    with running(own_home, APUALY_METRICS_TOKEN_FILE=str(file)) as server:
        for shown in (None, "Bearer a-token-of-some-lengtH", "a-token-of-some-length"):
            headers = {} if shown is None else {"Authorization": shown}
            refused = server.ask(None, "GET", "/metrics", **headers)
            problem(refused, 401)
            assert refused.headers["www-authenticate"] == "Bearer"
        far = {"Authorization": "Bearer a-token-of-some-length", "X_Forwarded_For": "192.0.2.1"}
        assert server.ask(None, "GET", "/metrics", **far).status_code == 200
        assert "a-token-of-some-length" not in server.err.read_text()


def test_counting_costs_microseconds() -> None:
    counts, answered = Metrics(shared=False), Answered("POST", "/v1/advice", 200, 0.003, None)
    fastest = float("inf")
    for _ in range(20):
        began = time.perf_counter()
        for _ in range(500):
            counts.began()
            counts.answered(answered)
        fastest = min(fastest, (time.perf_counter() - began) / 500)
    assert fastest < 20e-6
