"""The endpoints of the bucket by which staff may have a URL signed."""

from __future__ import annotations

import pytest

from tests.app.signing_form import FOLDER, errors_in, parameters, sign, url_in
from uploads.models import UploadGrant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("oss", "survey_page")]


@pytest.mark.parametrize(
    ("fields", "start"),
    [
        pytest.param({}, "https://test-bucket.oss-cn-hangzhou.aliyuncs.com/", id="as configured"),
        pytest.param(
            {"endpoint": "internal"}, "https://test-bucket.oss-cn-hangzhou-internal.aliyuncs.com/", id="inside"
        ),
        pytest.param({"endpoint": "accelerate"}, "https://test-bucket.oss-accelerate.aliyuncs.com/", id="accelerate"),
        pytest.param(
            {"endpoint": "dual-stack"}, "https://test-bucket.cn-hangzhou.oss.aliyuncs.com/", id="dual-stack"
        ),
        pytest.param(
            {"endpoint": "custom", "custom_domain": "https://files.example.com"},
            "https://files.example.com/",
            id="domain",
        ),
    ],
)
def test_every_endpoint_of_the_bucket_can_be_chosen(staff, settings, monkeypatch, fields, start):
    monkeypatch.setattr("uploads.staff_signing.look_at", lambda grants, timeout: {})
    settings.OSS_ENDPOINT = ""
    url = url_in(sign(staff, **fields))

    assert url.startswith(start + FOLDER)
    assert "/cn-hangzhou/oss/" in parameters(url)["x-oss-credential"]


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"endpoint": "custom"}, "custom_domain", "Name the domain."),
        ({"custom_domain": "https://a.example"}, "endpoint", "Choose the custom domain here"),
        ({"endpoint": "custom", "custom_domain": "ftp://a"}, "custom_domain", "must begin with https"),
        ({"endpoint": "custom", "custom_domain": "https://a:b@c"}, "custom_domain", "a password"),
    ],
)
def test_an_endpoint_that_is_none_is_refused_at_its_field(staff, settings, fields, field, sentence):
    settings.OSS_ENDPOINT = ""
    assert sentence in errors_in(sign(staff, **fields), field)


def test_at_an_address_no_other_endpoint_is_offered(staff):
    assert 'name="endpoint"' not in staff.get("/staff/sign/").text


def test_at_an_address_another_endpoint_is_refused_although_the_form_does_not_offer_it(staff):
    response = sign(staff, endpoint="internal")

    assert "Select a valid choice" in response.text
    assert "x-oss-signature" not in response.text
    assert not UploadGrant.objects.exists()
