"""What `serving/deploy/` says is so: settings are read, commands exist, metrics are told, units hold."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

import apualy
from serving.settings import Environment, Settings

from .servers import REPO, Server, done

DEPLOY = REPO / "serving" / "deploy"
KNOWN = "database|log|review|keys|register|purge|score|serve"
UNITS = ("apualy.service", "apualy-nightly.service", "apualy-nightly.timer")


def text_of(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def assigned() -> dict[str, str]:
    """Return what apualy.env sets."""
    lines = (line.partition("=") for line in text_of("apualy.env").splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in lines}


def test_every_setting_that_is_named_is_read() -> None:
    asked: set[str] = set()

    class Asked(dict[str, str]):
        def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
            asked.add(name)
            return super().get(name, default)

    source = "\n".join(path.read_text(encoding="utf-8") for room in ("ml", "serving") for path in
                       (REPO / room).rglob("*.py"))  # fmt: skip
    Settings.from_environ(Asked(APUALY_ENV="demo", APUALY_OIDC_ISSUER="http://127.0.0.1:9", APUALY_OIDC_AUDIENCE="a"))
    named = set().union(*(re.findall(r"APUALY_[A-Z_]+[A-Z]", file.read_text("utf-8")) for file in DEPLOY.iterdir()))
    assert named > set(assigned())
    elsewhere = {"APUALY_PSEUDONYM_NEW_KEY_FILE"}  # of `register pseudonymise`
    for name in named - asked - elsewhere:
        assert re.fullmatch(r"APUALY_OIDC_[A-Z_]+", name), name
        assert f'"{name.removeprefix("APUALY_OIDC_")}"' in source, name


def test_the_environment_file_makes_settings(tmp_path: Path) -> None:
    environ = assigned()
    for name in [each for each in environ if each.endswith("_FILE")]:
        file = tmp_path / Path(environ[name]).name
        file.touch(mode=0o600)
        file.write_text("0123456789abcdef" * 4 + "\n")
        environ[name] = str(file)
    settings = Settings.from_environ(environ)
    assert settings.environment is Environment.PRODUCTION
    assert settings.key is not None
    assert settings.provider is not None
    assert settings.provider.client is not None
    assert settings.needs_consent
    assert settings.operation.over_tls
    assert settings.operation.metrics_token
    assert not settings.operation.traced
    assert settings.database.startswith("postgresql://")


def test_the_commands_that_are_named_exist() -> None:
    said = "\n".join(text_of(name) for name in (*UNITS, "OPERATIONS.md", "Containerfile"))
    commands = {
        tuple(found.split())
        for found in re.findall(
            r"(?:bin/|`|\s)apualy ((?:database|log|review|keys|register|purge|score|serve)(?: [a-z]+)?)", said
        )
    }
    assert {("purge",), ("log", "verify"), ("database", "upgrade"), ("score",)} <= {
        each[:2] if each[0] in {"log", "database"} else each[:1] for each in commands
    }
    for command in commands:
        words = command if command[0] in {"database", "log", "review", "keys", "register"} else command[:1]
        with pytest.raises(SystemExit) as end:
            apualy.main([*words, "--help"], {})
        assert end.value.code == 0, command


def test_alerts_name_metrics_that_are_told(shared: Server) -> None:
    done(shared.advise(shared.ready()))
    shared.alone(None, "GET", "/metrics")
    told = {name.partition("{")[0] for name in shared.metrics()}
    (group,) = yaml.safe_load(text_of("alerts.yml"))["groups"]
    source = "\n".join(path.read_text(encoding="utf-8") for path in (REPO / "serving").rglob("*.py"))
    manual = text_of("OPERATIONS.md")
    for rule in group["rules"]:
        for metric in re.findall(r"apualy_[a-z_]+", rule["expr"]):
            assert metric in told | {"apualy_log_events_total"}, metric
        for event in re.findall(r'event="([a-z_]+)"', rule["expr"]):
            assert f'"{event}"' in source, event
        assert rule["alert"] in manual
        assert rule["labels"].keys() == {"severity", "acts"}
    assert len(group["rules"]) == len(set(re.findall(r"\bApualy[A-Z]\w+", manual)))


def test_units_hold(tmp_path: Path) -> None:
    """As systemd reads them, where it is on the machine; the program's own path is of the machine they are made for."""
    units = [tmp_path / name for name in UNITS]
    for unit in units:
        words = text_of(unit.name).replace("/opt/apualy/.venv/bin/apualy", shutil.which("true") or "/bin/true")
        unit.write_text(words, encoding="utf-8")
        keys = re.findall(r"^([A-Z]\w+)=", words, re.MULTILINE)
        assert len([key for key in keys if key == "User"]) == (unit.suffix == ".service")
    if shutil.which("systemd-analyze") is None:
        return
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, units)], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_container_is_nobody_in_particular_and_names_no_registry() -> None:
    said = text_of("Containerfile")
    assert re.search(r"^USER 10001:10001$", said, re.MULTILINE)
    assert not re.search(r"https?://(?!127\.0\.0\.1)|FROM \S+/", said)
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", said, re.MULTILINE):
        for each in source.split():
            assert (REPO / each).exists(), each
