"""What the server signs for parts is what a browser sends of itself for a slice of a file, of whatever type."""

from __future__ import annotations

import pytest

from tests.app.sending_parts import stored_bytes
from uploads.models import UploadGrant

UNIT = 256 * 1024

# The calls of the API as the page's script makes them, with nothing around them.
SEND = """
async ({ type, unit }) => {
  const file = new File([new Uint8Array(2 * unit + 1000).map((_, index) => index % 251)], "video.mp4", { type });
  const id = "3f0c2a52-7a0b-4d2c-9d0e-5c7b8d9e0f11";
  const ask = async (call, files) => {
    const headers = { "Content-Type": "application/json", "X-Upload-Key": "k".repeat(32) };
    const answer = await fetch(call, { method: "POST", headers, body: JSON.stringify({ files }) });
    return Object.values(await answer.json())[0][0];
  };
  await ask("grants", [{ id, name: file.name, size: file.size, type: file.type }]);
  const spans = [0, unit, 2 * unit].map((offset) => ({ offset, size: Math.min(unit, file.size - offset) }));
  const { parts } = await ask("parts", [{ id, parts: spans }]);
  const puts = parts.map(({ offset, size, url, method, headers }) =>
    fetch(url, { method, headers, body: file.slice(offset, offset + size) }));
  const statuses = (await Promise.all(puts)).map((answer) => answer.status);
  return { statuses, state: (await ask("complete", [{ id }])).file_state };
}
"""


@pytest.mark.parametrize("type_", ["video/mp4", "", "text/html"], ids=["of a type", "of none", "of a dangerous one"])
def test_slices_are_taken_and_make_the_file(visitor, type_):
    sent = visitor.tab.evaluate(SEND, {"type": type_, "unit": UNIT})

    assert sent == {"statuses": [200, 200, 200], "state": "stored"}
    content = bytes(index % 251 for index in range(2 * UNIT + 1000))
    assert stored_bytes(UploadGrant.objects.get().object_key) == content
