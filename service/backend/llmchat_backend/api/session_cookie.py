"""The browser's cookie: HttpOnly, for this site only, `Secure` exactly when the outside is https."""

from datetime import timedelta

from fastapi import Request, Response

from llmchat_backend.api.outside import outside_scheme
from llmchat_backend.settings import Settings

COOKIE = "llmchat_session"


def give(response: Response, token: str, lifetime: timedelta, request: Request, settings: Settings) -> None:
    """Have the browser keep a token."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(lifetime.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=outside_scheme(request, settings) == "https",
    )


def take_away(response: Response) -> None:
    """Have the browser forget it."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
