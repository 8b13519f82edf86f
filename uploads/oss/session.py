"""HTTP for calls to OSS: nothing but what we ask for, to nobody but whom we ask."""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy

import requests


class Session(requests.Session):
    """No proxies, passwords or certificates from the environment, no cookies, no redirects, no compression."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.headers.clear()
        # Compressed answers would have another length and checksum than the object.
        self.headers.update({"Accept-Encoding": "identity", "User-Agent": "oss-uploader"})

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: even when told not to follow, requests would read the whole body of a redirect."""
