"""Why an upload failed: the table of all causes.

Which answer means which cause is said in `uploads/diagnosis.py`. `%(owner)s` and `%(grant)s` stand in the visitors'
sentences; in those for staff `%(what)s` stands for what was found in this one case, and `%(aside)s` for the same in
brackets, or for nothing.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from uploads.cause import AS_SIGNED, ENDPOINT, TELL, Cause, Who
from uploads.causes_of_refusals import ACCESS, SIGNATURE

_AGAIN = _("The permission was not valid when the file was sent. Try again.")

# The line, the storage's own troubles, and what only the server's look at OSS can tell.
_PASSING = {
    "connection_broke": Cause(
        _("The connection broke before the file arrived. Try again."),
        _("The sender got no answer, and the object is not there: a broken line, a firewall, or CORS."),
        Who.VISITOR,
        _("Send it again. If it goes on, try another network; a firewall or a proxy may cut large requests."),
        is_final=False,
    ),
    "offline": Cause(
        _("There was no network when the file was sent. Try again when you are connected."),
        _("The browser had no network."),
        Who.VISITOR,
        _("Connect to a network and send it again."),
        is_final=False,
    ),
    "unreachable": Cause(
        _("The storage cannot be reached from your network. Try again; if that does not help, try another network."),
        _("The browser is online but cannot reach the storage's host: DNS, a firewall, a filter, or TLS."),
        Who.VISITOR,
        _("Try again, or a network without VPN or filter. If it fails for everybody, check the OSS_ENDPOINT."),
        is_final=False,
    ),
    "storage_busy": Cause(
        _("The storage was busy and did not take the file. Try again."),
        _("OSS answered with a passing error, and the object is not there."),
        Who.VISITOR,
        _("Send it again a little later."),
        is_final=False,
    ),
    "url_lapsed": Cause(
        _("The permission lapsed before the file was sent. Try again."),
        _("The URL had lapsed when the request arrived%(aside)s."),
        Who.VISITOR,
        _("Ask for a fresh URL; where this happens often, give the page's URLs a longer life."),
        is_final=False,
    ),
    "not_yet_valid": Cause(
        _AGAIN,
        _("The URL was not valid yet: it was signed with a clock more than 15 minutes ahead of OSS's%(aside)s."),
        Who.PROGRAM,
        _("Set the clock of the machine that signs. This site signs with OSS's time, so the URL is from elsewhere."),
        is_final=False,
    ),
    "clock_drift": Cause(
        _AGAIN,
        _("The clock of the sender differs from OSS's by more than 15 minutes (RequestTimeTooSkewed)%(aside)s."),
        Who.PROGRAM,
        _("Set the sender's clock, by NTP; a presigned URL from this site does not need it."),
        is_final=False,
    ),
    "not_there": Cause(
        _("The file was sent, but the storage does not have it. Send it again."),
        _("The sender reported success, but OSS has no such object."),
        Who.VISITOR,
        _("Send it again. If it goes on, something between the sender and OSS answers in its place."),
        is_final=False,
    ),
    "parts_missing": Cause(
        _("Some of the file has not arrived. Try again; what is there is kept."),
        _("The browser said that all parts were sent, but OSS does not have all of them."),
        Who.VISITOR,
        _("Send it again: only what is missing goes over the line."),
        is_final=False,
    ),
    "parts_lost": Cause(
        _("The storage no longer has what was sent of this file. Send it again."),
        _("NoSuchUpload: the multipart upload was aborted, perhaps by a lifecycle rule; no object is there."),
        Who.VISITOR,
        _("Send it again. If it goes on, let the bucket's rule AbortMultipartUpload wait for 14 days."),
        is_final=False,
    ),
    "never_arrived": Cause(
        _("The file did not arrive before the permission lapsed. Send it again."),
        _("Every URL has lapsed, and the object is not there."),
        Who.VISITOR,
        _("Send it again."),
    ),
    "differs": Cause(
        _("What arrived differs from what you sent. It was set aside; please send it again."),
        _("The stored object is not what was granted; see what was compared."),
        Who.OWNER,
        _("Look at the object before you trust it, and ask the sender to send it again."),
    ),
}

# What was asked of OSS, and what was sent.
_REQUEST = {
    "overwrite": Cause(
        _("A file is already there, and this URL does not replace it. It may be yours: ask %(owner)s: %(grant)s."),
        _("An object with this key is there already, and the URL does not overwrite (FileAlreadyExists)."),
        Who.OWNER,
        _("Look whether the object is the one that was sent: clients repeat a PUT whose answer was lost. "
          "Otherwise sign for another key."),
    ),
    "no_object": Cause(
        _("The file is not there. Please tell %(owner)s: %(grant)s."),
        _("There is no object with this key."), Who.OWNER,
        _("Compare the key with the bucket sign by sign, capitals too; the object may have been deleted."),
    ),
    "immutable": Cause(
        TELL, _("A retention policy (WORM) keeps the object as it is."), Who.ADMINISTRATOR,
        _("Sign for another key, or wait until the retention ends."),
    ),
    "digest": Cause(
        _("The file was damaged on its way or changed. Choose it again."),
        _("The checksum sent with the body (Content-MD5 or CRC-64) does not fit it."), Who.VISITOR,
        _("Send it again. Where a Content-MD5 was signed, it is that of one file only."),
    ),
    "no_length": Cause(
        _("Send it again with a Content-Length: the storage has to know how long the file is."),
        _("The request had neither a Content-Length nor chunks."), Who.PROGRAM,
        _("Send the body with its length."),
    ),
    "too_large": Cause(
        _("The file is too large to be sent in one piece. Please tell %(owner)s: %(grant)s."),
        _("One PUT takes 5 GB at most."), Who.OWNER, _("Larger files go in parts."),
    ),
    "parts": Cause(
        _("The pieces of the file did not come together. Send it again."),
        _("The multipart upload is gone, or its parts do not fit together."), Who.VISITOR, _("Send the file again."),
    ),
    "object_name": Cause(
        TELL, _("OSS does not take this object key: 1 to 1,023 bytes of UTF-8, without a leading / or \\."),
        Who.OWNER, _("Choose another folder for the page, or another key."),
    ),
    "method_not_allowed": Cause(
        AS_SIGNED, _("OSS does not know this method here: a form or FormData sends POST to a URL for PUT."),
        Who.PROGRAM, _("Send the bare file by PUT."),
    ),
    "callback": Cause(
        _("The file has arrived. You need not send it again."),
        _("The object is stored, but OSS could not call the callback address."), Who.ADMINISTRATOR,
        _("Let the callback answer 200 with JSON within 5 seconds; it must be reachable from the internet."),
        is_final=False,
    ),
    "download_domain": Cause(
        TELL, _("OSS does not hand out .apk and .ipa files from its own domains."), Who.ADMINISTRATOR, ENDPOINT
    ),
    "refused": Cause(
        TELL, _("OSS refused the request; see code and EC%(aside)s."), Who.ADMINISTRATOR,
        _("Follow the link of the EC: the vendor's page for exactly this error."),
    ),
}  # fmt: skip

CAUSES: dict[str, Cause] = {**_PASSING, **SIGNATURE, **ACCESS, **_REQUEST}
