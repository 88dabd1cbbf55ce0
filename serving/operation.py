"""How a deployment is reached and watched: facts of it, like the settings that they are part of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ml.errors import UsageError
from ml.governance.signing.private_file import read_private

from .identity.settings import PUBLIC_URL

TOKEN_FILE = "APUALY_METRICS_TOKEN_FILE"  # noqa: S105  # the name of a setting
TELEMETRY = "APUALY_TELEMETRY"
SHORTEST_TOKEN = 16


@dataclass(frozen=True)
class Operation:
    """How the service is reached and watched.

    over_tls       browsers reach it by https: they are told never to try without
    metrics_token  whoever reads /metrics shows it; None: programs of this machine read it, and nobody else
    traced         spans go to the collector that OTEL_* names; otherwise nothing leaves
    shared         the workers count together, where prometheus_client was told; no setting, the server knows
    """

    over_tls: bool = False
    metrics_token: str | None = field(default=None, repr=False)
    traced: bool = False
    shared: bool = False

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Return what the environment says; raises UsageError, in a line, when it cannot be."""
        telemetry = environ.get(TELEMETRY, "").strip() or "off"
        if telemetry not in {"on", "off"}:
            raise UsageError(f'{TELEMETRY} is "{telemetry}"; it must be "on" or "off" (off when left out)')
        file = environ.get(TOKEN_FILE, "").strip()
        return cls(
            over_tls=environ.get(PUBLIC_URL, "").strip().startswith("https:"),
            metrics_token=_token(Path(file)) if file else None,
            traced=telemetry == "on",
        )


def _token(path: Path) -> str:
    try:
        token = read_private(path, TOKEN_FILE).decode("ascii").strip()
    except UnicodeDecodeError:
        token = ""
    if len(token) < SHORTEST_TOKEN or not token.isprintable() or " " in token:
        raise UsageError(
            f"{TOKEN_FILE}: {path} must hold {SHORTEST_TOKEN} or more visible ASCII characters in one line"
        )
    return token
