"""What routers ask for: the services, and the caller.

Each is one function that calls the others: FastAPI takes longer to solve a dependency of a dependency than it does.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response

from llmchat_backend.api import session_cookie
from llmchat_backend.api.outside import is_own_origin
from llmchat_backend.auth import sessions
from llmchat_backend.auth.audit import Actor
from llmchat_backend.auth.sessions import Caller
from llmchat_backend.auth.tokens import Grant
from llmchat_backend.clock import utc_now
from llmchat_backend.errors import ApiError, not_authenticated, password_change_required
from llmchat_backend.services import Services

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token and how it came."""

    token: str
    by_cookie: bool


@dataclass(frozen=True, slots=True)
class ShownToken:
    """A genuine token; whether its session still counts is the database's word."""

    grant: Grant
    outdated_cookie: bool


@dataclass(frozen=True, slots=True)
class Identified:
    """Who calls; a browser's token that the key before the present one signed is to be replaced by the grant's."""

    caller: Caller
    outdated_cookie: Grant | None


async def get_bare_services(request: Request) -> Services:
    """Return the services of this process, whatever state the database is in."""
    services: Services = request.app.state.services
    return services


async def get_services(request: Request) -> Services:
    """Return the services of this process; raise ApiError 503 before the database is migrated."""
    services = await get_bare_services(request)
    if not await services.gate.is_open():
        raise ApiError(503, "database_not_migrated", "The service is being set up. Try again in a moment.")
    return services


BareServicesDep = Annotated[Services, Depends(get_bare_services)]
ServicesDep = Annotated[Services, Depends(get_services)]


def find_bearer(request: Request) -> str | None:
    """Return the Bearer token of a request."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def find_credentials(request: Request) -> Credentials | None:
    """Return the Bearer token, else the browser's cookie."""
    if (token := find_bearer(request)) is not None:
        return Credentials(token, by_cookie=False)
    cookie = request.cookies.get(session_cookie.COOKIE)
    return Credentials(cookie, by_cookie=True) if cookie else None


async def identify(request: Request, services: Services) -> Identified | None:
    """Return who calls, None for nobody; refuse another site that sends the browser's cookie along."""
    shown = read_token(request, services)
    if shown is None:
        return None
    caller = await services.database.read_rows(sessions.find_caller, shown.grant.session_id)
    if caller is None:
        return None
    return Identified(caller, shown.grant if shown.outdated_cookie else None)


def read_token(request: Request, services: Services) -> ShownToken | None:
    """Return what a genuine token says, None for any other; refuse another site that sends the browser's cookie."""
    credentials = find_credentials(request)
    token = services.signer.read(credentials.token) if credentials else None
    if credentials is None or token is None:
        return None
    if credentials.by_cookie:
        refuse_foreign_site(request, services)
    return ShownToken(token.grant, outdated_cookie=token.outdated and credentials.by_cookie)


def refuse_foreign_site(request: Request, services: Services) -> None:
    """Raise ApiError 403 unless the method is safe or the request comes from our own page."""
    if request.method not in _SAFE_METHODS and not is_own_origin(request, services.settings):
        raise ApiError(403, "foreign_origin", "This request does not come from this site.")


async def get_known_caller(request: Request, response: Response) -> Caller:
    """Return who calls, whatever their password; raise ApiError 401 for nobody."""
    services = await get_services(request)
    identified = await identify(request, services)
    if identified is None:
        raise not_authenticated()
    if identified.outdated_cookie is not None:
        renew_cookie(response, identified.outdated_cookie, request, services)
    return identified.caller


def renew_cookie(response: Response, grant: Grant, request: Request, services: Services) -> None:
    """Have the browser keep a token that the present key signed."""
    left = grant.expires_at - utc_now()
    session_cookie.give(response, services.signer.sign(grant), left, request, services.settings)


async def get_caller(request: Request, response: Response) -> Caller:
    """Return who calls; raise ApiError 401 for nobody, 403 for who must choose a password first."""
    caller = await get_known_caller(request, response)
    if caller.must_change_password:
        raise password_change_required()
    return caller


async def get_admin(request: Request, response: Response) -> Actor:
    """Return the administrator who calls; raise ApiError 403 for anybody else."""
    caller = await get_caller(request, response)
    if not caller.is_admin:
        raise ApiError(403, "admin_only", "Only administrators may do this.")
    return Actor(caller.user_id, caller.username)


KnownCallerDep = Annotated[Caller, Depends(get_known_caller)]
CallerDep = Annotated[Caller, Depends(get_caller)]
AdminDep = Annotated[Actor, Depends(get_admin)]
