"""Settings. Every value that differs between installations comes from the environment, read here and nowhere else.

`NAME_FILE` gives the path of a file with the value of `NAME`. `.env.example` lists all of them.
"""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.management.utils import get_random_secret_key
from environ import FileAwareEnv

BASE_DIR = Path(__file__).resolve().parent.parent

env = FileAwareEnv()
# django-environ takes a value that begins with "$" for the name of another variable; "\$" is the sign itself.
env.escape_proxy = True
# An empty ENV_FILE means: no file. The demo and the tests use that, so that nobody's .env gets into them.
_env_file = os.environ.get("ENV_FILE", str(BASE_DIR / ".env"))
if _env_file and Path(_env_file).is_file():
    env.read_env(_env_file)

# --- Core -----------------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
# Without DEBUG a missing key stays missing: whatever needs it refuses to start. A random one would differ from
# worker to worker. With DEBUG one is made up, and everybody is signed out at each restart.
SECRET_KEY = env.str("SECRET_KEY", default="") or (get_random_secret_key() if DEBUG else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
# Where visitors reach the site, such as https://upload.example.com; empty: as the request says.
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL else []

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "uploads.apps.UploadsConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "uploader_site.urls"
WSGI_APPLICATION = "uploader_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database -------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# DEFERRED transactions fail at once with "database is locked" when two writers meet; IMMEDIATE ones wait their turn.
# FULL, because a grant that a power cut takes back leaves an object behind that nobody knows.
_SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864",
}
# The limits end a statement or a lock that hangs, before it takes the whole pool with it.
_POSTGRESQL_OPTIONS = {
    "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", default=8), "timeout": 10},
    "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
}
_is_sqlite = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
DATABASES["default"].setdefault("OPTIONS", {}).update(_SQLITE_OPTIONS if _is_sqlite else _POSTGRESQL_OPTIONS)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}

# --- Object storage, read by uploads/storage.py only ----------------------------------------------------------------

OSS_ACCESS_KEY_ID = env.str("OSS_ACCESS_KEY_ID", default="")
OSS_ACCESS_KEY_SECRET = env.str("OSS_ACCESS_KEY_SECRET", default="")
OSS_SESSION_TOKEN = env.str("OSS_SESSION_TOKEN", default="")
OSS_SESSION_TOKEN_EXPIRES_AT = env.str("OSS_SESSION_TOKEN_EXPIRES_AT", default="")
OSS_REGION = env.str("OSS_REGION", default="cn-hangzhou")
OSS_BUCKET = env.str("OSS_BUCKET", default="")
OSS_ENDPOINT = env.str("OSS_ENDPOINT", default="")
OSS_CNAME = env.bool("OSS_CNAME", default=False)
OSS_INTERNAL_ENDPOINT = env.str("OSS_INTERNAL_ENDPOINT", default="")

# --- Accounts -------------------------------------------------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "uploads:sign-in"
LOGIN_REDIRECT_URL = "uploads:page-list"
LOGOUT_REDIRECT_URL = "uploads:sign-in"

# --- Security -------------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
# Whoever balances the load asks for it over plain http, and takes a redirect for an illness.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if DEBUG else 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEBUG
SECURE_HSTS_PRELOAD = not DEBUG
# Only behind a proxy that sets or removes this header itself.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", default=False) else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
# Not `no-referrer`: under it browsers send `Origin: null` with forms, which Django's CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
# On plain http browsers ignore it and complain in the console.
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if SECURE_SSL_REDIRECT else None
X_FRAME_OPTIONS = "DENY"
# A batch of 100 files with long names in \uXXXX escapes fits; nothing larger has a reason.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "worker-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        # The upload page adds the bucket's origin (uploads/views/public.py).
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Processes ------------------------------------------------------------------------------------------------------

# As text: `manage.py serve`, their only reader, says in a sentence what is wrong with a value.
WEB_BIND = env.str("WEB_BIND", default="127.0.0.1:8000")
WEB_WORKERS = env.str("WEB_WORKERS", default="3")
WEB_THREADS = env.str("WEB_THREADS", default="4")
SETTLE_SECONDS = env.str("SETTLE_SECONDS", default="30")

# --- Language and time ----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

# --- Static files ---------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "uploader_site.static_storage.ModuleManifestStorage"
    },
}

# --- Logging --------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_secrets": {"()": "uploader_site.log_filter.WithoutSecrets"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_secrets"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Django's own handler would write the same lines once more, unfiltered.
    "loggers": {"django": {"handlers": [], "propagate": True}, "django.server": {"handlers": [], "propagate": True}},
}
