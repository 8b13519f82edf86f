"""What the clients are given to send: the values under test, and the forms of a signed PUT."""

from __future__ import annotations

# What would be code in one language or another; OSS takes both as metadata, as they stand.
ODD = "a\"b'c\\d$e%f`g;h&i!"
HOSTILE = "$(exit 3) ${HOME} #{1} %PATH% %s \\u0022 \\x41 \\101 ??/ </script> */ {{ 7 }} {% now 'Y' %} '' \"\" '''"
# A Windows path in which a language may see a line break and a tab.
FILE_NAME = f"C:\\new\\table\\{ODD} 中文.bin"
CHINESE = "%E7%8E%8B%E5%B0%8F%E6%98%8E"

PLAIN = {"Content-Type": "application/octet-stream"}
WITH_HEADERS = {
    # Without a blank, as people write it: parsed and written anew, it would get one.
    "Content-Type": "text/plain;charset=utf8",
    "x-oss-storage-class": "IA",
    "x-oss-meta-odd": ODD,
    "x-oss-meta-hostile": HOSTILE,
    "x-oss-meta-author": CHINESE,
    "Content-Disposition": "attachment; filename*=UTF-8''%E4%B8%AD%E6%96%87.bin",
    "Cache-Control": "no-cache",
}
FORMS = {"plain": PLAIN, "headers": WITH_HEADERS}
