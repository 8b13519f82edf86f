"""A bucket's CORS rules: which one holds for a request, what it adds to the answer, and which rules OSS takes.

https://www.alibabacloud.com/help/en/oss/developer-reference/putbucketcors
"""

from __future__ import annotations

from collections.abc import Mapping

from uploads.localoss.errors import (
    CORS_METHOD_MISSING,
    CORS_NO_RULE_MATCHES,
    CORS_NOT_CONFIGURED,
    CORS_ORIGIN_MISSING,
    CORS_TOO_MANY_RULES,
    CORS_WITHOUT_RULE,
    Refusal,
    invalid_argument,
)
from uploads.oss.cors_rules import first_match
from uploads.oss.documents import CorsConfiguration, CorsRule

MAX_RULES = 10
MAX_AGE_SECONDS = 999_999_999
METHODS = frozenset({"GET", "PUT", "DELETE", "POST", "HEAD"})
# https://help.aliyun.com/en/oss/user-guide/0034-00000013
_NOT_EXPOSABLE = frozenset("*<>&'\"")


def preflight_headers(configuration: CorsConfiguration | None, asked: Mapping[str, str]) -> dict[str, str]:
    """The answer to OPTIONS; `asked` are the request's headers by name in lower case. Raises Refusal."""
    origin = asked.get("origin", "")
    method = asked.get("access-control-request-method", "")
    if not origin:
        raise Refusal(CORS_ORIGIN_MISSING)
    if not method:
        raise Refusal(CORS_METHOD_MISSING)
    if configuration is None:
        raise Refusal(CORS_NOT_CONFIGURED)
    requested = asked.get("access-control-request-headers", "")
    names = [name for part in requested.split(",") if (name := part.strip().lower())]
    rule = first_match(configuration.rules, origin=origin, method=method, headers=names)
    if rule is None:
        raise Refusal(CORS_NO_RULE_MATCHES)
    headers = _rule_headers(rule, origin)
    if names:
        headers["Access-Control-Allow-Headers"] = requested
    return headers


def actual_headers(configuration: CorsConfiguration | None, origin: str, method: str) -> dict[str, str]:
    """What the rules add to an answer, errors included; `origin` is empty when the request named none."""
    if configuration is None:
        return {}
    headers = {"Vary": "Origin"} if configuration.response_vary else {}
    rule = first_match(configuration.rules, origin=origin, method=method) if origin else None
    return headers | (_rule_headers(rule, origin) if rule else {})


def refuse_bad_rules(configuration: CorsConfiguration) -> None:
    """Raises Refusal for what PutBucketCors does not take."""
    if not configuration.rules:
        raise Refusal(CORS_WITHOUT_RULE)
    # The manual says 10 on one page and 20 on another; we hold to the lower.
    if len(configuration.rules) > MAX_RULES:
        raise Refusal(CORS_TOO_MANY_RULES)
    for rule in configuration.rules:
        _refuse_bad_rule(rule)


def _refuse_bad_rule(rule: CorsRule) -> None:
    """Where no EC is given, we have not seen it."""
    if not rule.allowed_origins or not rule.allowed_methods:
        raise invalid_argument("A CORS rule needs an AllowedOrigin and an AllowedMethod.")
    max_age = () if rule.max_age_seconds is None else (str(rule.max_age_seconds),)
    for name, values, is_good, ec in (
        ("AllowedOrigin", rule.allowed_origins, _is_origin, "0034-00000009"),
        ("AllowedMethod", rule.allowed_methods, METHODS.__contains__, "0034-00000011"),
        ("AllowedHeader", rule.allowed_headers, _is_header_pattern, ""),
        (
            "ExposeHeader",
            rule.expose_headers,
            _is_exposable,
            "0034-00000013",
        ),
        ("MaxAgeSeconds", max_age, lambda value: 0 <= int(value) <= MAX_AGE_SECONDS, ""),
    ):
        for value in values:
            if not is_good(value):
                raise invalid_argument(f"{name} is invalid.", ec, name=name, value=value)


def _is_header_pattern(text: str) -> bool:
    return bool(text) and text.count("*") <= 1


def _is_exposable(text: str) -> bool:
    return bool(text) and not _NOT_EXPOSABLE & set(text)


def _is_origin(text: str) -> bool:
    return bool(text) and text.count("*") <= 1 and text not in {"http://*", "https://*"}


def _rule_headers(rule: CorsRule, origin: str) -> dict[str, str]:
    headers = {
        "Access-Control-Allow-Origin": "*" if "*" in rule.allowed_origins else origin,
        "Access-Control-Allow-Methods": ", ".join(rule.allowed_methods),
    }
    if rule.expose_headers:
        headers["Access-Control-Expose-Headers"] = ", ".join(rule.expose_headers)
    if rule.max_age_seconds is not None:
        headers["Access-Control-Max-Age"] = str(rule.max_age_seconds)
    return headers
