"""What staff type into a search box, and the rows it means."""

from __future__ import annotations

from django.db.models import Q

from uploads.models.events import GrantEvent

MAX_QUERY_CHARACTERS = 300
# The link of a page is a secret. Only its start as the list shows it is searched for, and only among pages whose link
# the searcher may see anyway: otherwise it could be guessed sign by sign.
SHOWN_TOKEN_CHARACTERS = 8


def cleaned_query(raw: str) -> str:
    """Without NUL, which PostgreSQL cannot take, and no longer than any name."""
    return raw.replace("\x00", "").strip()[:MAX_QUERY_CHARACTERS]


def grants_found_by(query: str) -> Q:
    """Grants whose file name, folder or key has all the words, or whose own id or a request id is one of them."""
    found = Q()
    for word in query.split():
        events = GrantEvent.objects.filter(request_id=word, grant__isnull=False)
        found &= (
            Q(file_name__icontains=word)
            | Q(folder__icontains=word)
            | Q(object_key__icontains=word)
            | Q(grant_id=word)
            | Q(reported_request_id=word)
            | Q(pk__in=events.values("grant"))
        )
    return found


def pages_found_by(query: str, *, own: Q) -> Q:
    """Pages whose title or owner's name has the query, or whose id or link it is; `own` are those whose link the
    searcher may see."""
    if not query:
        return Q()
    found = Q(title__icontains=query) | Q(owner__username__icontains=query) | Q(page_id=query)
    token = _token_in(query)
    if len(token) >= SHOWN_TOKEN_CHARACTERS:
        found |= own & Q(token__startswith=token)
    return found


def _token_in(query: str) -> str:
    """The token in a pasted link, or the query itself."""
    _, marker, rest = query.partition("/u/")
    return (rest if marker else query).partition("/")[0].rstrip("…")
