"""Whose signatures count: the trust file, and when two spellings are one person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import ContractError, GateError
from ml.governance.signing.keys import new_key
from ml.governance.signing.names import name_problem, nobody, same_person
from ml.governance.signing.public_key import public_key
from ml.governance.signing.trust import ACCOUNT, Person, PersonKey, Role, Trust, read_trust
from ml.governance.signing.trust_text import add_person, person_block

KEYS = tuple(new_key().public for _ in range(4))
ONE, TWO, THREE, FOUR = KEYS
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
File = Callable[[str], Path]


@pytest.fixture
def file(tmp_path: Path) -> File:
    def write(text: str) -> Path:
        path = tmp_path / "trust.toml"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
        return path

    return write


def block(name: str = "Ada Lovelace", roles: str = '["author"]', key: str = ONE, more: str = "", days: str = "") -> str:
    return f'[[person]]\nname = "{name}"\nroles = {roles}\n{more}\n[[person.key]]\npublic = "{key}"\n{days}\n'


# ---------------------------------------------------------------- reading


def test_people_roles_keys_and_days_are_read(file: File):
    second = f'[[person.key]]\npublic = "{TWO} grace@desk"\nfrom = 2027-01-01\n'
    ada = block("Ada Lovelace", days="until = 2026-12-31")
    grace = block("Grace Häkkinen", '["assessor", "approver"]', THREE, "demo = true")
    trust = read_trust(file(f"# who\n{ada}{second}{grace}"))
    assert trust.people == (
        Person("Ada Lovelace", frozenset({Role.AUTHOR}), False, (
            PersonKey(public_key(ONE), None, date(2026, 12, 31)), PersonKey(public_key(TWO), date(2027, 1, 1), None)
        )),
        Person("Grace Häkkinen", frozenset({Role.ASSESSOR, Role.APPROVER}), True, (PersonKey(public_key(THREE)),)),
    )  # fmt: skip


@pytest.mark.parametrize(("text", "words"), [
    ("person = 1", r"person: is written with two brackets"),
    ("[person]\nname = 'Ada'", r"person: is written with two brackets"),
    ("[[people]]\nname = 'Ada'", "people: is no key of a trust file"),
    ("name = ", "is not TOML"),
    (block(more='email = "ada@example.org"'), r"person 1 \(Ada Lovelace\)|person 1: unknown key email"),
    (block(roles='["author", "king"]'), "unknown role king; roles are a list of author, assessor, approver"),
    (block(roles="[]"), "has no role"),
    (block(roles='"author"'), "has no role"),
    (block(roles="[[1]]"), "unknown role"),
    (block(more='demo = "no"'), "demo is true or false"),
    ('[[person]]\nname = "Ada"\nroles = ["author"]', "has no key"),
    ('[[person]]\nname = "Ada"\nroles = ["author"]\nkey = "x"', "key: is written with two brackets"),
    ('[[person]]\nroles = ["author"]', "person 1: name is missing"),
    (block(name="  "), "a name has letters"),
    (block(name="Ad\\u200ba"), "characters that nobody sees"),
    (block(name="Ada\\nLovelace"), "characters that nobody sees"),
    (block(name="Аda Lovelace"), "mixes letters of CYRILLIC and LATIN; write it in one script"),
    (block(key="hello"), "'hello' is not a public key"),
    (block(key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "anybody can sign"),
    (block(days='until = "2026-12-31"'), "dates like 2026-11-28, without quotation marks"),
    (block(days="from = 2026-12-31T00:00:00Z"), "dates like 2026-11-28"),
    (block(days="from = 2026-12-31\nuntil = 2026-12-30"), "until 2026-12-30, before it signs from 2026-12-31"),
    (block(days="till = 2026-12-31"), "key: unknown key till; known are from, public, until"),
    (block() + block("Grace", key=ONE), "one public key is there twice, under 'Ada Lovelace' and 'Grace'"),
    (block() + f'[[person.key]]\npublic = "{ONE} again"', "one public key is there twice"),
    (block() + block("Lovelace, Ada", key=TWO), "'Ada Lovelace' and 'Lovelace, Ada' are one person"),
    (block(more="account = 7"), "account is the identity provider's id of them"),
    (block(more='account = ""'), "account is the identity provider's id of them"),
    (block(more='account = "a b"'), "without blanks"),
    (block(more='account = "a1"') + block("Grace", key=TWO, more='account = "a1"'),
     "'Ada Lovelace' and 'Grace' have one account, a1; an account is one person's"),
])  # fmt: skip
def test_a_trust_file_that_is_wrong_is_refused_with_its_place(file: File, text: str, words: str):
    path = file(text)
    with pytest.raises(ContractError, match=words) as refused:
        read_trust(path)
    assert str(refused.value).startswith(str(path))


def test_all_problems_are_told_at_once_ten_at_most(file: File):
    with pytest.raises(ContractError) as refused:
        read_trust(file(block("Ada", '["king"]', "hello")))
    assert "unknown role king" in str(refused.value)
    assert "'hello' is not a public key" in str(refused.value)
    with pytest.raises(ContractError, match="24 problems in all") as refused:
        read_trust(file("".join(block(f"Person {n}", '["king"]', "hello") for n in range(12))))
    assert str(refused.value).count("unknown role king") == 5


def test_a_file_that_is_missing_or_that_others_can_change_is_refused(file: File, tmp_path: Path):
    with pytest.raises(ContractError, match="there is no trust file; people make a key with apualy keys new"):
        read_trust(tmp_path / "nothing.toml")
    with pytest.raises(ContractError, match="cannot be read"):
        read_trust(tmp_path)
    path = file(block())
    for mode, fine in ((0o600, True), (0o444, True), (0o664, False), (0o646, False), (0o602, False), (0o620, False)):
        path.chmod(mode)
        if fine:
            assert read_trust(path).people
        else:
            with pytest.raises(ContractError, match=f"mode {mode:04o}, so others than the operator can change it"):
                read_trust(path)
    path.chmod(0o644)
    path.write_bytes(b"\xff")
    with pytest.raises(ContractError, match="cannot be read"):
        read_trust(path)


@pytest.mark.parametrize(("at", "words"), [
    (datetime(2026, 11, 27, 23, 59, 59, tzinfo=UTC), "signs from 2026-11-28 on, not on 2026-11-27"),
    (datetime(2026, 11, 28, tzinfo=UTC), None),
    (datetime(2026, 11, 28, 1, tzinfo=timezone(timedelta(hours=2))), "not on 2026-11-27"),
    (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), None),
    (datetime(2027, 1, 1, tzinfo=UTC), "signed until 2026-12-31, not on 2027-01-01"),
])  # fmt: skip
def test_a_key_signs_from_its_first_to_its_last_day(at: datetime, words: str | None):
    key = PersonKey(public_key(ONE), date(2026, 11, 28), date(2026, 12, 31))
    trust = Trust((Person("Ada", frozenset({Role.AUTHOR}), False, (key,)),))
    if words is None:
        assert trust.signer(key.public.keyid, at).name == "Ada"
    else:
        with pytest.raises(GateError, match=words):
            trust.signer(key.public.keyid, at)
    with pytest.raises(GateError, match="is nobody's in the trust file"):
        trust.signer(public_key(TWO).keyid, at)


# ---------------------------------------------------------------- adding


def person(name: str, *keys: str, roles: frozenset[Role] = frozenset({Role.AUTHOR}), demo: bool = False) -> Person:
    return Person(name, roles, demo, tuple(PersonKey(public_key(key)) for key in keys))


def test_adding_keeps_every_line_that_was_there(file: File, tmp_path: Path):
    text = f"# the operator's words\n{block()}# Ada's desk\n\n# Grace comes next\n{block('Grace', key=TWO)}# the end"
    path = file(text)
    path.chmod(0o640)
    assert add_person(path, person("Ada Lovelace", ONE, THREE))
    assert add_person(path, person("Linus", FOUR))
    lines = path.read_text().splitlines()
    assert [line for line in lines if line in text.splitlines()] == text.splitlines() or set(text.splitlines()) <= set(
        lines
    )
    names = [(each.name, [key.public.line for key in each.keys]) for each in read_trust(path).people]
    assert names == [("Ada Lovelace", [ONE, THREE]), ("Grace", [TWO]), ("Linus", [FOUR])]
    assert lines.index(f'public = "{THREE}"') < lines.index("# Ada's desk") < lines.index("# Grace comes next")
    assert (path.stat().st_mode & 0o777, [each.name for each in tmp_path.iterdir()]) == (0o640, ["trust.toml"])
    before = path.read_bytes()
    assert not add_person(path, person("Linus", FOUR))
    assert path.read_bytes() == before


@pytest.mark.parametrize(("who", "words"), [
    (person("Lovelace Ada", TWO), "Ada Lovelace is there already, with roles author"),
    (person("Ada Lovelace", TWO, demo=True), "is there already"),
    (person("Ada Lovelace", TWO, roles=frozenset({Role.APPROVER})), "is there already"),
    (person("Grace", ONE), "one public key is there twice"),
    (person("Grаce", TWO), "mixes letters"),
])  # fmt: skip
def test_what_would_make_the_file_wrong_is_not_added(file: File, who: Person, words: str):
    path = file(block())
    before = path.read_bytes()
    with pytest.raises(ContractError, match=words):
        add_person(path, who)
    assert path.read_bytes() == before


def test_a_file_written_in_another_way_is_left_to_the_operator(file: File):
    path = file(f'person = [{{name = "Ada", roles = ["author"], key = [{{public = "{ONE}"}}]}}]\n')
    before = path.read_bytes()
    for who in (person("Ada", TWO), person("Grace", TWO)):
        with pytest.raises(ContractError):
            add_person(path, who)
    assert path.read_bytes() == before


def test_an_account_is_added_to_who_is_there_and_never_changed(file: File):
    text = f"# the operator's words\n{block()}\n{block('Grace', key=TWO)}# the end\n"
    path = file(text)
    assert read_trust(path).of_account("grace@idp") is None
    grace = replace(person("Grace", TWO), account="grace@idp")
    assert add_person(path, grace)
    assert set(text.splitlines()) <= set(path.read_text().splitlines())
    found = read_trust(path)
    assert [each.account for each in found.people] == [None, "grace@idp"]
    assert found.of_account("grace@idp") == found.people[1]
    assert found.of_account("Grace@idp") is found.of_account("ada@idp") is None
    before = path.read_bytes()
    for same in (grace, person("Grace", TWO)):
        assert not add_person(path, same)
    assert add_person(path, replace(person("Grace", THREE), account="grace@idp"))
    before = path.read_bytes()
    for who, words in ((replace(grace, account="other"), "has the account grace@idp already"),
                       (replace(person("Ada Lovelace", ONE), account="grace@idp"), "have one account")):  # fmt: skip
        with pytest.raises(ContractError, match=words):
            add_person(path, who)
    assert path.read_bytes() == before


def test_the_first_person_makes_the_file(tmp_path: Path):
    path = tmp_path / "home" / "trust.toml"
    assert add_person(path, person("Ada", ONE))
    assert path.stat().st_mode & 0o777 == 0o644
    assert [each.name for each in read_trust(path).people] == ["Ada"]


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(lambda name: name_problem(name) is None)
DAYS = st.none() | st.dates()


ACCOUNTS = st.none() | st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(ACCOUNT.fullmatch)


@given(NAMES, st.frozensets(st.sampled_from(list(Role)), min_size=1), st.booleans(), DAYS, DAYS, ACCOUNTS)
def test_a_block_reads_back(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    roles: frozenset[Role],
    demo: bool,
    one: date,
    other: date,
    account: str | None,
):
    first, last = (one, other) if not (one and other) or one <= other else (other, one)
    keys = (PersonKey(public_key(ONE), first, last), PersonKey(public_key(TWO)))
    who = Person(name, roles, demo, keys, account)
    path = tmp_path_factory.mktemp("trust") / "trust.toml"
    path.write_text(person_block(who), encoding="utf-8")
    path.chmod(0o600)
    assert read_trust(path).people == (who,)


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(("one", "other"), [
    ("Ada Lovelace", "ada  LOVELACE "),
    ("Ada Lovelace", "Lovelace, Ada"),
    ("Ada Lovelace", "Ada_Lovelace."),
    ("Ada Lovelace", "AdaLovelace"),
    ("Ada Lovelace", "A\u200bda Love\u00adlace\u2060"),
    ("Ada Lovelace", "Аdа Lоvеlасе"),  # Cyrillic а, о, е, с
    ("Ada Lovelace", "Αda Lοvelace"),  # Greek Α, ο
    ("HOPE", "НОРЕ"),  # all Cyrillic
    ("Anna Tikka", "АNNА ТІККА"),
    ("Ada Lovelace", "Ａｄａ Ｌｏｖｅｌａｃｅ"),
    ("Ada Lovelace", "𝐀𝐝𝐚 𝐋𝐨𝐯𝐞𝐥𝐚𝐜𝐞"),
    ("Häkkinen", "Hakkinen"),
    ("Häkkinen", "Ha\u0308kkinen"),
    ("Åsa Öhman", "asa ohman"),
    ("Søren Łukasz", "Soren Lukasz"),
    ("Weiß", "WEISS"),
    ("İpek", "ipek"),
    ("Anna-Maria Aalto", "Aalto, Anna Maria"),
    ("Anna-Maria", "Annamaria"),
    ("Åsa Anna-Mäki", "Maki Anna Asa"),
    ("Anna-Ma\u00adria Aalto", "Aalto Anna Maria"),
    ("O'Brien", "O’Brien"),
    ("Pat O'Brien", "OBrien Pat"),
    ("J. R. Tolkien", "J.R. Tolkien"),
    ("Ada\u3164 Lovelace", "Ada Lovelace"),
    ("A\u034fda", "Ada"),
])  # fmt: skip
def test_two_spellings_of_one_person(one: str, other: str):
    assert same_person(one, other)
    assert same_person(other, one)


@pytest.mark.parametrize(("one", "other"), [
    ("Ada Lovelace", "Ada Lovelake"),
    ("Ada Lovelace", "Ada"),
    ("Ada Lovelace", "Ada King Lovelace"),
    ("Ada Lovelace", "Ada Lovelace 2"),
    ("Mika Lahti", "Mikael Lahti"),
    ("Anna Toivonen", "Anna Voitonen"),
    ("Ада Лавлейс", "Ada Lovelace"),
    ("", ""),
    ("--", " - "),
])  # fmt: skip
def test_two_people(one: str, other: str):
    assert not same_person(one, other)


@pytest.mark.parametrize(
    "name", ["Ada Lovelace", "Ада Лавлейс", "Αλέξης Τσίπρας", "佐藤 はなこ", "O’Brien", "Ōta", "Ｈana"]
)
def test_honest_names_are_taken(name: str):
    assert name_problem(name) is None


@given(st.text(), st.text())
def test_sameness_is_mutual_and_says_nothing_of_nobody(one: str, other: str):
    assert same_person(one, other) == same_person(other, one)
    assert same_person(one, one) != nobody(one)
    assert same_person(f"{one} x", f"X, {one}")


@given(st.lists(st.text("abcdeåäöABCÅÄ", min_size=1, max_size=6), min_size=1, max_size=4).flatmap(
    lambda words: st.tuples(st.just(words), st.permutations(words))
))  # fmt: skip
def test_the_order_of_words_and_their_case_never_matter(words: tuple[list[str], list[str]]):
    written, other = words
    assert same_person(" ".join(written), ", ".join(other).upper())
