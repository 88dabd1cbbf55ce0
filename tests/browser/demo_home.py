"""A small Helsinki with both models approved, its clients taken in, and hints that lie ready: `make demo`, in small."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
from pathlib import Path

import apualy

from ..conftest import copy_home

REPO = Path(__file__).parents[2]
FORMS = REPO / "model_cards" / "demo"
MODELS = ("ltu-risk", "service-need")
PEOPLE = 900
SCIENTIST, REVIEWER, OWNER = (
    ("--as", "Demo Data Scientist"),
    ("--as", "Demo Ethics Reviewer"),
    ("--as", "Demo Service Owner"),
)
SPECIAL = ("--special", "jobseekers.work_ability_limited", "Non-Discrimination Act 1325/2014, section 5")
PLAN_DAYS = ("--plan-days", "Integration Act 681/2023: the rule of integration services")


def environment(home: Path) -> dict[str, str]:
    """Return what a command in such a home is told, besides the path to programs."""
    return {
        "APUALY_ENV": "demo",
        "APUALY_HOME": str(home),
        "APUALY_PSEUDONYM_KEY_FILE": str(home / "pseudonym.key"),
        "APUALY_SIGNING_PASSPHRASE_FILE": str(home / "keys" / "passphrase"),
        "OMP_NUM_THREADS": "1",
        "USER": "ada",
    }


def run(home: Path, *argv: object) -> str:
    """Return what a command says that must end well."""
    with contextlib.chdir(home), contextlib.redirect_stdout(io.StringIO()) as out:
        assert apualy.main([str(each) for each in argv], environment(home)) == 0, argv
    return out.getvalue()


def make(home: Path) -> None:
    """Fill a home that holds MLflow's schema and nothing else."""
    run(home, "register", "synth", "--target-group", PEOPLE, "--seed", 5, "--out", "raw")
    run(home, "register", "key", "pseudonym.key")
    for model in MODELS:
        plans = PLAN_DAYS if model == "service-need" else ()
        run(home, "register", "pseudonymise", "raw", model, "--purpose", model, *SPECIAL, *plans)
        run(home, "register", "build", model)
        run(home, "train", model)
    run(home, "keys", "demo")
    for model in MODELS:
        forms = ("card", "needs") if model == "service-need" else ("card",)
        review(home, model, forms)
    run(home, "database", "upgrade")
    run(home, "clients", "import", "raw.oracle/clients.csv")
    for model in MODELS:
        run(home, "register", "build", model, "--current")
    run(home, "score", *(Path("current") / model for model in MODELS))


def review(home: Path, model: str, forms: tuple[str, ...]) -> None:
    """Take a version from its draft to its approval, as `make demo` does."""
    for form in forms:
        run(home, "card", "fill", model, "--form", FORMS / f"{form}.toml", *SCIENTIST)
    run(home, "review", "submit", model, *SCIENTIST, "--reason", "Trained and documented.")
    run(home, "card", "fill", model, "--form", FORMS / "dialogue.toml", *REVIEWER)
    run(home, "review", "assess", model, *REVIEWER, "--reason", "Read the card; the dialogue was held.")
    asked = run(home, "review", "form", model)
    answered = subprocess.run(
        ["sed", "-f", FORMS / f"{model}.sed"], input=asked, capture_output=True, text=True, check=True
    ).stdout
    (home / "approval.toml").write_text(answered, encoding="utf-8")
    run(home, "review", "approve", model, *OWNER, "--form", "approval.toml")


def copied(home: Path, target: Path) -> Path:
    """Return a copy to be served and changed: what only the register needed is left behind."""
    copy = copy_home(home, target)
    for each in ("raw", "raw.oracle", *MODELS, "current"):
        shutil.rmtree(copy / each)
    return copy
