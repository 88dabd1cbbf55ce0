"""`apualy review`: every step as people type it, what is refused in one line, and the log that shows any change."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ml.governance.signing.keys import new_key, write_key

from ..conftest import FORMS, copy_home, filled_in

REASON = ("--reason", "Read the card from end to end.")
TODAY = datetime.now(UTC).date()
At = Callable[..., Path]


@pytest.fixture(scope="module")
def after(trained_home: Path, review_in: Any, tmp_path_factory: pytest.TempPathFactory) -> At:
    """Return what makes a home in which steps were taken on version 1; each home once."""
    made: dict[tuple[str, ...], Path] = {(): trained_home}

    def home(*steps: str) -> Path:
        if steps not in made:
            place = copy_home(home(*steps[:-1]), tmp_path_factory.mktemp("after") / "home")
            review_in(place, 1, steps[-1:])
            made[steps] = place
        return made[steps]

    return home


WAY = ("fill", "submit", "assess", "approve")


@pytest.fixture
def at(after: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> At:
    """Return what makes a home of one's own after steps: `var` in the working folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *steps: copy_home(after(*steps), tmp_path / "var")


@pytest.fixture
def review(apualy: Any) -> Any:
    """Return a function that takes a step on version 1 of ltu-small."""
    return lambda step, *argv, **environ: apualy(
        "review", step, "ltu-small", *([] if step == "promote" else [1]), *argv, **environ
    )


@pytest.fixture
def form(review: Any, tmp_path: Path) -> Callable[..., Path]:
    """Return what writes the form of an approval, filled in, with one text put in the place of another."""

    def write(old: str = "", new: str = "") -> Path:
        ran = review("form")
        assert (ran.code, ran.err) == (0, "")
        text = filled_in(ran.out)
        assert old in text
        path = tmp_path / "approval.toml"
        path.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
        return path

    return write


def status(apualy: Any, version: int = 1) -> dict[str, Any]:
    ran = apualy("review", "status", "ltu-small", version, "--json")
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    content: dict[str, Any] = json.loads(ran.out)
    return content


def refused(ran: Any, code: int, words: str) -> None:
    assert (ran.code, ran.out) == (code, ""), ran
    assert words in ran.err
    assert ran.err.startswith("apualy: ")
    assert ran.err.count("\n") == 1
    assert "unexpected" not in ran.err


def kept(home: Path) -> dict[str, bytes]:
    """Return what a refused step must leave as it was: the log, the cards and their records."""
    return {
        str(path.relative_to(home)): path.read_bytes()
        for folder in ("review", "model_cards")
        for path in sorted((home / folder).rglob("*"))
        if path.is_file() and path.name not in ("seen", "log.lock")
    }


# ---------------------------------------------------------------- the way


def test_the_whole_way_and_back(
    apualy: Any, review: Any, at: At, form: Callable[..., Path], audit: Callable[[int], Path]
) -> None:
    at()
    for each in ("card", "dialogue"):
        assert apualy("card", "fill", "ltu-small", 1, "--form", FORMS / f"{each}.toml", "--as", "Ada").code == 0
    ran = review("submit", "--as", "Ada")
    assert (ran.code, ran.out) == (0, "ltu-small version 1 is submitted (by Ada)\n")
    ran = review("return", "--as", "Grace", "--reason", "One more thing to write.")
    assert (ran.code, ran.out) == (0, "ltu-small version 1 is draft (by Grace)\n")
    assert review("submit", "--as", "ada").code == 0  # nobody is told apart by a capital letter
    ran = review("assess", "--as", "Grace", *REASON)
    assert (ran.code, ran.out) == (0, "ltu-small version 1 is assessed (by Grace)\n")

    ran = review("approve", "--as", "Alan", "--form", form())
    found = status(apualy)
    expires = datetime.fromisoformat(found["steps"][-1]["approval"]["expires"])
    assert timedelta(days=180) < expires - datetime.now(UTC) < timedelta(days=185)
    assert ran.code == 0
    first, *conditions = ran.out.splitlines()
    assert first == f"ltu-small version 1 is approved with conditions until {expires:%Y-%m-%d} (by Alan)"
    assert len(conditions) == 1
    assert conditions[0].startswith("  condition C1 (Trained and audited again by then) is due by ")
    ran = apualy("review", "promote", "ltu-small")
    assert (ran.code, ran.out) == (0, f"ltu-small version 1 is in use until {expires:%Y-%m-%d}\n")

    ran = review("fulfil", "--as", "Grace", "--condition", "C1", "--audit", audit(1), *REASON)
    assert (ran.code, ran.err) == (0, "")
    ran = review("revoke", "--as", "Ada", "--reason", "A complaint came in.")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "ltu-small version 1 is revoked (by Ada)")
    steps = ["submit", "return", "submit", "assess", "approve", "fulfil", "revoke"]
    assert [each["step"] for each in status(apualy)["steps"]] == steps
    refused(apualy("serve", "ltu-small", APUALY_ENV="demo"), 4, "version 1 is revoked")
    ran = apualy("review", "log", "--verify")
    assert (ran.code, ran.err) == (0, "")
    assert [line.split()[5] for line in ran.out.splitlines()[:-1]] == steps
    assert ran.out.splitlines()[-1].startswith("whole: 7 entries, every signature holds; last ")


