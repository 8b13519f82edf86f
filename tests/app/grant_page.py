"""The page of one grant: its address, and somebody signed in who opens it."""

from __future__ import annotations

from django.test import Client


def address_of(grant) -> str:
    return f"/staff/grants/{grant.grant_id}/"


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client
