"""What the environment says about one installation → its registry."""

from __future__ import annotations

from collections.abc import Mapping

from ml.errors import UsageError
from ml.home import home

from . import policy
from .registry import Registry
from .signing.commands import trust_file

MLFLOW = "APUALY_MLFLOW_URI"
SCHEMES = ("sqlite:///", "postgresql://", "postgresql+psycopg://", "http://", "https://")


def open_registry(environ: Mapping[str, str]) -> Registry:
    """Return the registry of the home that the environment names. Raises UsageError for an odd address."""
    uri = environ.get(MLFLOW) or None
    if uri is not None and not uri.startswith(SCHEMES):
        raise UsageError(f"{MLFLOW} is the address of MLflow's store or server, and begins with {', '.join(SCHEMES)}")
    return Registry(
        home(environ),
        policy.read_policy(policy.POLICY),
        policy_path=policy.POLICY,
        trust=trust_file(environ),
        tracking_uri=None if uri is None else uri.replace("postgresql://", "postgresql+psycopg://", 1),
        demo=environ.get("APUALY_ENV") == "demo",
    )