def test_the_newest_version_is_meant_when_none_is_named(apualy: Any, at: At) -> None:
    at()
    for each in ("card", "dialogue"):
        assert apualy("card", "fill", "ltu-small", "--form", FORMS / f"{each}.toml", "--as", "Ada").code == 0
    assert apualy("review", "submit", "ltu-small", "--as", "Ada").out.startswith("ltu-small version 2 is submitted")
    assert apualy("review", "status", "ltu-small").out.startswith("ltu-small version 2: submitted")
    assert apualy("review", "status", "ltu-small", 1).out.startswith("ltu-small version 1: draft")


def test_rejected_is_for_good(apualy: Any, review: Any, at: At) -> None:
    at(*WAY[:2])
    ran = review("reject", "--as", "Grace", "--reason", "It cannot be explained.")
    assert (ran.code, ran.out) == (0, "ltu-small version 1 is rejected (by Grace)\n")
    assert status(apualy)["open_steps"] == []
    refused(review("submit", "--as", "Ada"), 4, "open steps: none")


# ---------------------------------------------------------------- status


def test_status_says_what_is_open(apualy: Any, review: Any, at: At) -> None:
    at()
    lines = review("status").out.splitlines()
    assert lines[:2] == ["ltu-small version 1: draft", "card: var/model_cards/ltu-small/1.html"]
    assert any(line.startswith("  gap: ") for line in lines)
    assert any(line.startswith("  deviates from the policy: no temporal validation") for line in lines)
    assert lines[-1] == "open steps: submit"
    assert Path("var/model_cards/ltu-small/1.html").is_file()


def test_status_as_json(apualy: Any, at: At) -> None:
    at(*WAY)
    found = status(apualy)
    assert " ".join(found) == "name version state card gate void open_steps steps gaps deviations conditions"
    assert (found["name"], found["version"], found["state"]) == ("ltu-small", 1, "approved with conditions")
    assert found["open_steps"] == ["revoke", "return", "fulfil"]
    assert found["gaps"] == []
    submitted, assessed, approved = found["steps"]
    assert [each["person"] for each in found["steps"]] == ["Ada", "Grace", "Alan"]
    assert submitted["binding"] == assessed["binding"] == approved["binding"]
    assert all(digest.startswith("sha256:") for digest in approved["binding"].values())
    assert [each["of"] for each in approved["approval"]["accepted"]] == [[each] for each in found["deviations"]]
    assert datetime.fromisoformat(approved["at"]).utcoffset() == timedelta(0)
    assert status(apualy, 2)["state"] == "draft"
    assert status(apualy, 2)["gaps"]


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("before", "argv", "code", "words"),
    [
        ((), ["submit", "--as", "Ada"], 4, "gaps: "),
        ((), ["assess", "--as", "Grace", *REASON], 4, "is draft: cannot assess it; open steps: submit"),
        ((), ["revoke", "--as", "Grace", *REASON], 4, "is draft: nobody has submitted it"),
        ((), ["submit", "--as", " "], 2, "no signing key"),
        (WAY[:1], ["submit", "--as", "Grace"], 4, "takes the role author"),
        (WAY[:2], ["submit", "--as", "Ada"], 4, "is submitted (by Ada): cannot submit it; open steps: return, assess"),
        (WAY[:2], ["assess", "--as", "Ada", *REASON], 4, "takes the role assessor; Ada has none of these"),
        (WAY[:2], ["assess", "--as", "Grace"], 2, "--reason TEXT"),
        (WAY[:2], ["assess", "--as", "Grace", "--reason", "fine"], 2, "at least 3 words"),
        (WAY[:2], ["return", "--as", "Grace"], 2, "--reason TEXT"),
        (WAY[:2], ["reject", "--as", "Grace"], 2, "--reason TEXT"),
        (WAY[:2], ["reject", "--as", "Ada", *REASON], 4, "takes the role assessor or approver"),
        (WAY[:3], ["approve", "--as", "Alan"], 4, "fill in its form: apualy review form ltu-small"),
        (WAY[:3], ["approve", "--as", "Alan", "--form", "none.toml"], 2, "none.toml: cannot be read"),
        (WAY[:3], ["fulfil", "--as", "Grace", "--condition", "C1", *REASON], 4, "is assessed (by Grace): cannot"),
        (WAY, ["revoke", "--as", "Grace"], 2, "--reason TEXT"),
        (WAY, ["fulfil", "--as", "Grace", "--condition", "C9", *REASON], 4, "has no such condition; it has C1"),
        (WAY, ["fulfil", "--as", "Grace", "--condition", "C1", *REASON], 4, "is met by an audit: --audit FILE"),
        (WAY, ["fulfil", "--as", "Ada", "--condition", "C1", *REASON], 4, "takes the role assessor or approver"),
        ((*WAY, "revoke"), ["fulfil", "--as", "Grace", "--condition", "C1", *REASON], 4, "open steps: none"),
        ((*WAY, "revoke"), ["promote"], 4, "no version of ltu-small is approved (version 1 is revoked"),
    ],
)  # fmt: skip
def test_refusals_are_one_line_and_change_nothing(
    review: Any, at: At, before: tuple[str, ...], argv: list[str], code: int, words: str
) -> None:
    home = at(*before)
    earlier = kept(home)
    refused(review(argv[0], *argv[1:]), code, words)
    assert kept(home) == earlier


