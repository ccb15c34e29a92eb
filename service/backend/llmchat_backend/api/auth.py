"""Register, log in, log out, who am I, change the password."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from llmchat_backend.api import session_cookie
from llmchat_backend.api.dependencies import (
    BareServicesDep,
    KnownCallerDep,
    ServicesDep,
    find_credentials,
    identify,
    refuse_foreign_site,
)
from llmchat_backend.api.outside import client_address
from llmchat_backend.api.schemas import (
    CredentialsIn,
    LoggedIn,
    PasswordChange,
    PolicyOut,
    Registered,
    RegistrationIn,
    UserOut,
)
from llmchat_backend.auth import accounts, attempts, passwords, registration, sessions
from llmchat_backend.auth.attempts import Limit
from llmchat_backend.auth.tokens import Grant
from llmchat_backend.errors import ApiError
from llmchat_backend.services import Services

router = APIRouter(prefix="/api/auth", tags=["auth"])

_TRIES = 2
"""To log in: a hash that another log-in made better meanwhile is compared with once more."""


@router.get("/policy")
async def policy(services: BareServicesDep) -> PolicyOut:
    """Tell how one gets an account here; the API enforces it, whatever a page shows."""
    return PolicyOut(
        registration=services.settings.registration,
        min_password_characters=passwords.MIN_CHARACTERS,
        max_password_bytes=passwords.MAX_BYTES,
    )


@router.post("/register", status_code=201)
async def register(body: RegistrationIn, request: Request, services: ServicesDep) -> Registered:
    """Create an account as the policy allows. It does not log in."""
    _refuse_foreign_page(request, services)
    policy = services.settings.registration
    await services.database.read(registration.check, policy, body.invitation)
    accounts.check_username(body.username)
    passwords.check_rules(body.password)
    if limits := attempts.limits_of_registration(client_address(request, services.settings)):
        await _count_attempt(services, limits)
    if passwords.is_busy():
        raise ApiError(503, "busy", "Too many people register just now. Try again soon.", headers={"Retry-After": "5"})
    hashed = await passwords.hash_password(body.password)
    user = await services.database.write(registration.register, policy, body.username, hashed, body.invitation)
    return Registered(user=UserOut.model_validate(user), pending=user.pending)


@router.post("/login")
async def login(body: CredentialsIn, request: Request, response: Response, services: ServicesDep) -> LoggedIn:
    """Begin a session: the token in the answer for API clients, the same one in a cookie for the browser."""
    _refuse_foreign_page(request, services)
    limits = attempts.limits_of(body.username, client_address(request, services.settings))
    await _count_attempt(services, limits)
    lifetime = timedelta(minutes=services.settings.access_token_expire_minutes)
    for _ in range(_TRIES):
        user = await services.database.read(accounts.find_by_name, body.username)
        verdict = await passwords.verify_password(body.password, user.hashed_password if user else None)
        if user is None or not verdict.right or not (user.is_active or user.pending):
            break
        if user.pending:  # only whoever knows the password hears that the account exists
            await services.database.write(attempts.forgive, limits)
            raise ApiError(403, "account_pending", "An administrator has not approved this account yet.")
        begun = await services.database.write(
            sessions.begin, user.id, lifetime, verified=user.hashed_password, better_hash=verdict.better_hash
        )
        if begun is not None:
            await services.database.write(attempts.forgive, limits)
            token = services.signer.sign(Grant(user.id, begun.id, begun.created_at, begun.expires_at))
            session_cookie.give(response, token, lifetime, request, services.settings)
            return LoggedIn(access_token=token, user=UserOut.model_validate(user))
    raise ApiError(401, "bad_credentials", "The username or the password is wrong.")


@router.post("/logout", status_code=204)
async def logout(request: Request, response: Response, services: ServicesDep) -> None:
    """End the session for good and forget the cookie; without a session there is nothing to do."""
    identified = await identify(request, services)
    if identified is not None:
        await services.database.write(sessions.end, identified.caller.session_id)
    if find_credentials(request) is not None:
        session_cookie.take_away(response)


@router.get("/me")
async def me(caller: KnownCallerDep) -> UserOut:
    """Tell who is logged in."""
    return UserOut(
        id=caller.user_id,
        username=caller.username,
        is_admin=caller.is_admin,
        must_change_password=caller.must_change_password,
    )


@router.post("/change-password", status_code=204)
async def change_password(
    body: PasswordChange, request: Request, caller: KnownCallerDep, services: ServicesDep
) -> None:
    """Replace the password; every other session of the account ends."""
    limits = attempts.limits_of(caller.username, client_address(request, services.settings))
    await _count_attempt(services, limits)
    wrong = ApiError(403, "bad_credentials", "The current password is wrong.")
    user = await services.database.read(accounts.find_by_name, caller.username)
    verdict = await passwords.verify_password(body.current_password, user.hashed_password if user else None)
    if user is None or not verdict.right:
        raise wrong
    hashed = await passwords.hash_password(body.new_password)
    kept = {"verified": user.hashed_password, "keep_session": caller.session_id}
    if not await services.database.write(accounts.replace_password, caller.user_id, hashed, **kept):
        raise wrong
    await services.database.write(attempts.forgive, limits)


async def _count_attempt(services: Services, limits: tuple[Limit, ...]) -> None:
    wait = await services.database.write(attempts.count, limits)
    if wait is not None:
        raise ApiError(
            429,
            "too_many_attempts",
            f"Too many attempts. Try again in {wait} seconds.",
            headers={"Retry-After": str(wait)},
        )


def _refuse_foreign_page(request: Request, services: Services) -> None:
    """Refuse a browser on another site: it could log its visitor in to an account of the attacker."""
    if "origin" in request.headers:
        refuse_foreign_site(request, services)
