"""What is said of a cause: to the visitor, and to staff with who can mend it and how."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Who(TextChoices):
    VISITOR = "visitor", _("the visitor")
    OWNER = "owner", _("the owner of the page")
    ADMINISTRATOR = "administrator", _("the administrator of the bucket and of this site's settings")
    PROGRAM = "program", _("whoever runs or wrote the sending program")


class Cause(NamedTuple):
    """`visitor` says what to do, `staff` what was wrong. `is_final`: the same URL or a fresh one cannot help."""

    visitor: str | Promise
    staff: str | Promise
    who: Who
    remedy: str | Promise
    is_final: bool = True


# Said of several causes.
TELL = _("The storage refused this page's permission. You did nothing wrong; please tell %(owner)s: %(grant)s.")
AS_SIGNED = _(
    "Send it again with exactly the headers and the URL that you were given, or, if you used only this page, "
    "tell %(owner)s: %(grant)s."
)
ENDPOINT = _("Set OSS_ENDPOINT (and OSS_CNAME) to an endpoint of the bucket that the account may use.")
