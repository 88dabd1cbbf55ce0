"""Judges from outside: axe-core of what a browser shows, the Nu HTML checker of what it was sent."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

from serving.pages.assets import FETCHED

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
AXE = FETCHED / "axe-core" / "axe.min.js"
NU = FETCHED / "vnu-jar" / "build" / "dist" / "vnu.jar"


def violations(page: Page) -> list[str]:
    """Return what axe-core holds against a page by WCAG 2.1, levels A and AA; with what the rule asks, and where."""
    page.evaluate(_axe())  # through the debugger: the page's own policy would not let it in
    found = page.evaluate("tags => axe.run({runOnly: tags})", list(WCAG))
    assert found["passes"], "axe-core found nothing to look at"
    return [
        f"{rule['id']} ({rule['help']}): {node['html'][:200]}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def invalid(documents: Mapping[str, str]) -> list[str]:
    """Return the errors that the Nu HTML checker finds in documents (name → what was sent); one run for all."""
    if shutil.which("java") is None:
        pytest.fail("there is no java: apt-get install default-jre-headless, as .ci/run does")
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for number, (name, text) in enumerate(documents.items()):
            file = Path(folder) / f"{number}.html"
            file.write_text(text, encoding="utf-8")
            names[file.name] = name
        command = [
            "java",
            "-Xss1m",
            "-jar",
            str(NU),
            "--errors-only",
            "--format",
            "json",
            "--stdout",
            "--exit-zero-always",
        ]
        ran = subprocess.run([*command, folder], capture_output=True, text=True, check=True)
    return [
        f"{names[message['url'].rpartition('/')[2]]}, line {message.get('lastLine')}: {message['message']}"
        for message in json.loads(ran.stdout)["messages"]
    ]


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")
