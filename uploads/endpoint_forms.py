"""The part of a form in which the host of a URL is chosen: an endpoint of OSS, or a custom domain of the bucket."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from uploads.oss.endpoints import AddressStyle, Endpoint, EndpointKind
from uploads.oss.errors import RefusedLocally
from uploads.storage import Storage

CUSTOM_DOMAIN = "custom"
ENDPOINTS = {
    EndpointKind.PUBLIC: _("Public"),
    EndpointKind.INTERNAL: _("Internal: only from Alibaba Cloud's servers in the same region"),
    EndpointKind.ACCELERATE: _("Acceleration: has to be switched on for the bucket"),
    EndpointKind.DUAL_STACK: _("Dual-stack: IPv4 and IPv6"),
}


class EndpointForm(forms.Form):
    """`chosen_endpoint` is None for the one that visitors use."""

    endpoint = forms.ChoiceField(label=_("Endpoint"), required=False)
    custom_domain = forms.CharField(
        label=_("Custom domain"),
        required=False,
        help_text=_("Such as https://files.example.com, bound to the bucket."),
        widget=forms.TextInput(
            attrs={"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off", "inputmode": "url"}
        ),
    )

    def __init__(self, *args: Any, storage: Storage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = storage
        self.chosen_endpoint: Endpoint | None = None
        self.offer("endpoint", self._offered_endpoints())

    @property
    def offers_endpoints(self) -> bool:
        return len(self._offered_endpoints()) > 1

    def offer(self, name: str, choices: list[tuple[Any, str | Promise]]) -> None:
        """Say which choices a field has here."""
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean_endpoints(self) -> None:
        """Called from `clean`, since the two fields belong together."""
        cleaned = self.cleaned_data
        chosen, domain = cleaned.get("endpoint", ""), cleaned.get("custom_domain", "")
        if chosen == CUSTOM_DOMAIN and not domain:
            self.add_error("custom_domain", _("Name the domain."))
        elif domain and chosen != CUSTOM_DOMAIN:
            self.add_error("endpoint", _("Choose the custom domain here, or leave it out below."))
        elif chosen:
            try:
                is_cname = chosen == CUSTOM_DOMAIN
                self.chosen_endpoint = Endpoint.named(domain or chosen, self.storage.region, is_cname=is_cname)
            except RefusedLocally as error:
                self.add_error("custom_domain", str(error))

    def _offered_endpoints(self) -> list[tuple[str, str | Promise]]:
        """Those that fit the settings: an address has no others and no domain."""
        usual = self.storage.public_endpoint
        offered: list[tuple[str, str | Promise]] = [("", _("As visitors use: %(host)s") % {"host": usual.host})]
        offered += [(kind.value, ENDPOINTS[kind]) for kind in usual.kinds_beside(self.storage.region)]
        if usual.style is not AddressStyle.PATH:
            offered.append((CUSTOM_DOMAIN, _("A custom domain of the bucket")))
        return offered