@pytest.fixture
def keys(at: At, passphrase: Path, tmp_path: Path) -> Path:
    """Return the folder of keys of a home whose version 1 can be submitted, with the keys of people unknown to it."""
    folder = at(*WAY[:1]) / "keys"
    write_key(new_key(), folder / "eve.key", passphrase.read_bytes().strip())
    shutil.copy(folder / "ada.key", folder / "readable.key")
    (folder / "readable.key").chmod(0o644)
    (folder / "garbled.key").touch(mode=0o600)
    (folder / "garbled.key").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", encoding="ascii")
    for name, text in {"wrong": "incorrect horse battery staple", "two": "one line\nand another line"}.items():
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_text(text + "\n", encoding="ascii")
    return folder


@pytest.mark.parametrize(
    ("argv", "environ", "code", "words"),
    [
        (["Mallory"], {}, 2, "mallory.key: there is no signing key; apualy keys new makes one"),
        (["Ada", "--key", "var/keys/none.key"], {}, 2, "none.key: there is no signing key"),
        (["Ada", "--key", "var/keys/grace.key"], {}, 4, "this key is Grace's, not Ada's"),
        (["Eve"], {}, 4, "trust file"),
        (["Ada", "--key", "var/keys/eve.key"], {}, 4, "trust file"),
        (["Ada", "--key", "var/keys/readable.key"], {}, 2, "mode 0644"),
        (["Ada", "--key", "var/keys/garbled.key"], {}, 2, "the key is damaged"),
        (["Ada", "--key", "var/trust.toml"], {}, 2, "trust.toml"),
        (["Ada"], {"APUALY_SIGNING_PASSPHRASE_FILE": "wrong"}, 2, "ada.key: the passphrase is wrong"),
        (["Ada"], {"APUALY_SIGNING_PASSPHRASE_FILE": "two"}, 2, "holds one line, the passphrase"),
        (["Ada"], {"APUALY_SIGNING_PASSPHRASE_FILE": "nowhere"}, 2, "nowhere cannot be read"),
        (["Ada"], {"APUALY_SIGNING_PASSPHRASE_FILE": ""}, 2, "from the terminal or a file"),
        (["Ada"], {"APUALY_TRUST_FILE": "nobody.toml"}, 3, "nobody.toml"),
    ],
)
def test_whoever_signs_shows_it_by_their_key(
    review: Any, keys: Path, argv: list[str], environ: dict[str, str], code: int, words: str
) -> None:
    earlier = kept(keys.parent)
    ran = review("submit", "--as", *argv, **environ)
    refused(ran, code, words)
    assert "horse" not in ran.err
    assert kept(keys.parent) == earlier


