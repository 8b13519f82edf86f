"""The main job: a visitor's file reaches OSS from the browser, and the grant records what the server has checked."""

from tests.browser.visitor import file
from uploads.models.grants import UploadGrant


def test_it_works(visitor, oss):
    visitor.choose(file("hello.txt", b"hello", "text/plain"))
    visitor.sees("hello.txt", "stored")
    visitor.sees_queue("done")
    grant = UploadGrant.objects.get()
    assert grant.state == "stored"
    assert not visitor.complaints
