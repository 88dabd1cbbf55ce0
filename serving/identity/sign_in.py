"""Sign-in on the pages: the authorisation-code flow with PKCE, one provider, one client."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus, urlencode

from jwt.utils import base64url_encode

from ml.errors import AccessError, ForbiddenError, UnavailableError

from .claims import UNREADABLE, Claims, check
from .cookie import Cookie, cookie_name
from .fetch import post_form
from .identity import Identity
from .issuer import Issuer
from .person import identity_of
from .published import Published
from .roles import Role
from .settings import Client, ProviderSettings
from .token import Token, read_token
from .transaction import BEGIN_AGAIN, LASTS_SECONDS, Seal, Transaction, new_transaction
from .verify import verified

REDIRECT_PATH = "/sign-in/complete"
SIGNED_OUT_PATH = "/signed-out"
SCOPE = "openid profile"
LARGEST_ANSWER = 64 * 1024  # bytes
LONGEST_CODE = 4096
REFUSED = "the identity provider did not sign you in; begin again, or ask its operator"
SPENT = "the identity provider does not take the code of this sign-in, it may be used or too old; begin again"
NOT_THIS_SIGN_IN = "the identity provider answered another sign-in than this one; begin again"
MACHINE = "a machine client does not sign in on the pages; it sends its token to the API"
SHA512_ALGORITHMS = ("EdDSA",)  # Ed25519 hashes with SHA-512; the others with SHA-256


@dataclass(frozen=True)
class SignedIn:
    """Who signed in, and the path of this service that they were on their way to."""

    identity: Identity
    return_to: str


class SignIn:
    """From a browser to an identity and back. May be asked by many threads at once; asks the network."""

    def __init__(
        self,
        settings: ProviderSettings,
        client: Client,
        issuer: Issuer,
        seal: Seal,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Ask nothing yet; `issuer` is the Provider's, so that both know the same keys."""
        self._settings, self._client, self._issuer, self._seal, self._now = settings, client, issuer, seal, now
        self.cookie_name = cookie_name("sign-in", client.over_tls)

    def begin(self, return_to: str) -> tuple[str, Cookie]:
        """Return where to send the browser, and the cookie that it brings back.

        Raises InputError unless `return_to` is a path of this service, UnavailableError when nothing is known of the
        provider.
        """
        transaction = new_transaction(return_to)
        challenge = base64url_encode(hashlib.sha256(transaction.verifier.encode()).digest()).decode("ascii")
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.public_url + REDIRECT_PATH,
            "scope": SCOPE,
            "state": transaction.state,
            "nonce": transaction.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = _with_query(self._issuer.known().authorization_endpoint, asked)
        return address, self._cookie(self._seal.close(transaction), LASTS_SECONDS)

    def complete(self, code: str | None, state: str | None, cookie: str | None, error: str | None = None) -> SignedIn:
        """Return who came back from the provider.

        code, state, error  of the address that the browser was sent to, as they stand there
        cookie              the value of the cookie of `begin`
        Raises AccessError when this is no sign-in of this browser or the provider does not vouch for it,
        ForbiddenError when it names no role here, UnavailableError when it cannot be asked.
        """
        transaction = self._seal.open(cookie)
        if not hmac.compare_digest(transaction.state.encode(), (state or "").encode("utf-8", "replace")):
            raise AccessError(BEGIN_AGAIN)
        if error is not None or not code or len(code) > LONGEST_CODE:
            raise AccessError(REFUSED)
        identity = self._identity(self._exchanged(code, transaction.verifier), transaction)
        return SignedIn(identity, transaction.return_to)

    def over(self) -> Cookie:
        """Return what takes the cookie of `begin` away; to be sent with whatever `complete` led to."""
        return self._cookie("", 0)

    def sign_out_address(self) -> str | None:
        """Return where a browser ends its session with the provider, too; None when the provider has no such place.

        It comes back to `SIGNED_OUT_PATH`. The provider may ask the person first: we keep no token of theirs to hint.
        """
        address = self._issuer.known().end_session_endpoint
        if address is None:
            return None
        back = self._client.public_url + SIGNED_OUT_PATH
        return _with_query(address, {"client_id": self._client.client_id, "post_logout_redirect_uri": back})

    def _cookie(self, value: str, lasts_seconds: int) -> Cookie:
        return Cookie(self.cookie_name, value, lasts_seconds, self._client.over_tls)

    def _exchanged(self, code: str, verifier: str) -> Mapping[str, Any]:
        """Return what the provider gives for a code."""
        known = self._issuer.known()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.public_url + REDIRECT_PATH,
            "client_id": self._client.client_id,
            "code_verifier": verifier,
        }
        secret, headers = _secret(self._client, known)
        try:
            status, answer = post_form(known.token_endpoint, form | secret, headers, LARGEST_ANSWER)
        except UnavailableError as problem:
            raise UnavailableError(f"sign-in cannot be completed: the identity provider {problem}; try again") from None
        if status != 200:
            raise AccessError(SPENT if answer.get("error") == "invalid_grant" else REFUSED)
        return answer

    def _identity(self, answer: Mapping[str, Any], transaction: Transaction) -> Identity:
        written = answer.get("id_token")
        if not isinstance(written, str):
            raise AccessError(UNREADABLE)
        token = read_token(written)
        claims, _ = verified(token, self._issuer)
        expires = check(claims, self._settings.issuer, self._client.client_id, self._now())
        self._check_id_token(claims, token, transaction, answer.get("access_token"))
        identity = identity_of(claims, self._settings.reading, expires)
        if Role.INTEGRATION in identity.roles:
            raise ForbiddenError(MACHINE)
        return identity

    def _check_id_token(self, claims: Claims, token: Token, transaction: Transaction, access_token: Any) -> None:
        """Raise AccessError unless an ID token is of this sign-in and this client (OpenID Connect Core 3.1.3.7)."""
        nonce, party, audience = claims.text("nonce"), claims.values.get("azp"), claims.values.get("aud")
        if nonce is None or not hmac.compare_digest(nonce.encode("utf-8", "replace"), transaction.nonce.encode()):
            raise AccessError(NOT_THIS_SIGN_IN)
        several = isinstance(audience, list) and len(audience) > 1
        if (party is not None or several) and party != self._client.client_id:
            raise AccessError(NOT_THIS_SIGN_IN)
        if claims.moment("iat") is None:
            raise AccessError(UNREADABLE)
        half = claims.values.get("at_hash")
        if half is not None and half != _half_hash(token.algorithm, access_token):
            raise AccessError(NOT_THIS_SIGN_IN)


def _half_hash(algorithm: str, access_token: Any) -> str | None:
    """Return the left half of a token's hash, as `at_hash` has it; None when there is no token."""
    if not isinstance(access_token, str):
        return None
    hashed = hashlib.new("sha512" if algorithm in SHA512_ALGORITHMS else "sha256", access_token.encode()).digest()
    return base64url_encode(hashed[: len(hashed) // 2]).decode("ascii")


def _secret(client: Client, known: Published) -> tuple[dict[str, str], dict[str, str]]:
    """Return form fields and headers that show the client's secret, if it has one."""
    if client.secret is None:
        return {}, {}
    if known.secret_in_body:
        return {"client_secret": client.secret}, {}
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.secret)}"  # RFC 6749 section 2.3.1
    return {}, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"}


def _with_query(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"
