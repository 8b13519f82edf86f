"""What the demo needs beside the servers: an environment of its own, an account, and a first page."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.contrib.auth import get_user_model

from uploads.models.pages import UploadPage

USER_NAME = "demo"
BUCKET = "demo-bucket"
REGION = "cn-hangzhou"

# What settings read. None of it reaches the demo from outside: nobody's real bucket, database or site.
SETTING_NAMES = frozenset(
    {
        "ALLOWED_HOSTS",
        "BEHIND_TLS_PROXY",
        "CACHE_URL",
        "DATABASE_POOL_SIZE",
        "DATABASE_URL",
        "DEBUG",
        "OSS_ACCESS_KEY_ID",
        "OSS_ACCESS_KEY_SECRET",
        "OSS_BUCKET",
        "OSS_CNAME",
        "OSS_ENDPOINT",
        "OSS_INTERNAL_ENDPOINT",
        "OSS_REGION",
        "OSS_SESSION_TOKEN",
        "OSS_SESSION_TOKEN_EXPIRES_AT",
        "SECRET_KEY",
        "SECURE_HSTS_SECONDS",
        "SECURE_SSL_REDIRECT",
        "SETTLE_SECONDS",
        "SITE_URL",
        "STATIC_ROOT",
        "TIME_ZONE",
        "WEB_BIND",
        "WEB_THREADS",
        "WEB_WORKERS",
    }
)

INSTRUCTIONS = """Please send every photograph in its original size, and the signed report as one PDF.

If you can, put the frame number into the file name."""


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """Where the demo listens and keeps its data."""

    port: int
    oss_port: int
    data_dir: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> DemoPlace:
        """PORT, OSS_PORT and DATA_DIR. Raises ValueError for a port that is none."""
        return cls(
            port=_port(environ.get("PORT") or "8000"),
            oss_port=_port(environ.get("OSS_PORT") or "9000"),
            data_dir=Path(environ.get("DATA_DIR") or "var").resolve(),
        )

    @property
    def site_origins(self) -> tuple[str, str]:
        return f"http://127.0.0.1:{self.port}", f"http://localhost:{self.port}"


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError(f"{port} is no port.")
    return port


def demo_environment(environ: Mapping[str, str], place: DemoPlace) -> dict[str, str]:
    """The environment in which the demo runs: the given one without any setting of the site, plus the demo's own."""
    place.data_dir.mkdir(parents=True, exist_ok=True)
    names = SETTING_NAMES | {f"{name}_FILE" for name in SETTING_NAMES}
    kept = {name: value for name, value in environ.items() if name not in names}
    return kept | {
        "ENV_FILE": "",
        "DEBUG": "true",
        "SECRET_KEY": kept_secret(place.data_dir / "secret-key"),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "DATABASE_URL": f"sqlite:///{quote(str(place.data_dir / 'demo.sqlite3'))}",
        "OSS_ACCESS_KEY_ID": "demo-access-key-id",
        "OSS_ACCESS_KEY_SECRET": kept_secret(place.data_dir / "oss-secret"),
        "OSS_BUCKET": BUCKET,
        "OSS_REGION": REGION,
        "OSS_ENDPOINT": f"http://127.0.0.1:{place.oss_port}",
    }


def kept_secret(path: Path) -> str:
    """A random secret, made on the first run and readable by its owner only."""
    if not path.exists():
        # Whole or not at all: an empty file would be an empty password.
        written = path.with_suffix(".new")
        written.unlink(missing_ok=True)
        written.touch(mode=0o600)
        written.write_text(secrets.token_urlsafe(18), encoding="ascii")
        written.replace(path)
    return path.read_text(encoding="ascii").strip()


def seed(password: str) -> UploadPage:
    """An account that sees everything, and a page to begin with; each made once."""
    user, is_new = get_user_model().objects.get_or_create(
        username=USER_NAME,
        defaults={"first_name": "Ingrid", "last_name": "Dahl", "is_staff": True, "is_superuser": True},
    )
    if is_new:
        user.set_password(password)
        user.save()
    page = UploadPage.objects.filter(owner=user).order_by("created_at").first()
    return page or UploadPage.objects.create(
        owner=user, title="Survey photographs and report", instructions=INSTRUCTIONS, prefix="surveys"
    )