# ---------------------------------------------------------------- the form of an approval


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ('reason = "', "reason = ", 3, "the approval form is not TOML"),
        ("does =", "dose =", 3, "dose"),
        ("expires =", "# expires =", 3, "expires"),
        ("expires = ", "expires = 12 # ", 3, "expires"),
        ("expires = ", f"expires = {TODAY - timedelta(1)} # ", 4, "not between tomorrow and the end of the approval"),
        ("expires = ", f"expires = {TODAY + timedelta(200)} # ", 4, "an approval lasts at most 6 months"),
        ('reason = "', 'reason = "" # "', 2, "at least 3 words"),
        ('does = "', 'does = "" # "', 4, "does says too little"),
        ('does = "', 'does = "It gives advice." # "', 4, "does says too little"),
        ('could_go_wrong = "', 'could_go_wrong = "Very little." # "', 4, "could_go_wrong says too little"),
        ('could_go_wrong = "', 'could_go_wrong = "It estimates how long people in a like situation stay without '
         'work." # "', 4, "does and could_go_wrong say the same"),
        ('does = "', 'does = "Advice to a caseworker about how long a spell of unemployment may last, beside their '
         'own judgement and after it." # "', 4, "does repeats the card"),
        ('[[accept]]\ndeviation = "no temporal', '[[accept]]\nfindings = ["F1"]\ndeviation = "no temporal', 3,
         "accept number 1 names either findings or one deviation"),
        ('[[accept]]\ndeviation = "no temporal', '[[accept]]\nfindings = ["F1", "F2"]\nreason = "Of another model."\n\n'
         '[[accept]]\ndeviation = "no temporal', 4, "has nothing to accept by the name of F1; F2"),
        ('deviation = "no temporal', 'deviation = "some temporal', 4, "nothing to accept by the name of some temporal"),
        ('[[accept]]\ndeviation = "no temporal', '[[not_accept]]\ndeviation = "no temporal', 3, "not_accept"),
        ('kind = "audit"', 'kind = "hope"', 3, "hope"),
        ('kind = "audit"', 'kind = "task" #', 4, "condition"),
        ("every_days = 90", "every_days = 0", 4, "every_days"),
        ("due = ", f"due = {TODAY} # ", 4, "is not between tomorrow and the end of the approval"),
        ("due = ", f"due = {TODAY + timedelta(300)} # ", 4, "is not between tomorrow and the end of the approval"),
        ('what = "', 'what = "" # "', 4, "condition C1: say what is asked"),
    ],
)  # fmt: skip
def test_odd_answers_are_refused_in_one_line(
    review: Any, at: At, form: Callable[..., Path], old: str, new: str, code: int, words: str
) -> None:
    home = at(*WAY[:3])
    earlier = kept(home)
    refused(review("approve", "--as", "Alan", "--form", form(old, new)), code, words)
    assert kept(home) == earlier


def test_an_approval_without_a_deviation_accepted(review: Any, at: At, form: Callable[..., Path]) -> None:
    home, path = at(*WAY[:3]), form()
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    path.write_text("\n\n".join(each for each in blocks if "no temporal" not in each), encoding="utf-8")
    earlier = kept(home)
    refused(review("approve", "--as", "Alan", "--form", path), 4, "missing: no temporal validation")
    assert kept(home) == earlier


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\x00", b"[[accept]]\n" * 3])
def test_a_file_that_is_no_form(review: Any, at: At, tmp_path: Path, content: bytes) -> None:
    at(*WAY[:3])
    (tmp_path / "form.toml").write_bytes(content)
    ran = review("approve", "--as", "Alan", "--form", "form.toml")
    refused(ran, 2 if content == b"\xff\xfe" else 3, "form")


def test_the_form_as_printed_is_not_filled_in(review: Any, at: At, tmp_path: Path) -> None:
    at(*WAY[:3])
    (tmp_path / "form.toml").write_text(review("form").out, encoding="utf-8")
    refused(review("approve", "--as", "Alan", "--form", "form.toml"), 2, "at least 3 words")


# ---------------------------------------------------------------- conditions


