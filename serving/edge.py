"""The edge: a posted identity code becomes a pseudonym here, and is forgotten. No other place of serving sees one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from ml.errors import UsageError
from ml.pseudonym import MasterKey, Pseudonymiser

ADVICE = "advice"  # the purpose whose pseudonyms the service knows clients by
RISK, NEEDS = "ltu-risk", "service-need"  # the purposes of the cohorts that are scored


class Named(Protocol):
    """A client as posted: by pseudonym or by identity code, one of them."""

    @property
    def pseudonym(self) -> str | None:
        """Return the pseudonym, where that was posted."""
        ...

    @property
    def identity_code(self) -> str | None:
        """Return the identity code, where that was posted."""
        ...


@dataclass(frozen=True)
class Pseudonyms:
    """One person's pseudonyms: here, and in the cohorts of the models where the identity code was at hand."""

    client: str
    risk: str | None = None
    needs: str | None = None


@dataclass(frozen=True)
class Edge:
    """Turns posted names of clients into pseudonyms; without a key only pseudonyms can be posted."""

    key: MasterKey | None

    def client(self, named: Named) -> str:
        """Return the pseudonym by which the service knows a client.

        Raises DataError when the identity code is odd, which is never shown; UsageError when there is no key.
        """
        return named.pseudonym or self._of(self._advice, named.identity_code)

    def pseudonyms(self, named: Named) -> Pseudonyms:
        """Return all pseudonyms of a client; those of the cohorts only where the identity code was posted."""
        if named.pseudonym is not None:
            return Pseudonyms(named.pseudonym)
        code = named.identity_code
        return Pseudonyms(self._of(self._advice, code), self._of(self._risk, code), self._of(self._needs, code))

    def fingerprint(self, purpose: str) -> str | None:
        """Return by what a purpose's pseudonyms of this key are told from another's; None: there is no key."""
        return None if self.key is None else self.key.for_purpose(purpose).fingerprint

    def _of(self, pseudonymiser: Pseudonymiser, code: str | None) -> str:
        return pseudonymiser.pseudonym(code or "")

    @cached_property
    def _advice(self) -> Pseudonymiser:
        return self._required.for_purpose(ADVICE)

    @cached_property
    def _risk(self) -> Pseudonymiser:
        return self._required.for_purpose(RISK)

    @cached_property
    def _needs(self) -> Pseudonymiser:
        return self._required.for_purpose(NEEDS)

    @property
    def _required(self) -> MasterKey:
        if self.key is None:
            raise UsageError("this service has no key of pseudonyms: name the client by pseudonym")
        return self.key
