"""A URLconf with one page more than the site's: the client programs and nothing else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from tests.clients.forms import FILE_NAME, WITH_HEADERS
from uploader_site.urls import urlpatterns as of_site
from uploads.snippets import Instructions, programs

URL = (
    "https://kestrel-in.oss-cn-hangzhou.aliyuncs.com/handover/2026-11/build-4471.tar.gz"
    "?x-oss-additional-headers=cache-control%3Bcontent-disposition"
    "&x-oss-credential=LTAIEXAMPLEKEYID%2F20261123%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-date=20261123T133207Z"
    f"&x-oss-expires=600&x-oss-signature={'77dbd0fb' * 8}&x-oss-signature-version=OSS4-HMAC-SHA256"
)
INSTRUCTIONS = Instructions("PUT", URL, WITH_HEADERS, None, FILE_NAME)
PAGE = """{% extends "uploads/staff/staff_base.html" %}
{% load static %}
{% block scripts %}
  <link rel="stylesheet" href="{% static 'uploads/css/code.css' %}">
  <script type="module" src="{% static 'uploads/js/staff-programs.js' %}"></script>
{% endblock %}
{% block main %}
  <div class="sheet">
    <aside class="stub"><h2>What was signed</h2></aside>
    <div class="body">{% include "uploads/staff/_programs.html" %}</div>
  </div>
{% endblock %}
"""


def page(request: HttpRequest) -> HttpResponse:
    template = engines["django"].from_string(PAGE)
    return HttpResponse(template.render({"programs": programs(INSTRUCTIONS)}, request))


urlpatterns = [*of_site, path("programs/", page)]
