"""Forms for staff: signing in, and what an upload page asks for."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from uploads.form_fields import MetadataField, SizeField, focus_first_error
from uploads.models.pages import DEFAULT_URL_VALIDITY_SECONDS, UploadPage

VALIDITIES = (
    (5 * 60, _("5 minutes")),
    (DEFAULT_URL_VALIDITY_SECONDS, _("15 minutes")),
    (3600, _("1 hour")),
    (12 * 3600, _("12 hours")),
    (24 * 3600, _("1 day")),
    (7 * 24 * 3600, _("7 days")),
)


class SignInForm(AuthenticationForm):
    """Name and password of a staff account; others are told what they lack."""

    error_messages = {  # noqa: RUF012 - so it is in Django.
        "invalid_login": _("This name and password do not belong together. Check for capital letters."),
        "inactive": _("This account is switched off. An administrator can switch it on again."),
        "not_staff": _("This account is not a staff account, so it cannot open these pages. Ask an administrator."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "cell__input"

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if not user.is_staff:
            raise ValidationError(self.error_messages["not_staff"], code="not_staff")


if TYPE_CHECKING:
    _PageModelForm = forms.ModelForm[UploadPage]
else:
    # Django's own class takes no parameter when it runs.
    _PageModelForm = forms.ModelForm


class PageForm(_PageModelForm):
    """What an owner decides about an upload page."""

    # Fields that few pages need; they are folded away.
    MORE: ClassVar = ("max_files", "max_bytes", "url_validity_seconds", "storage_class", "metadata", "is_attachment")

    max_bytes = SizeField(label=_("Most bytes in all"), required=False)
    url_validity_seconds = forms.TypedChoiceField(
        label=_("A URL works for"),
        coerce=int,
        choices=VALIDITIES,
        help_text=_("URLs are signed just in time and signed again while a file waits, so a short life is enough."),
    )
    metadata = MetadataField(
        label=_("Metadata"),
        required=False,
        help_text=_("One NAME=VALUE a line. Stored with each object as x-oss-meta-NAME."),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocapitalize": "off"}),
    )

    class Meta:
        model = UploadPage
        fields: ClassVar = ["title", "instructions", "prefix", "max_files", "max_bytes", "url_validity_seconds",
                            "storage_class", "metadata", "is_attachment"]  # fmt: skip
        labels: ClassVar = {
            "title": _("Title"),
            "instructions": _("Instructions"),
            "prefix": _("Folder in the bucket"),
            "max_files": _("Most files"),
            "storage_class": _("Storage class"),
            "is_attachment": _("Stored as attachment"),
        }
        help_texts: ClassVar = {
            "instructions": "",
            "prefix": _("Such as invoices/2026. The rest of an object key is made by the server."),
            "is_attachment": _("Stored HTML or SVG then never runs in a browser; it is saved as a file."),
        }
        error_messages: ClassVar = {"title": {"required": _("Visitors read the title first. Give the page one.")}}
        widgets: ClassVar = {
            "instructions": forms.Textarea(attrs={"rows": 5}),
            "prefix": forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}),
            "max_files": forms.NumberInput(attrs={"min": 1, "inputmode": "numeric"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer_own_validity()
        for name, field in self.fields.items():
            if name != "is_attachment":
                field.widget.attrs.setdefault("class", "cell__input")

    def full_clean(self) -> None:
        super().full_clean()
        focus_first_error(self)

    @property
    def opens_more(self) -> bool:
        """Whether the folded part has something to show: an error, or a choice that is not the default."""
        return any(name in self.errors or self._differs_from_default(name) for name in self.MORE)

    def _differs_from_default(self, name: str) -> bool:
        return bool(getattr(self.instance, name) != getattr(UploadPage(), name))

    def _offer_own_validity(self) -> None:
        """A validity that was set elsewhere stays as it is unless somebody chooses another."""
        own = self.instance.url_validity_seconds
        field = self.fields["url_validity_seconds"]
        if isinstance(field, forms.ChoiceField) and own not in dict(VALIDITIES):
            field.choices = [*VALIDITIES, (own, _("%(count)d seconds") % {"count": own})]


class PageAdminForm(_PageModelForm):
    """All of a page, for the admin; metadata is written as it is in `PageForm`."""

    metadata = MetadataField(
        label=_("metadata"), required=False, help_text=_("One NAME=VALUE a line. Stored as x-oss-meta-NAME.")
    )


class NewPageForm(PageForm):
    """A page to be made. The same form sent twice (a double click, a reload) is the same page."""

    form_key = forms.CharField(
        widget=forms.HiddenInput, required=False, max_length=64, initial=lambda: secrets.token_urlsafe(16)
    )

    def page_id_for(self, user: User) -> str:
        """The page's id: made from the form's one-time key, who sends it and what it says.

        The database lets an id in once, so of two equal requests at the same moment one makes the page. A form that
        was changed after going back is another page.
        """
        said = json.dumps(self.cleaned_data, sort_keys=True, default=str)
        return "p" + salted_hmac("uploads.new-page", f"{user.pk} {said}", algorithm="sha256").hexdigest()[:15]
