"""The programs over TLS, as to the real OSS. Chromium does not differ there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.clients.forms import FILE_NAME, WITH_HEADERS
from tests.clients.storage import WatchedStorage, covered
from tests.clients.tls import make_certificate, oss_over_tls, trust_for_java
from tests.clients.toolchains import TOOL_CHAINS, CompiledClient, refuse_missing, refuse_missing_tools
from uploads.snippets import program

NAMES_OF_TRUST = {
    "curl": "CURL_CA_BUNDLE", "python": "REQUESTS_CA_BUNDLE", "node": "NODE_EXTRA_CA_CERTS", "go": "SSL_CERT_FILE"
}  # fmt: skip
# libcurl and Mono ask no variable: the program is told whom to trust.
PLACES_OF_TRUST = {
    "cpp": ("CURL *curl = curl_easy_init();", 'curl_easy_setopt(curl, CURLOPT_CAINFO, "{path}");'),
    "csharp": (
        'request.Method = "PUT";',
        "request.ServerCertificateValidationCallback = (sender, certificate, chain, errors) => "
        'certificate.Equals(new System.Security.Cryptography.X509Certificates.X509Certificate("{path}"));',
    ),
}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    refuse_missing("openssl")
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def module_storage(tmp_path_factory, certificate):
    with oss_over_tls(tmp_path_factory.mktemp("oss"), certificate) as oss:
        yield WatchedStorage(oss, certificate=certificate)


@pytest.fixture
def instructions(module_storage):
    module_storage.forget()
    return lambda code: module_storage.instructions(code, WITH_HEADERS, file_name=FILE_NAME)


def trusting(code: str, certificate) -> dict[str, str]:
    if code in {"java", "android"}:
        return {"JDK_JAVA_OPTIONS": trust_for_java(certificate)}
    return {NAMES_OF_TRUST[code]: str(certificate)} if code in NAMES_OF_TRUST else {}


@pytest.mark.parametrize("code", TOOL_CHAINS)
def test_it_works(code, module_storage, instructions, certificate, files, tmp_path):
    refuse_missing_tools(code)
    written = program(code, instructions(code))
    if code in PLACES_OF_TRUST:
        place, line = PLACES_OF_TRUST[code]
        assert place in written.source
        source = written.source.replace(place, place + line.format(path=certificate))
        written = replace(written, source=source)
    client = CompiledClient(written, tmp_path, **trusting(code, certificate))

    run = client.run(files)

    assert run.exit_status == 0, run.output
    assert module_storage.stored(code).body == (files / FILE_NAME).read_bytes()
    assert covered(module_storage.requests[0]) == {name.lower(): value for name, value in WITH_HEADERS.items()}


@pytest.mark.parametrize("code", TOOL_CHAINS)
def test_nothing_is_sent_to_who_cannot_prove_to_be_the_storage(code, module_storage, instructions, files, tmp_path):
    refuse_missing_tools(code)
    run = CompiledClient(program(code, instructions(code)), tmp_path).run(files)

    assert run.exit_status != 0
    assert not module_storage.requests
