"""What the environment says about the identity provider: read once, frozen, checked at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ml.errors import UsageError
from ml.governance.signing.private_file import read_private

from .address import safe_address
from .person import Reading
from .roles import Role, own_names

OURS = "APUALY_OIDC_"
ROLE = f"{OURS}ROLE_"
PUBLIC_URL = "APUALY_PUBLIC_URL"
NAMES = ("ISSUER", "AUDIENCE", "CLIENT_ID", "CLIENT_SECRET_FILE", "ROLES_CLAIM", "SUBJECT_CLAIM", "OFFICE_CLAIM")


@dataclass(frozen=True)
class Client:
    """Our service, as the provider knows it, for sign-in on the pages.

    secret  None: a public client
    """

    client_id: str
    public_url: str
    secret: str | None = field(default=None, repr=False)

    @property
    def over_tls(self) -> bool:
        """Whether browsers reach the pages over TLS; without it only those on this machine do."""
        return self.public_url.startswith("https:")


@dataclass(frozen=True)
class ProviderSettings:
    """Facts of one provider.

    issuer    exactly as its tokens name it
    audience  this service, as the provider names it in tokens for the API
    client    None: nobody signs in on the pages
    """

    issuer: str
    audience: str
    reading: Reading
    client: Client | None = None


def provider_settings(environ: Mapping[str, str]) -> ProviderSettings | None:
    """Return what APUALY_OIDC_* and APUALY_PUBLIC_URL say; None when no provider is named at all.

    Raises UsageError with what to set.
    """
    said = {name: value.strip() for name, value in environ.items() if name.startswith(OURS) and value.strip()}
    known = {*(OURS + name for name in NAMES), *(ROLE + role.upper() for role in Role)}
    for name in sorted(said.keys() - known):
        raise UsageError(f"{name} is no setting of this service; there are {', '.join(sorted(known))}")
    if not said:
        return None
    issuer = _address("APUALY_OIDC_ISSUER", _needed(said, "ISSUER"), "https://login.example.fi/realms/staff")
    reading = Reading(
        roles=said.get(f"{OURS}ROLES_CLAIM", "roles"),
        meaning=_meaning(said),
        subject=said.get(f"{OURS}SUBJECT_CLAIM", "sub"),
        office=said.get(f"{OURS}OFFICE_CLAIM"),
    )
    return ProviderSettings(issuer, _needed(said, "AUDIENCE"), reading, _client(said, environ))


def _needed(said: Mapping[str, str], name: str) -> str:
    if OURS + name not in said:
        others = ", ".join(sorted(said))
        raise UsageError(f"{OURS}{name} is needed beside {others}; set it to what the identity provider says")
    return said[OURS + name]


def _address(name: str, written: str, example: str) -> str:
    try:
        safe_address(written)
    except ValueError as problem:
        raise UsageError(f"{name} is {problem}; it must read like {example}") from None
    if "?" in written or "#" in written:
        raise UsageError(f"{name} must end before any ? or #, as {example}")
    return written


def _client(said: Mapping[str, str], environ: Mapping[str, str]) -> Client | None:
    client_id, secret_file = said.get(f"{OURS}CLIENT_ID"), said.get(f"{OURS}CLIENT_SECRET_FILE")
    if client_id is None:
        if secret_file is not None:
            raise UsageError(f"{OURS}CLIENT_SECRET_FILE is of no use without {OURS}CLIENT_ID; set that, too")
        return None
    public_url = environ.get(PUBLIC_URL, "").strip()
    if not public_url:
        raise UsageError(f"{PUBLIC_URL} is needed for sign-in; set it to the address of the pages, as browsers see it")
    public_url = _address(PUBLIC_URL, public_url, "https://apualy.example.fi").rstrip("/")
    return Client(client_id, public_url, None if secret_file is None else _secret(Path(secret_file)))


def _secret(path: Path) -> str:
    try:
        secret = read_private(path, f"{OURS}CLIENT_SECRET_FILE").decode("utf-8").strip()
    except UnicodeDecodeError:
        secret = ""
    if not secret or not secret.isprintable():
        raise UsageError(f"{OURS}CLIENT_SECRET_FILE: {path} must hold the client's secret in one line of text")
    return secret


def _meaning(said: Mapping[str, str]) -> dict[str, Role]:
    """Return value → role; what is said of a role stands in place of its own names."""
    meaning: dict[str, Role] = {}
    for role in Role:
        written = said.get(ROLE + role.upper())
        values = own_names(role) if written is None else [value.strip() for value in written.split(",")]
        for value in values:
            if not value:
                raise UsageError(f"{ROLE}{role.upper()} must be values between commas, each at least one character")
            if meaning.setdefault(value, role) is not role:
                raise UsageError(
                    f'"{value}" stands for two roles, {meaning[value]} and {role}; name it for one of them'
                )
    return meaning
