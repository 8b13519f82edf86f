"""`manage.py presign --endpoint`: the endpoint or the custom domain at which a URL is signed."""

from __future__ import annotations

import json

import pytest
import requests
from django.core.management import CommandError

from tests.commands.presigning import AT, parameters, presign
from tests.servers import running_oss


@pytest.mark.parametrize(
    ("options", "start"),
    [
        pytest.param([], "https://test-bucket.oss-cn-hangzhou.aliyuncs.com/a?", id="as configured"),
        pytest.param(["public"], "https://test-bucket.oss-cn-hangzhou.aliyuncs.com/a?", id="public"),
        pytest.param(["internal"], "https://test-bucket.oss-cn-hangzhou-internal.aliyuncs.com/a?", id="internal"),
        pytest.param(["accelerate"], "https://test-bucket.oss-accelerate.aliyuncs.com/a?", id="accelerate"),
        pytest.param(["dual-stack"], "https://test-bucket.cn-hangzhou.oss.aliyuncs.com/a?", id="dual-stack"),
        pytest.param(["https://files.example.com", "--cname"], "https://files.example.com/a?", id="a custom domain"),
        pytest.param(["http://127.0.0.1:9"], "http://127.0.0.1:9/test-bucket/a?", id="an address"),
    ],
)
def test_the_endpoint_can_be_chosen_and_the_region_stays_the_buckets(options, start, settings):
    settings.OSS_ENDPOINT = ""
    endpoint = ["--endpoint", *options] if options else []
    url = presign("a", "--at", AT, *endpoint)
    assert url.startswith(start)
    assert parameters(url)["x-oss-credential"] == "test-key-id/20231217/cn-hangzhou/oss/aliyun_v4_request"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param(["--endpoint", "internal", "--cname"], "not a custom domain", id="a form of OSS as a domain"),
        pytest.param(["--cname"], "give both", id="a custom domain that is not named"),
        pytest.param(["--endpoint", "ftp://host"], "must begin with https", id="another scheme"),
        pytest.param(["--endpoint", "https://host/path"], "nothing after it", id="a path"),
        pytest.param(["--endpoint", "https://a:b@host"], "a password", id="a password"),
        pytest.param(["--endpoint", "https://test-bucket.oss.example"], "leave it out", id="the bucket once more"),
    ],
)
def test_it_refuses_an_endpoint_that_is_none(options, sentence):
    with pytest.raises(CommandError, match=sentence):
        presign("a", "--at", AT, *options)


@pytest.mark.django_db
def test_a_url_at_a_custom_domain_stores_the_object(tmp_path, settings):
    with running_oss(tmp_path, cnames={"localhost": "test-bucket"}) as oss:
        settings.OSS_ENDPOINT = oss.url
        domain = f"http://localhost:{oss.port}"
        answer = json.loads(presign("a b.txt", "--endpoint", domain, "--cname", "--content-type", "a/b", "--json"))

        assert answer["url"].startswith(f"{domain}/a%20b.txt?")
        assert requests.put(answer["url"], data=b"x", headers=answer["headers"], timeout=10).status_code == 200
        assert oss.app.store.keys("test-bucket") == ["a b.txt"]
