"""Causes of refusals that come from the signature, from who signed, and from where it was sent."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from uploads.cause import AS_SIGNED, ENDPOINT, TELL, Cause, Who

_NOT_FROM_THIS_SITE = _(
    "The storage does not take files from this site yet. You did nothing wrong; please tell %(owner)s: %(grant)s."
)
_SEND_EXACTLY = _("The program must send exactly the headers that came with the URL, and none of its own.")
_WHOLE_URL = _("Use the URL as it was given, unchanged; in a shell put it between single quotes.")
_CREDENTIALS = _("Set OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and OSS_SESSION_TOKEN of this site to one valid set.")
_PERMISSION = _("Allow oss:PutObject on the object's key to the RAM user or role that signs, and deny it nowhere.")

# SignatureDoesNotMatch, and URLs that did not arrive whole.
SIGNATURE = {
    "signature": Cause(
        TELL,
        _("SignatureDoesNotMatch: what was sent is not what was signed, or the AccessKey secret is wrong."),
        Who.PROGRAM,
        _('Paste OSS\'s whole answer under "Explain an error": it shows which header or parameter differs.'),
    ),
    "content_type": Cause(
        AS_SIGNED,
        _("The Content-Type is not the signed one: %(what)s."),
        Who.PROGRAM,
        _("Send exactly the signed Content-Type. Browsers and libraries add their own, from the name of the file."),
    ),
    "metadata": Cause(
        AS_SIGNED, _("The user metadata is not what was signed: %(what)s."), Who.PROGRAM, _SEND_EXACTLY
    ),
    "storage_class": Cause(
        AS_SIGNED, _("The storage class is not the signed one: %(what)s."), Who.PROGRAM, _SEND_EXACTLY
    ),
    "header": Cause(AS_SIGNED, _("A header is not what was signed: %(what)s."), Who.PROGRAM, _SEND_EXACTLY),
    "header_missing": Cause(
        AS_SIGNED,
        _("A header that the URL requires did not arrive%(aside)s."),
        Who.PROGRAM,
        _("Send all headers that came with the URL. Content-Length needs a body of known length, not one in chunks."),
    ),
    "query_changed": Cause(AS_SIGNED, _("The query string was changed: %(what)s."), Who.PROGRAM, _WHOLE_URL),
    "query_cut": Cause(
        _("The URL did not arrive whole. Use all of it; in a shell put it between single quotes."),
        _("The URL was cut at an &: OSS got no signature, or only a part of its parameters%(aside)s."),
        Who.PROGRAM,
        _("A shell takes & for its own. Put the URL between single quotes (cmd: double quotes)."),
    ),
    "signature_cut": Cause(
        _("The URL did not arrive whole. Use all of it; in a shell put it between single quotes."),
        _("The signature at the end of the URL is not whole: %(what)s."),
        Who.PROGRAM,
        _WHOLE_URL,
    ),
    "method": Cause(
        AS_SIGNED,
        _("The method is not the signed one: %(what)s."),
        Who.PROGRAM,
        _("Use the method for which the URL was signed. A form or FormData sends POST; a PUT takes the bare file."),
    ),
    "key": Cause(
        AS_SIGNED, _("The URL names another object than the signed one: %(what)s."), Who.PROGRAM, _WHOLE_URL
    ),
    "wrong_secret": Cause(
        TELL,
        _("All that arrived is as it was signed, so the AccessKey secret is not the one of this AccessKey id."),
        Who.ADMINISTRATOR,
        _CREDENTIALS,
    ),
    "wrong_length": Cause(
        _("The file changed while it was being sent. Choose it again."),
        _("The length of the body was not the signed one%(aside)s."),
        Who.VISITOR,
        _("A URL with a signed length takes exactly that length: choose the file again, or sign for the new one."),
    ),
    "parameters": Cause(
        AS_SIGNED, _("OSS does not take a parameter or a header of the request%(aside)s."), Who.PROGRAM, _WHOLE_URL
    ),
    "bad_validity": Cause(
        TELL,
        _("The validity is outside 1 to 604,800 seconds (43,200 with a security token)%(aside)s."),
        Who.PROGRAM,
        _("Sign for a validity within these bounds."),
    ),
}

# Who signed, and where it was sent.
ACCESS = {
    "access_key": Cause(TELL, _("OSS does not know the AccessKey id."), Who.ADMINISTRATOR, _CREDENTIALS),
    "token_invalid": Cause(
        TELL,
        _("The security token (STS) is not valid, or belongs to another AccessKey id."),
        Who.ADMINISTRATOR,
        _CREDENTIALS,
    ),
    "token_expired": Cause(
        TELL,
        _("The security token (STS) has expired, and with it every URL that it signed."),
        Who.ADMINISTRATOR,
        _("Renew the token in time, and tell its end in OSS_SESSION_TOKEN_EXPIRES_AT."),
    ),
    "token_missing": Cause(
        TELL,
        _("The AccessKey id is a temporary one (STS), but the URL has no security token."),
        Who.ADMINISTRATOR,
        _("Set OSS_SESSION_TOKEN; or the parameter x-oss-security-token was cut off the URL."),
    ),
    "account": Cause(
        TELL,
        _("The account that owns the bucket or signs is disabled or overdue (UserDisable)."),
        Who.ADMINISTRATOR,
        _("Settle the account with Alibaba Cloud."),
    ),
    "denied": Cause(
        TELL,
        _("OSS denied access: the signer lacks oss:PutObject on this key, or a bucket policy forbids it."),
        Who.ADMINISTRATOR,
        _PERMISSION,
    ),
    "denied_by_bucket": Cause(
        TELL,
        _("A policy of the bucket denies this."),
        Who.ADMINISTRATOR,
        _("Look for Deny statements in the bucket's policy: addresses, TLS, or the signer itself."),
    ),
    "denied_by_session": Cause(
        TELL,
        _("The policy of the STS session does not allow this."),
        Who.ADMINISTRATOR,
        _("Give AssumeRole a policy that allows oss:PutObject on the object's key, or none."),
    ),
    "region": Cause(
        TELL,
        _("The URL was signed for another region than the bucket's%(aside)s."),
        Who.ADMINISTRATOR,
        _('Set OSS_REGION to the bucket\'s region, without "oss-".'),
    ),
    "endpoint": Cause(
        TELL, _("The bucket cannot be reached at this endpoint%(aside)s."), Who.ADMINISTRATOR, ENDPOINT
    ),
    "public_endpoint": Cause(
        TELL,
        _("Accounts opened after March 2025 may not use the public endpoints of buckets in mainland China."),
        Who.ADMINISTRATOR,
        _("Bind a custom domain (CNAME) to the bucket, and set it as OSS_ENDPOINT with OSS_CNAME=true."),
    ),
    "second_level_domain": Cause(
        TELL,
        _("The bucket stands in the path of the URL; the public OSS takes it in the host name only."),
        Who.ADMINISTRATOR,
        ENDPOINT,
    ),
    "acceleration_off": Cause(
        TELL,
        _("Transfer acceleration is not switched on for this bucket."),
        Who.ADMINISTRATOR,
        _("Switch it on in the console, or use another endpoint."),
    ),
    "no_bucket": Cause(
        TELL,
        _("There is no such bucket, or it is not at this endpoint%(aside)s."),
        Who.ADMINISTRATOR,
        _("Check OSS_BUCKET, OSS_REGION and OSS_ENDPOINT."),
    ),
    "cors_origin": Cause(
        _NOT_FROM_THIS_SITE,
        _("No CORS rule of the bucket allows PUT from the origin %(what)s."),
        Who.ADMINISTRATOR,
        _("Add a CORS rule with exactly this origin, the method PUT and the header *; then let it be sent again."),
    ),
    "cors_headers": Cause(
        _NOT_FROM_THIS_SITE,
        _("The bucket's CORS rules know the site, but allow not all that it sends: %(what)s."),
        Who.ADMINISTRATOR,
        _("Give the CORS rule of this origin the header *; then let it be sent again."),
    ),
    "cors": Cause(
        _NOT_FROM_THIS_SITE,
        _("The bucket's CORS rules do not allow what the browser asked for."),
        Who.ADMINISTRATOR,
        _("Add a CORS rule with the exact origin of the site, the method PUT and the header *."),
    ),
}