@pytest.fixture
def audit(apualy: Any, tmp_path: Path) -> Callable[[int], Path]:
    """Return what writes the file of an audit of made-up people."""

    def write(seed: int) -> Path:
        rng = np.random.default_rng(seed)
        chance = rng.beta(2, 3, 40_000).round(3)
        people = pd.DataFrame({"stayed": (rng.random(40_000) < chance).astype(int), "chance": chance,
                               "gender": rng.choice(["women", "men"], 40_000)})  # fmt: skip
        people.to_csv(tmp_path / "people.csv", index=False)
        ran = apualy("audit", "--data", tmp_path / "people.csv", "--outcome", "stayed", "--score", "chance",
                     "--protected", "gender", "--json")  # fmt: skip
        assert (ran.code, ran.err) == (0, "")
        (tmp_path / "audit.json").write_text(ran.out, encoding="utf-8")
        return tmp_path / "audit.json"

    return write


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", 3), (b"{}", 3), (b"[]", 3), (b'"pass"', 3), (b'{"verdict": "pass"}', 3), (b'{"verdict": ["pass"]}', 3),
        (b"verdict: pass", 3), (b"\xff\xfe", 2),
    ],
)  # fmt: skip
def test_an_audit_file_that_is_none(review: Any, at: At, tmp_path: Path, content: bytes, code: int) -> None:
    home = at(*WAY)
    earlier = kept(home)
    (tmp_path / "audit.json").write_bytes(content)
    ran = review("fulfil", "--as", "Grace", "--condition", "C1", "--audit", "audit.json", *REASON)
    refused(ran, code, "audit.json")
    assert kept(home) == earlier


def test_the_same_people_do_not_meet_a_condition_twice(review: Any, at: At, audit: Callable[[int], Path]) -> None:
    at(*WAY)
    fulfil = ("fulfil", "--as", "Grace", "--condition", "C1", *REASON, "--audit")
    assert review(*fulfil, audit(1)).code == 0
    refused(review(*fulfil, audit(1)), 4, "same data")
    assert review(*fulfil, audit(2)).code == 0


# ---------------------------------------------------------------- the log


def test_the_log_as_people_and_programs_read_it(apualy: Any, at: At) -> None:
    at(*WAY)
    lines = apualy("review", "log").out.splitlines()
    assert [line.split()[3:8] for line in lines] == [
        ["ltu-small", "1", "submit", "by", "Ada"],
        ["ltu-small", "1", "assess", "by", "Grace"],
        ["ltu-small", "1", "approve", "by", "Alan"],
    ]
    assert apualy("review", "log", "ltu-none").out == ""
    found = json.loads(apualy("review", "log", "ltu-small", "--verify", "--json").out)
    assert (found["entries"], found["verified"], len(found["steps"])) == (3, True, 3)
    assert found["last"] in apualy("review", "log", "--verify").out
    assert json.loads(apualy("review", "log", "--json").out)["verified"] is False


def _said(line: bytes, old: bytes, new: bytes) -> bytes:
    """Return a line whose statement says something else, written as it ought to be, with the signature it had."""
    envelope = json.loads(line)
    payload = base64.b64decode(envelope["payload"])
    assert payload.count(old) == 1
    envelope["payload"] = base64.b64encode(payload.replace(old, new)).decode()
    return json.dumps(envelope, sort_keys=True, separators=(",", ":")).encode()


def _signed_as(line: bytes, other: bytes) -> bytes:
    envelope = json.loads(line)
    envelope["signatures"] = json.loads(other)["signatures"]
    return json.dumps(envelope, sort_keys=True, separators=(",", ":")).encode()


Lines = list[bytes]
# Lines → what somebody made of them, and the first entry that is not as it was written.
TAMPERED: dict[str, tuple[Callable[[Lines], Lines], int]] = {
    "a byte": (lambda lines: [lines[0], lines[1].replace(b"A", b"B", 1), lines[2]], 2),
    "a reason": (lambda lines: [lines[0], _said(lines[1], b"Read it from", b"Slept from"), lines[2]], 2),
    "a day": (lambda lines: [*lines[:2], _said(lines[2], b'"every_days":90', b'"every_days":99')], 3),
    "a name": (lambda lines: [_said(lines[0], b'"person":"Ada"', b'"person":"Eve"'), *lines[1:]], 1),
    "a signature": (lambda lines: [lines[0], _signed_as(lines[1], lines[0]), lines[2]], 2),
    "a space": (lambda lines: [lines[0], lines[1] + b" ", lines[2]], 2),
    "the first removed": (lambda lines: lines[1:], 1),
    "one removed": (lambda lines: [lines[0], lines[2]], 2),
    "the last removed": (lambda lines: lines[:-1], 3),
    "all removed": (lambda lines: [], 1),
    "two swapped": (lambda lines: [lines[0], lines[2], lines[1]], 2),
    "one twice": (lambda lines: [*lines[:2], lines[1], lines[2]], 3),
    "an empty line": (lambda lines: [lines[0], b"", *lines[1:]], 2),
    "a line of words": (lambda lines: [*lines, b"approved!"], 4),
    "a line of JSON": (lambda lines: [*lines, b"{}"], 4),
}


