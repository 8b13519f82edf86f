"""The site as a WSGI application, for gunicorn."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "uploader_site.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - only now are the settings known.

try:
    settings.SECRET_KEY  # noqa: B018 - Django raises when it is empty; better now than at the first sign-in.
except ImproperlyConfigured as error:
    raise ImproperlyConfigured("Set SECRET_KEY (or SECRET_KEY_FILE) before the site is served.") from error
