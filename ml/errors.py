"""The errors of apualy. Each class knows its exit code and its HTTP status.

    ApualyError              1  500  anything that is nobody's fault in particular
    ├── UsageError           2  400  the command line or the environment is wrong
    ├── InputError           3  422
    │   ├── ContractError    3  422  the contract breaks a rule
    │   └── DataError        3  422  the data breaks a rule of the contract
    ├── GateError            4  503  the gate refuses: no approval, expired, revoked, altered
    ├── UnavailableError     1  503  something that the service needs does not answer
    ├── NotFoundError        1  404  there is no such thing
    ├── ConflictError        1  409  it was done already, or things are otherwise meanwhile
    ├── TooManyError         1  429  asked too often
    └── AccessError          1  401
        └── ForbiddenError   1  403

A message is one line for the person who can act: what is wrong, where, what to do.
"""

import re
from http import HTTPStatus

# Day, month and year, century sign, individual number, check character (Finnish identity code, DVV). Letters and
# underscores may be glued to it, but not so that hexadecimal digests and UUIDs read as one.
_BORN = r"(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}"
_REST = r"[0-9]{3}[0-9A-Za-z]"
IDENTITY_CODE = re.compile(
    rf"(?<![0-9a-f]){_BORN}[-+]{_REST}(?![0-9])|(?<![0-9A-Za-z]){_BORN}[A-FU-Ya-fu-y]{_REST}(?![0-9A-Za-z])"
)


def without_identity_codes(text: str) -> str:
    """Return the text with everything that has the form of a Finnish identity code struck out."""
    return IDENTITY_CODE.sub("[identity code]", text)


class ApualyError(Exception):
    """Something apualy can explain; str() is one line and never holds an identity code."""

    exit_code = 1
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    kind: str | None = None  # a name by which a program tells this problem from others of its status

    def __init__(self, message: str) -> None:
        """Keep the message as one line, with identity codes struck out."""
        super().__init__(without_identity_codes(" ".join(message.split())))


class UsageError(ApualyError):
    """The command line or the environment asks for what cannot be."""

    exit_code = 2
    status = HTTPStatus.BAD_REQUEST


class InputError(ApualyError):
    """What was handed in breaks a rule."""

    exit_code = 3
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class ContractError(InputError):
    """The contract breaks a rule."""


class DataError(InputError):
    """The data breaks a rule of the contract."""


class GateError(ApualyError):
    """The gate refuses: no model may be used for advice."""

    exit_code = 4
    status = HTTPStatus.SERVICE_UNAVAILABLE


class AccessError(ApualyError):
    """The caller did not show who they are."""

    status = HTTPStatus.UNAUTHORIZED


class ForbiddenError(AccessError):
    """The caller is known and may not do this."""

    status = HTTPStatus.FORBIDDEN


class UnavailableError(ApualyError):
    """Something that the service needs does not answer: the database, the identity provider."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class NotFoundError(ApualyError):
    """There is no such thing, or none that the caller may know of."""

    status = HTTPStatus.NOT_FOUND


class ConflictError(ApualyError):
    """What is asked was done already, or the thing is not any more as the caller saw it."""

    status = HTTPStatus.CONFLICT


class TooManyError(ApualyError):
    """The caller asks too often; `seconds` later it can be asked again."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, message: str, seconds: int = 1) -> None:
        """Keep the message and when to come back."""
        super().__init__(message)
        self.seconds = seconds
