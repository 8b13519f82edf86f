"""Form fields of our own: an amount of bytes, and metadata as lines."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from uploads.user_metadata import MetadataError, wire_headers

# A GB has 1,024³ bytes, as in OSS's console and limits.
SIZE_UNITS = ((1024**2, _("MB")), (1024**3, _("GB")), (1024**4, _("TB")), (1, _("bytes")))
DEFAULT_UNIT = 1024**3
MAX_DECIMALS = 3


class SizeWidget(forms.MultiWidget):
    """A number and its unit."""

    use_fieldset = False

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        number = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        unit = forms.Select(choices=SIZE_UNITS, attrs={"aria-label": _("Unit")})
        super().__init__([number, unit], attrs)

    def id_for_label(self, id_: str | None) -> str:
        return f"{id_}_0" if id_ else ""

    def decompress(self, value: Any) -> list[Any]:
        """The largest unit in which the amount is exact, so that saving a form unchanged changes nothing."""
        if not value:
            return [None, DEFAULT_UNIT]
        for unit in sorted((unit for unit, _name in SIZE_UNITS), reverse=True):
            amount = Decimal(value) / unit
            if amount >= 1 and amount == round(amount, MAX_DECIMALS):
                return [f"{amount.normalize():f}", unit]
        return [value, 1]


class SizeField(forms.MultiValueField):
    """An amount of bytes, entered as a number and a unit; None where the number is left out."""

    widget = SizeWidget

    def __init__(self, **kwargs: Any) -> None:
        number = forms.DecimalField(
            required=False,
            localize=True,
            max_digits=20,
            decimal_places=MAX_DECIMALS,
            error_messages={"invalid": _("This is not a number. Write it as 60 or 1.5.")},
        )
        unit = forms.TypedChoiceField(choices=SIZE_UNITS, coerce=int)
        super().__init__((number, unit), require_all_fields=False, **kwargs)

    def compress(self, data_list: Sequence[Any]) -> int | None:
        if not data_list or data_list[0] is None:
            return None
        size_bytes = int(data_list[0] * data_list[1])
        if size_bytes < 1:
            raise ValidationError(_("The limit is at least one byte. Leave it out for no limit."))
        return size_bytes


class MetadataField(forms.CharField):
    """Metadata as lines of NAME=VALUE; its value is a dict."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{name}={text}" for name, text in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        metadata: dict[str, str] = {}
        for number, line in enumerate((value or "").splitlines(), start=1):
            if line.strip():
                name, text = _name_and_text(line, number)
                if name in metadata:
                    raise ValidationError(
                        _("Line %(number)d: the name %(name)s is there twice."),
                        params={"number": number, "name": name},
                    )
                metadata[name] = text
        return metadata

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((initial or {}) != self.to_python(data))
        except ValidationError:
            return True


def focus_first_error(form: forms.BaseForm) -> None:
    """Begin where something has to be corrected."""
    for name, field in form.fields.items():
        if name in form.errors:
            widget = field.widget
            target = widget.widgets[0] if isinstance(widget, forms.MultiWidget) else widget
            target.attrs["autofocus"] = True
            return


def _name_and_text(line: str, number: int) -> tuple[str, str]:
    name, equals, text = (part.strip() for part in line.partition("="))
    if not equals:
        raise ValidationError(_("Line %(number)d has no equals sign. Write NAME=VALUE."), params={"number": number})
    try:
        wire_headers({name: text})
    except MetadataError as error:
        raise ValidationError(
            _("Line %(number)d: %(cause)s"), params={"number": number, "cause": str(error)}
        ) from error
    return name.lower(), text
