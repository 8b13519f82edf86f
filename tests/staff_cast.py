"""People at the staff pages and the admin, beside the owner and the stranger of conftest.py."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Permission

from tests.factories import make_page, make_user

# What is shown of a visitor's file name must be text, whatever it looks like.
HOSTILE_NAMES = [
    "<script>alert(1)</script>.pdf",
    "\"><img src=x onerror=alert(1)>'.svg",
    "{{ 7|add:7 }}{% csrf_token %}.txt",
    "تقرير نهائي 2026.pdf",
    "año 2026 (终稿)+final%20.tar.gz",
    "a" * 251 + ".pdf",
]


def make_reviewer(username: str = "reviewer"):
    """May see other people's pages, grants and events, and change nothing."""
    return _with_permissions(make_user(username), "view_uploadpage", "view_uploadgrant", "view_grantevent")


def make_editor(username: str = "editor"):
    """May change other people's pages too."""
    return _with_permissions(make_reviewer(username), "change_uploadpage", "delete_uploadpage", "add_uploadpage")


def make_signer(username: str = "signer"):
    """May sign for any key, and see no page of others."""
    return _with_permissions(make_user(username), "sign_any_key")


def make_person(who: str, owner):
    """Somebody of the cast, beside this owner of a page."""
    makers = {
        "owner": lambda: owner,
        "owner switched off": lambda: _switched_off(owner),
        "other owner": lambda: make_page(owner=make_user("other"), title="Other").owner,
        "stranger": lambda: make_user("stranger"),
        "reviewer": make_reviewer,
        "editor": make_editor,
        "signer": make_signer,
        "administrator": lambda: make_user("administrator", is_superuser=True),
        "anonymous": AnonymousUser,
        "account that is not staff": lambda: make_user("visitor", is_staff=False, is_superuser=True),
        "account switched off": lambda: make_user("gone", is_active=False, is_superuser=True),
    }
    return makers[who]()


def _switched_off(user):
    user.is_active = False
    user.save()
    return get_user_model().objects.get(pk=user.pk)


def _with_permissions(user, *codenames):
    permissions = Permission.objects.filter(content_type__app_label="uploads", codename__in=codenames)
    assert len(permissions) == len(codenames)
    user.user_permissions.add(*permissions)
    return user
