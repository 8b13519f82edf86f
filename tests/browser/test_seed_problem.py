"""Why this project exists: a URL signed without the Content-Type that the browser sends, and the cure."""

from __future__ import annotations

from tests.browser.visitor import file
from uploads.models.grants import UploadGrant
from uploads.oss.clock import utc_now
from uploads.oss.signing import presign
from uploads.storage import storage

PUT_AS_BROWSERS_DO = """async (url) => {
  const body = new File(["hello"], "hello.txt", { type: "text/plain" });
  const response = await fetch(url, { method: "PUT", body });
  const error = new DOMParser().parseFromString(await response.text(), "application/xml");
  const said = (name) => error.querySelector(name)?.textContent;
  return [response.status, said("Code"), said("EC")];
}"""


def test_a_type_that_was_not_signed_is_refused_and_the_same_file_arrives_with_a_grant(visitor):
    signed_without_type = presign(
        storage().bucket(), storage().credentials, method="PUT", key="hello.txt", expires_in=60, at=utc_now()
    )
    answer = visitor.tab.evaluate(PUT_AS_BROWSERS_DO, signed_without_type.url)
    assert answer == [403, "SignatureDoesNotMatch", "0002-00000201"]

    with visitor.tab.expect_response(lambda response: response.request.method == "PUT") as put:
        visitor.choose(file("hello.txt", b"hello", "text/plain"))
    visitor.sees("hello.txt", "stored")
    assert put.value.status == 200
    assert UploadGrant.objects.get().state == "stored"
