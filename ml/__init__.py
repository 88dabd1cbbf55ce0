"""The analytics of apualy: from a register extract to an approved model, one room a folder."""

import os

# Set before any import of MLflow, which reads it once: nothing about a run may leave the machine.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
