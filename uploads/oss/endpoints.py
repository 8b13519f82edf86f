"""Region, bucket and endpoint: which host a request goes to and how its path is built."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, urlsplit

from uploads.oss.errors import RefusedLocally

BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
REGION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NETLOC = re.compile(r"(?:[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?")


class AddressStyle(Enum):
    """Where the bucket stands in a URL. https://www.alibabacloud.com/help/en/oss/user-guide/regions-and-endpoints"""

    VIRTUAL_HOSTED = "https://bucket.endpoint/key"
    PATH = "https://endpoint/bucket/key"
    CNAME = "https://custom-domain/key"


class EndpointKind(Enum):
    """The ways to a bucket that OSS itself has; the region of the signature is the bucket's in all of them.

    https://www.alibabacloud.com/help/en/oss/user-guide/regions-and-endpoints
    """

    PUBLIC = "public"
    INTERNAL = "internal"
    ACCELERATE = "accelerate"
    DUAL_STACK = "dual-stack"


_HOSTS = {
    EndpointKind.PUBLIC: "oss-{region}.aliyuncs.com",
    EndpointKind.INTERNAL: "oss-{region}-internal.aliyuncs.com",
    EndpointKind.ACCELERATE: "oss-accelerate.aliyuncs.com",
    EndpointKind.DUAL_STACK: "{region}.oss.aliyuncs.com",
}


def public_endpoint(region: str) -> str:
    """The default public endpoint of a region."""
    return f"https://{_HOSTS[EndpointKind.PUBLIC].format(region=region)}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Scheme and host (with port, if any) of OSS, and the style in which it is addressed."""

    scheme: str
    host: str
    style: AddressStyle

    @classmethod
    def parse(cls, text: str, *, is_cname: bool = False) -> Endpoint:
        """`https://host[:port]`, or a bare host, which means https. IP addresses and localhost get path style.

        Raises RefusedLocally for anything else in it: a path, a query, a user name, another scheme.
        """
        parts = _split(text)
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise RefusedLocally(f"The endpoint {text!r} must be a scheme and a host, nothing after it.")
        hostname = parts.hostname or ""
        if is_cname:
            style = AddressStyle.CNAME
        elif _has_no_subdomains(hostname):
            style = AddressStyle.PATH
        else:
            style = AddressStyle.VIRTUAL_HOSTED
        # Browsers leave a scheme's own port out of the Host header, which may be signed.
        default_port = ":443" if parts.scheme == "https" else ":80"
        return cls(parts.scheme, parts.netloc.lower().removesuffix(default_port), style)

    @classmethod
    def of_kind(cls, kind: EndpointKind, region: str) -> Endpoint:
        """The endpoint that OSS has for a region."""
        return cls.parse(f"https://{_HOSTS[kind].format(region=region)}")

    @classmethod
    def named(cls, text: str, region: str, *, is_cname: bool = False) -> Endpoint:
        """From the name of a kind, such as `dual-stack`, or from `https://host`. Raises RefusedLocally."""
        if text not in {kind.value for kind in EndpointKind}:
            return cls.parse(text, is_cname=is_cname)
        if is_cname:
            raise RefusedLocally(f"{text!r} is an endpoint of OSS, not a custom domain.")
        return cls.of_kind(EndpointKind(text), region)

    def kinds_beside(self, region: str) -> tuple[EndpointKind, ...]:
        """The other ways to the same bucket; none where it is not Alibaba Cloud that answers, as at an address."""
        if self.style is not AddressStyle.CNAME and not self.host.endswith(".aliyuncs.com"):
            return ()
        return tuple(kind for kind in EndpointKind if Endpoint.of_kind(kind, region).host != self.host)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket and the way to it. Made once; refuses what could only end in an error at OSS."""

    name: str
    region: str
    endpoint: Endpoint
    product: str = "oss"
    host: str = field(init=False)
    origin: str = field(init=False)
    url_prefix: str = field(init=False)

    def __post_init__(self) -> None:
        if not BUCKET_NAME.fullmatch(self.name):
            raise RefusedLocally(
                f"The bucket name {self.name!r} is not one: 3 to 63 lower-case letters, digits and inner hyphens."
            )
        if self.region.startswith("oss-"):
            raise RefusedLocally(f"The region is {self.region[4:]!r}, without the 'oss-' of the endpoint.")
        if not REGION.fullmatch(self.region):
            raise RefusedLocally(f"The region {self.region!r} is not one, such as 'cn-hangzhou'.")
        is_virtual_hosted = self.endpoint.style is AddressStyle.VIRTUAL_HOSTED
        if is_virtual_hosted and self.endpoint.host.startswith(f"{self.name}."):
            raise RefusedLocally(f"The endpoint {self.endpoint.host!r} already has the bucket in it; leave it out.")
        host = f"{self.name}.{self.endpoint.host}" if is_virtual_hosted else self.endpoint.host
        object.__setattr__(self, "host", host)
        object.__setattr__(self, "origin", f"{self.endpoint.scheme}://{host}")
        prefix = f"/{self.name}/" if self.endpoint.style is AddressStyle.PATH else "/"
        object.__setattr__(self, "url_prefix", f"{self.origin}{prefix}")

    def url(self, key: str = "") -> str:
        """URL of an object, or of the bucket itself, without a query."""
        return f"{self.url_prefix}{quote(key, safe='/~')}"


def _split(text: str) -> SplitResult:
    if "@" in text:  # A password must not come back in the message.
        raise RefusedLocally("The endpoint has a user name or a password in it.")
    try:
        parts = urlsplit(text if "//" in text else f"https://{text}")
        _ = parts.port  # Looking at it is what checks it.
    except ValueError as error:
        raise RefusedLocally(f"The endpoint {text!r} is not a URL: {error}.") from error
    if parts.scheme not in {"http", "https"}:
        raise RefusedLocally(f"The endpoint {text!r} must begin with https:// or http://.")
    if not NETLOC.fullmatch(parts.netloc) or not text.isprintable():
        raise RefusedLocally(f"The endpoint {text!r} has no plain host name.")
    return parts


def _has_no_subdomains(hostname: str) -> bool:
    if hostname == "localhost":
        return True
    try:
        ip_address(hostname)
    except ValueError:
        return False
    return True
