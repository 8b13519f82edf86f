"""The storage behind TLS, as the real one is, with a certificate made for the run."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cheroot.ssl.builtin import BuiltinSSLAdapter

from tests.servers import BUCKET, CREDENTIALS, REGION, MovableClock, RunningOss
from uploads.localoss.app import LocalOss
from uploads.localoss.server import OssServer


def make_certificate(folder: Path) -> Path:
    """For 127.0.0.1, its own authority; the key lies beside it."""
    certificate = folder / "ca.pem"
    names = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    files = ("-keyout", str(folder / "key.pem"), "-out", str(certificate))
    _run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files)
    return certificate


def trust_for_java(certificate: Path) -> str:
    """Options of a JVM that make it trust the certificate."""
    store = certificate.with_name("trusted.p12")
    store.unlink(missing_ok=True)
    source = ("-file", str(certificate), "-keystore", str(store), "-storepass", "secret")
    _run("keytool", "-importcert", "-noprompt", "-alias", "test", *source)
    return f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword=secret"


@contextmanager
def oss_over_tls(root: Path, certificate: Path) -> Iterator[RunningOss]:
    """As `running_oss`, by https."""
    app = LocalOss(root, credentials=CREDENTIALS, region=REGION)
    app.create_bucket(BUCKET)
    server = OssServer(app)
    server._server.ssl_adapter = BuiltinSSLAdapter(str(certificate), str(certificate.with_name("key.pem")))
    with server:
        yield RunningOss(app, server.url.replace("http:", "https:"), server.port, MovableClock())


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
