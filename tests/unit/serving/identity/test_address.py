"""Under which names a demonstration is reached: those of this machine, and no other that was made to lead here."""

from __future__ import annotations

import pytest

from ml.errors import ForbiddenError
from serving.identity.address import named_on_this_machine


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "localhost", "127.0.0.1", "[::1]",
                                  "127.3.4.5:1", "localhost:65535"])  # fmt: skip
def test_names_of_this_machine(host: str) -> None:
    assert named_on_this_machine(host) == f"http://{host}"


@pytest.mark.parametrize(
    "host",
    [None, "", "evil.example", "evil.example:8000", "127.0.0.1.evil.example:8000", "localhost.evil.example:8000",
     "evil.localhost:8000", "127.0.0.1:8000.evil.example", "user@127.0.0.1:8000", "127.0.0.1:8000/", "127.0.0.1#:8000",
     "0.0.0.0:8000", "10.0.0.1:8000", "[::]:8000", "::1", "2130706433:8000", "0x7f000001", "127.1", "127.0.0.1:65536",
     "127.0.0.1:99999", "127.0.0.1:", "localhost:80\n", "localhost :80", "LOCALHOST", "löcalhost", "[::1]evil"],
)  # fmt: skip
def test_other_names(host: str | None) -> None:
    with pytest.raises(ForbiddenError, match="for this machine only"):
        named_on_this_machine(host)
