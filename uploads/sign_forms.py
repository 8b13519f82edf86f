"""The form by which staff sign a URL, and the terms that follow from it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from uploads.content_types import is_media_type, type_by_name
from uploads.form_fields import MetadataField, focus_first_error
from uploads.issuing import MAX_PUT_BYTES
from uploads.key_signing import UrlTerms
from uploads.models.pages import StorageClass
from uploads.oss.endpoints import AddressStyle, Endpoint, EndpointForm
from uploads.oss.errors import RefusedLocally
from uploads.oss.rules import refuse_bad_key
from uploads.storage import Storage
from uploads.user_metadata import MetadataError, wire_headers

VALIDITIES = ((600, _("10 minutes")), (3600, _("1 hour")), (24 * 3600, _("1 day")), (7 * 24 * 3600, _("7 days")))
METHODS = (("PUT", _("PUT: somebody sends a file")), ("GET", _("GET: somebody fetches the file")))
CUSTOM_DOMAIN = "custom"
ENDPOINTS = {
    EndpointForm.PUBLIC: _("Public"),
    EndpointForm.INTERNAL: _("Internal: only from Alibaba Cloud's servers in the same region"),
    EndpointForm.ACCELERATE: _("Acceleration: has to be switched on for the bucket"),
    EndpointForm.DUAL_STACK: _("Dual-stack: IPv4 and IPv6"),
}
# A GET stores nothing; these are about what is stored.
ONLY_PUT = ("without_type", "content_length", "storage_class", "metadata", "overwrite")
_MONO = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}


class SignForm(forms.Form):
    """What is signed: exactly what is asked for here, and nothing else."""

    # Fields that few URLs need; they are folded away.
    MORE: ClassVar = (
        "without_type", "content_length", "storage_class", "metadata", "cache_control", "content_disposition",
        "overwrite", "endpoint", "custom_domain",
    )  # fmt: skip

    # Not offered to those who may not read: then it is a PUT.
    method = forms.ChoiceField(label=_("What for"), choices=METHODS, initial="PUT", required=False)
    key = forms.CharField(
        label=_("Object key"),
        widget=forms.TextInput(attrs={**_MONO, "list": "own-folders"}),
        error_messages={"required": _("Name the object: the folder and the file name, without the bucket.")},
    )
    validity = forms.TypedChoiceField(label=_("Works for"), coerce=int, choices=VALIDITIES, initial=3600)
    seconds = forms.IntegerField(
        label=_("or for so many seconds"),
        required=False,
        min_value=1,
        help_text=_("If this is filled in, it holds."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    content_type = forms.CharField(
        label=_("Content-Type"),
        required=False,
        help_text=_("Empty: taken from the ending of the key. Whoever sends the file has to send exactly this type."),
        widget=forms.TextInput(attrs=_MONO),
    )
    without_type = forms.BooleanField(
        label=_("Sign no Content-Type"),
        required=False,
        help_text=_("Then no client may send one, and many add one by themselves; OSS answers those with 403."),
    )
    content_length = forms.IntegerField(
        label=_("Exact size in bytes"),
        required=False,
        min_value=0,
        max_value=MAX_PUT_BYTES,
        help_text=_("OSS refuses any other size."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    storage_class = forms.ChoiceField(label=_("Storage class"), required=False, choices=StorageClass.choices)
    metadata = MetadataField(
        label=_("Metadata"),
        required=False,
        help_text=_("One NAME=VALUE a line. Sent as x-oss-meta-NAME; what is not ASCII is percent-encoded."),
        widget=forms.Textarea(attrs={"rows": 2, **_MONO}),
    )
    cache_control = forms.CharField(
        label="Cache-Control", required=False, widget=forms.TextInput(attrs={**_MONO, "placeholder": "no-cache"})
    )
    content_disposition = forms.CharField(
        label="Content-Disposition",
        required=False,
        widget=forms.TextInput(attrs={**_MONO, "placeholder": "attachment"}),
    )
    overwrite = forms.BooleanField(
        label=_("Allow to overwrite"),
        required=False,
        help_text=_("Without this x-oss-forbid-overwrite is signed: a second PUT gets 409."),
    )
    endpoint = forms.ChoiceField(label=_("Endpoint"), required=False)
    custom_domain = forms.CharField(
        label=_("Custom domain"),
        required=False,
        help_text=_("Such as https://files.example.com, bound to the bucket."),
        widget=forms.TextInput(attrs={**_MONO, "inputmode": "url"}),
    )

    def __init__(self, *args: Any, storage: Storage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = storage
        longest = storage.credentials.max_expires
        self._choices("validity", [choice for choice in VALIDITIES if choice[0] <= longest])
        self._choices("endpoint", self._offered_endpoints())
        for field in self.fields.values():
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs["class"] = "cell__input"

    def full_clean(self) -> None:
        super().full_clean()
        focus_first_error(self)

    @property
    def opens_more(self) -> bool:
        """Whether the folded part has something to show: an error, or a choice that is not the default."""
        return any(name in self.errors or (self.is_bound and self[name].data) for name in self.MORE)

    @property
    def offers_endpoints(self) -> bool:
        return len(self._offered_endpoints()) > 1

    def _choices(self, name: str, choices: list[tuple[Any, str | Promise]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def _offered_endpoints(self) -> list[tuple[str, str | Promise]]:
        """Those that fit the settings: an address has no other forms and no domain."""
        usual = self.storage.public_endpoint
        offered: list[tuple[str, str | Promise]] = [("", _("As visitors use: %(host)s") % {"host": usual.host})]
        offered += [(form.value, ENDPOINTS[form]) for form in usual.forms_beside(self.storage.region)]
        if usual.style is not AddressStyle.PATH:
            offered.append((CUSTOM_DOMAIN, _("A custom domain of the bucket")))
        return offered

    def clean_method(self) -> str:
        return self.cleaned_data["method"] or "PUT"

    def clean_key(self) -> str:
        key = str(self.cleaned_data["key"])
        try:
            refuse_bad_key(key)
        except RefusedLocally as error:
            raise ValidationError(str(error)) from error
        return key

    def clean_seconds(self) -> int | None:
        seconds: int | None = self.cleaned_data["seconds"]
        longest = self.storage.credentials.max_expires
        if seconds is not None and seconds > longest:
            raise ValidationError(_("A URL works for at most %(count)d seconds."), params={"count": longest})
        return seconds

    def clean_content_type(self) -> str:
        text = str(self.cleaned_data["content_type"])
        if text and not is_media_type(text):
            raise ValidationError(_("This is no media type. Write it as text/csv or text/plain;charset=utf8."))
        return text

    def clean_metadata(self) -> dict[str, str]:
        metadata: dict[str, str] = self.cleaned_data["metadata"]
        try:
            wire_headers(metadata)
        except MetadataError as error:
            raise ValidationError(str(error)) from error
        return metadata

    def clean_cache_control(self) -> str:
        return _header_value(self.cleaned_data["cache_control"])

    def clean_content_disposition(self) -> str:
        return _header_value(self.cleaned_data["content_disposition"])

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("method") == "GET":
            for name in ONLY_PUT:
                if self[name].data:
                    self.add_error(name, _("A GET stores nothing. Leave this out."))
        elif cleaned.get("without_type") and cleaned.get("content_type"):
            self.add_error("without_type", _("There is a Content-Type above. Leave out the one or the other."))
        self._clean_endpoint()
        return cleaned

    def _clean_endpoint(self) -> None:
        cleaned = self.cleaned_data
        chosen, domain = cleaned.get("endpoint", ""), cleaned.get("custom_domain", "")
        if chosen == CUSTOM_DOMAIN and not domain:
            self.add_error("custom_domain", _("Name the domain."))
        elif domain and chosen != CUSTOM_DOMAIN:
            self.add_error("endpoint", _("Choose the custom domain here, or leave it out below."))
        elif chosen:
            try:
                is_cname = chosen == CUSTOM_DOMAIN
                cleaned["way"] = Endpoint.named(domain or chosen, self.storage.region, is_cname=is_cname)
            except RefusedLocally as error:
                self.add_error("custom_domain", str(error))

    def refuse(self, name: str, sentence: str) -> None:
        """Say at a field, or above all where it is about none, why a valid form is not carried out."""
        self.add_error(name or None, sentence)
        focus_first_error(self)

    def terms(self) -> UrlTerms:
        """Of a valid form."""
        cleaned = self.cleaned_data
        is_get = cleaned["method"] == "GET"
        headers = {} if is_get else self._headers()
        always_signed = {"content-type"} | {name for name in headers if name.startswith("x-oss-")}
        return UrlTerms(
            key=cleaned["key"],
            method=cleaned["method"],
            expires_in=cleaned["seconds"] or cleaned["validity"],
            headers=headers,
            additional_headers=tuple(name.lower() for name in headers if name.lower() not in always_signed),
            query=self._answered_headers() if is_get else {},
            endpoint=cleaned.get("way"),
        )

    def _headers(self) -> dict[str, str]:
        cleaned = self.cleaned_data
        length = cleaned["content_length"]
        headers = {
            "Content-Type": "" if cleaned["without_type"] else cleaned["content_type"] or self._suggested_type(),
            "Content-Length": "" if length is None else str(length),
            "x-oss-forbid-overwrite": "" if cleaned["overwrite"] else "true",
            "x-oss-storage-class": cleaned["storage_class"],
            **wire_headers(cleaned["metadata"]),
            "Cache-Control": cleaned["cache_control"],
            "Content-Disposition": cleaned["content_disposition"],
        }
        return {name: value for name, value in headers.items() if value}

    def _suggested_type(self) -> str:
        return type_by_name(self.cleaned_data["key"].rsplit("/", 1)[-1])

    def _answered_headers(self) -> dict[str, str]:
        """With these OSS answers a GET: https://www.alibabacloud.com/help/en/oss/developer-reference/getobject"""
        asked = {
            f"response-{name.replace('_', '-')}": self.cleaned_data[name]
            for name in ("content_type", "cache_control", "content_disposition")
        }
        return {name: value for name, value in asked.items() if value}


def _header_value(value: str) -> str:
    if not (value.isascii() and value.isprintable()):
        raise ValidationError(
            _("A header has printable ASCII only. In filename*=UTF-8'' write names percent-encoded.")
        )
    return value
