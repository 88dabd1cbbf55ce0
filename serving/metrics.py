"""What Prometheus is told: counts over all workers, and how model, log and stops stand. Nothing of any person.

Imported by a worker only, after gunicorn has set PROMETHEUS_MULTIPROC_DIR: prometheus_client reads it when imported.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import select

from ml.errors import UnavailableError

from .http.observed import Answered
from .service import Service
from .store.log import read_time
from .store.stops import stops_on
from .store.tables import log

ADVICE = "/v1/advice"
GIVEN = "given"
SECONDS = (0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The counts of one worker; what is told of them is the sum over all workers."""

    def __init__(self, *, shared: bool) -> None:
        """Begin to count. `shared`: with the other workers; False: in this process alone, as tests do."""
        if shared != values.ValueClass._multiprocess:
            raise RuntimeError("prometheus_client was imported before it was known where the workers count together")
        self._shared = shared
        self._own = own = CollectorRegistry()
        self.requests = Counter("apualy_requests", "Requests answered.", ("method", "endpoint", "status"), registry=own)
        self.seconds = Histogram(
            "apualy_request_seconds", "Time to an answer.", ("endpoint",), buckets=SECONDS, registry=own
        )
        self.advice = Counter(
            "apualy_advice", "Hints given, and refused by kind of problem.", ("outcome",), registry=own
        )
        self.events = Counter("apualy_log_events", "Lines of the process's log.", ("event", "level"), registry=own)
        self.connections = Gauge("apualy_connections", "Open connections.", multiprocess_mode="livesum", registry=own)
        self.busy = Gauge(
            "apualy_requests_in_progress",
            "Requests not answered yet.",
            multiprocess_mode="livesum",
            registry=own,
        )
        self.threads = Gauge(
            "apualy_threads",
            "Threads that answer what may wait; of that, what is in progress beyond them waits for a thread.",
            multiprocess_mode="livesum",
            registry=own,
        )
        self._requests = lru_cache(1024)(self.requests.labels)
        self._seconds = lru_cache(256)(self.seconds.labels)
        self._advice = lru_cache(64)(self.advice.labels)

    def began(self) -> None:
        """Count a request that is not answered yet."""
        self.busy.inc()

    def answered(self, answered: Answered) -> None:
        """Count an answer."""
        self.busy.dec()
        self._requests(answered.method, answered.endpoint, str(answered.status)).inc()
        self._seconds(answered.endpoint).observe(answered.seconds)
        if answered.endpoint == ADVICE and answered.method == "POST":
            outcome = GIVEN if answered.status == 200 else answered.refused or str(answered.status)
            self._advice(outcome).inc()

    def warned(self) -> logging.Handler:
        """Return what counts the lines of a log that somebody should look at."""
        return Events(self.events)

    def written(self, service: Service) -> bytes:
        """Return all of it in Prometheus' text format."""
        registry: Any = self._own
        if self._shared:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry) + generate_latest(_registry(_Standing(service)))


def _registry(collector: Collector) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(collector)
    return registry


class Events(logging.Handler):
    """Counts the lines of our own log by event; whoever is to be woken by one finds it in the metrics."""

    def __init__(self, counter: Counter) -> None:
        """Count in this."""
        super().__init__(logging.WARNING)
        self._counter = counter

    def emit(self, record: logging.LogRecord) -> None:
        """Count one line."""
        event = record.msg if hasattr(record, "facts") else "library"
        self._counter.labels(event, record.levelname.lower()).inc()


class _Standing(Collector):
    """How things stand when somebody asks."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterable[Metric]:
        yield _gauge("apualy_build", "The version that runs.", {"version": version("apualy")}, 1)
        yield from self._models()
        yield from self._database()

    def _models(self) -> Iterable[Metric]:
        now, models = self._service.now(), self._service.models
        usable = GaugeMetricFamily("apualy_model_usable", "1: the gate lets it be used.", labels=("task", "name"))
        held = GaugeMetricFamily("apualy_model_version", "The version in use.", labels=("task", "name"))
        expires = GaugeMetricFamily(
            "apualy_model_expires_seconds", "Until its approval ends.", labels=("task", "name"), unit="seconds"
        )
        for task, name in models.names.items():
            usable.add_metric((task.value, name), models.refusal(task) is None)
        for task, each in models.held.items():
            labels = (task.value, each.approved.name)
            held.add_metric(labels, each.approved.version)
            expires.add_metric(labels, (each.approved.expires - now).total_seconds())
        return usable, held, expires

    def _database(self) -> Iterable[Metric]:
        """Yield what the database tells; it may be gone, which is `apualy_database_up` 0 and no failure of these."""
        try:
            with self._service.database.reading() as connection:
                last = connection.execute(select(log.c.seq, log.c.at).order_by(log.c.seq.desc()).limit(1)).first()
                stops = len(stops_on(connection))
        except UnavailableError:
            yield _gauge("apualy_database_up", "1: the database answers.", {}, 0)
            return
        yield _gauge("apualy_database_up", "1: the database answers.", {}, 1)
        yield _gauge("apualy_stops", "Stops of advice that are on.", {}, stops)
        yield _gauge("apualy_log_entries", "Entries of the log.", {}, 0 if last is None else last.seq)
        if last is not None:
            at = read_time(last.at).timestamp()
            yield _gauge("apualy_log_last_entry_timestamp_seconds", "When the last was written.", {}, at)


def _gauge(name: str, words: str, labels: dict[str, str], value: float) -> Metric:
    family = GaugeMetricFamily(name, words, labels=tuple(labels))
    family.add_metric(tuple(labels.values()), value)
    return family
