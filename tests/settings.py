"""The project's settings with an environment of the tests' own. DATABASE_URL may point them at PostgreSQL."""

import os
import tempfile

_database = os.environ.get("DATABASE_URL", "")
_ours = {"SITE_URL", "ALLOWED_HOSTS", "CACHE_URL", "SECRET_KEY", "BEHIND_TLS_PROXY"}
for name in list(os.environ):
    if name.startswith("OSS_") or name in _ours:
        del os.environ[name]
os.environ |= {
    "ENV_FILE": "",
    "DEBUG": "false",
    "SECRET_KEY": "tests-" + "0123456789abcdef" * 4,
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "SECURE_SSL_REDIRECT": "false",
    "OSS_ACCESS_KEY_ID": "test-key-id",
    "OSS_ACCESS_KEY_SECRET": "test-key-secret",
    "OSS_REGION": "cn-hangzhou",
    "OSS_BUCKET": "test-bucket",
    "OSS_ENDPOINT": "http://127.0.0.1:9",
}

from uploader_site.settings import *  # noqa: E402, F403
from uploader_site.settings import DATABASES, STORAGES  # noqa: E402

# A file, not memory: browser tests read the database from several threads, as the site does.
if not _database:
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(tempfile.mkdtemp(prefix="uploads-tests-"), "test.sqlite3")}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
