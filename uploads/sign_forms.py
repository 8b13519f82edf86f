"""The form by which staff sign a URL, and the terms that follow from it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from uploads.content_types import is_media_type, type_by_name
from uploads.endpoint_forms import EndpointForm
from uploads.form_fields import MetadataField, focus_first_error
from uploads.key_signing import UrlTerms
from uploads.models.pages import StorageClass
from uploads.oss.errors import RefusedLocally
from uploads.oss.rules import refuse_bad_key
from uploads.part_plan import MAX_PUT_BYTES
from uploads.storage import Storage
from uploads.user_metadata import MetadataError, wire_headers

VALIDITIES = ((600, _("10 minutes")), (3600, _("1 hour")), (24 * 3600, _("1 day")), (7 * 24 * 3600, _("7 days")))
METHODS = (("PUT", _("PUT: somebody sends a file")), ("GET", _("GET: somebody fetches the file")))
# A GET stores nothing; these are about what is stored.
ONLY_PUT = ("without_type", "content_length", "storage_class", "metadata", "overwrite")
_MONO = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}


class SignForm(EndpointForm):
    """What is signed: exactly what is asked for here, and nothing else."""

    # Fields that few URLs need; they are folded away.
    MORE: ClassVar = (
        "without_type", "content_length", "storage_class", "metadata", "cache_control", "content_disposition",
        "overwrite", "endpoint", "custom_domain",
    )  # fmt: skip

    # Not offered to those who may not read: then it is a PUT.
    method = forms.ChoiceField(
        label=_("What for"),
        choices=METHODS,
        initial="PUT",
        required=False,
        help_text=_("With GET, Content-Type, Cache-Control and Content-Disposition are what OSS answers with."),
    )
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

    def __init__(self, *args: Any, storage: Storage, **kwargs: Any) -> None:
        super().__init__(*args, storage=storage, **kwargs)
        longest = storage.credentials.max_expires
        self.offer("validity", [choice for choice in VALIDITIES if choice[0] <= longest])
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
        self.clean_endpoints()
        return cleaned

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
            endpoint=self.chosen_endpoint,
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
