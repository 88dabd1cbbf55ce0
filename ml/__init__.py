"""The analytics of apualy: from a register extract to an approved model, one room a folder."""

import os

# Set before any import of MLflow, which reads it once: nothing about a run may leave the machine.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
# MLflow would draw its progress bars in pipes, too.
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
# Threads that wait for work spin otherwise, and on a busy machine training takes many times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