@pytest.mark.parametrize(("tamper", "entry"), TAMPERED.values(), ids=TAMPERED)
def test_the_log_shows_any_change_and_nothing_goes_on(
    apualy: Any, review: Any, at: At, tamper: Callable[[Lines], Lines], entry: int
) -> None:
    log = at(*WAY) / "review" / "log.jsonl"
    log.write_bytes(b"".join(line + b"\n" for line in tamper(log.read_bytes().splitlines())))
    ran = apualy("review", "log", "--verify")
    refused(ran, 4, f"entry {entry}")
    assert "data-protection officer" in ran.err
    for argv in (["status"], ["return", "--as", "Grace", *REASON], ["promote"]):
        refused(review(*argv), 4, f"entry {entry}")


def test_the_log_of_another_home_is_not_this_ones(apualy: Any, at: At, after: At) -> None:
    home = at(*WAY)
    shutil.copy(after(*WAY[:2], "return", "submit", "assess") / "review" / "log.jsonl", home / "review")
    refused(apualy("review", "log", "--verify"), 4, "entry 3 is not the one that was witnessed")


def test_a_log_that_is_gone_is_missed(apualy: Any, at: At) -> None:
    (at(*WAY) / "review" / "log.jsonl").unlink()
    refused(apualy("review", "log", "--verify"), 4, "entry 1 is missing, of 3")


def test_what_a_crash_cut_short_is_no_entry_and_is_gone_after_the_next(
    apualy: Any, review: Any, at: At, caplog: pytest.LogCaptureFixture
) -> None:
    log = at(*WAY) / "review" / "log.jsonl"
    log.write_bytes(log.read_bytes() + b'{"payload":"eyJf')
    assert "whole: 3 entries" in apualy("review", "log", "--verify").out
    assert review("revoke", "--as", "Grace", *REASON).code == 0
    assert "whole: 4 entries" in apualy("review", "log", "--verify").out
    assert "16 bytes after entry 3 are no entry" in caplog.text


# ---------------------------------------------------------------- what is not there


@pytest.mark.parametrize("step", ["submit", "status", "form"])
@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["ltu-none"], "no model named ltu-none in var; known: ltu-small"),
        (["ltu-none", "1"], "ltu-none has no version 1 in var"),
        (["ltu-small", "3"], "ltu-small has no version 3 in var"),
        (["ltu-small", "0"], "ltu-small has no version 0 in var"),
        (["ltu-small", "one"], "'one' is not the number of a version"),
        (["ltu-small", "-1"], "-1"),
        ([], "MODEL"),
    ],
)
def test_what_is_not_there(apualy: Any, at: At, step: str, argv: list[str], words: str) -> None:
    at()
    ran = apualy("review", step, *argv, *(("--as", "Ada") if step == "submit" else ()))
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


@pytest.mark.parametrize(
    "argv",
    [
        ["review"], ["review", "bless", "ltu-small"], ["review", "submit", "ltu-small"],
        ["review", "fulfil", "ltu-small", "--as", "Ada"], ["review", "approve", "ltu-small", "--as", "A", *REASON],
    ],
)  # fmt: skip
def test_a_wrong_command_line(apualy: Any, at: At, argv: list[str]) -> None:
    at()
    ran = apualy(*argv)
    assert (ran.code, ran.out) == (2, "")
    assert "usage: apualy" in ran.err


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["status", "ltu-small"], 2, "no model named ltu-small in var; known: none"),
        (["log"], 0, ""),
        (["log", "--verify"], 0, ""),
        (["promote", "ltu-small"], 4, "there is no model named ltu-small; known models: none"),
    ],
)
def test_asking_about_an_empty_home_makes_no_home(
    apualy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str], code: int, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = apualy("review", *argv)
    assert ran.code == code
    assert words in ran.err
    assert not Path("var").exists()
