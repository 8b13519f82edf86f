"""The paste box: an error of OSS that somebody mailed in, explained. Nothing of it is stored, shown or logged."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from uploads.error_bodies import MAX_CHARACTERS
from uploads.explaining import MAX_HINT_CHARACTERS, explain
from uploads.views.staff_access import StaffRequest, staff_only, visible_grants
from uploads.views.staff_attempt import attempt_of_explanation


class _NeverShown(forms.Widget):
    """What was typed does not come back: it may have a security token in it."""

    def format_value(self, value: Any) -> None:
        return None


class _PasteBox(_NeverShown, forms.Textarea):
    pass


class _UrlBox(_NeverShown, forms.TextInput):
    pass


_PLAIN = {"class": "cell__input", "autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


class ExplainForm(forms.Form):
    """An error's body or what a mail made of it, and whose it was."""

    text = forms.CharField(
        label=_("The error, as far as you have it"),
        max_length=MAX_CHARACTERS,
        widget=_PasteBox(attrs={**_PLAIN, "rows": 10}),
        help_text=_("XML, an HTTP dump, a line of a log, or a mail with any of them in it. Nothing of it is kept."),
        error_messages={"required": _("Paste what OSS answered.")},
    )
    hint = forms.CharField(
        label=_("Grant or URL"),
        required=False,
        max_length=MAX_HINT_CHARACTERS,
        widget=_UrlBox(attrs=_PLAIN),
        help_text=_("Only if the error does not lead to its grant by itself."),
    )


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def explain_error(request: StaffRequest) -> HttpResponse:
    form = ExplainForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "section": "explain"}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        explanation = explain(said["text"], hint=said["hint"], grants=visible_grants(request.user))
        context["explanation"] = explanation
        context["attempt"] = attempt_of_explanation(explanation) if explanation else None
        context["was_asked"] = True
    return render(request, "uploads/staff/explain.html", context)
