"""The key pair that signs, with or without an STS token."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from uploads.oss.errors import RefusedLocally

# https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls
MAX_EXPIRES = 7 * 24 * 3600
MAX_EXPIRES_WITH_TOKEN = 12 * 3600
# A token whose end nobody told us may lapse at any time; promise little.
EXPIRES_OF_UNKNOWN_TOKEN = 15 * 60


@dataclass(frozen=True, slots=True)
class Credentials:
    """AccessKey pair; `security_token` makes it temporary (STS), `expires_at` says until when."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str = field(default="", repr=False)
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("access_key_id", "access_key_secret"):
            value = getattr(self, name)
            if not value:
                raise RefusedLocally(f"The credentials have no {name}.")
        for name in ("access_key_id", "access_key_secret", "security_token"):
            value = getattr(self, name)
            if value != value.strip():
                raise RefusedLocally(f"The {name} begins or ends with a blank.")
            if not (value.isascii() and value.isprintable()):
                raise RefusedLocally(f"The {name} has a character that is not printable ASCII.")
        if "/" in self.access_key_id:
            raise RefusedLocally("The access_key_id contains a slash, which parts the fields of the credential.")

    @property
    def max_expires(self) -> int:
        """The longest `x-oss-expires`, in seconds, that OSS takes from these credentials."""
        return MAX_EXPIRES_WITH_TOKEN if self.security_token else MAX_EXPIRES

    def usable_expires(self, wanted: int, *, at: datetime) -> int:
        """`wanted` seconds, cut to what these credentials can keep: a URL dies with the token that signed it.

        Raises RefusedLocally when the token has expired.
        """
        if not self.security_token:
            return min(wanted, MAX_EXPIRES)
        if self.expires_at is None:
            return min(wanted, EXPIRES_OF_UNKNOWN_TOKEN)
        left = int((self.expires_at - at).total_seconds())
        if left <= 0:
            raise RefusedLocally("The security token has expired.")
        return min(wanted, left, MAX_EXPIRES_WITH_TOKEN)
