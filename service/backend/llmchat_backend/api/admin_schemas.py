"""The JSON of what administrators ask for."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from llmchat_backend.api.schemas import Request, Response, Text
from llmchat_backend.api.usage_schemas import OwnLimits
from llmchat_backend.auth.directory import Role, Status, status_of
from llmchat_backend.auth.invitations import MAX_DAYS, MAX_USES
from llmchat_backend.chat.catalogue import ModelEndpoint
from llmchat_backend.chat.model_health import Health
from llmchat_backend.db.models import User
from llmchat_backend.usage.limits import own_limits_of


class AccountIn(Request):
    """An account made by an administrator, who is told its first password."""

    username: Annotated[Text, Field(max_length=1000)]
    role: Role = "user"


class RoleIn(Request):
    """What an account may do from now on."""

    role: Role


class AccountOut(Response):
    """An account, for administrators."""

    id: str
    username: str
    role: Role
    status: Status
    must_change_password: bool
    limits: OwnLimits
    created_at: datetime
    last_login_at: datetime | None


class AccountPage(Response):
    """Some accounts by name; `next` is the `after` of the following page."""

    items: list[AccountOut]
    next: str | None


class NewPassword(Response):
    """A generated password: it is shown once, and its owner must replace it."""

    user: AccountOut
    password: str


class InvitationIn(Request):
    """Who it is for, how many may use it, for how long."""

    note: Annotated[Text, Field(max_length=200)] = ""
    uses: Annotated[int, Field(ge=1, le=MAX_USES)] = 1
    days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = 7


class InvitationOut(Response):
    """An invitation without its code."""

    id: str
    note: str
    max_uses: int
    uses: int
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class InvitationMade(InvitationOut):
    """A new invitation: the code is shown once."""

    code: str


class InvitationPage(Response):
    """Some invitations, newest first; `next` is the `before` of the following page."""

    items: list[InvitationOut]
    next: str | None


class ModelCheck(Response):
    """Whether a model answers: either how long its first word took, or why there was none and what to do."""

    model_id: str
    first_token_ms: int | None = None
    code: str | None = None
    detail: str | None = None
    hint: str | None = None


class ModelState(Response):
    """How a model is, for administrators: why it fails and since when, when it last answered and was last looked at."""

    id: str
    label: str
    default: bool
    visible_to: Literal["everyone", "admins"]
    state: Literal["ok", "failing", "unknown"]
    code: str | None
    detail: str | None
    since: datetime | None
    last_answer_at: datetime | None
    checked_at: datetime | None


class ModelStates(Response):
    """All models, the default one first."""

    models: list[ModelState]


class AuditEntryOut(Response):
    """One act; without `actor_id` it was the operator, at the command line."""

    id: str
    at: datetime
    actor_id: str | None
    actor_name: str
    action: str
    target_id: str
    target_name: str
    details: dict[str, Any]


class AuditPage(Response):
    """Some acts, newest first; `next` is the `before` of the following page."""

    items: list[AuditEntryOut]
    next: str | None


def model_state_out(endpoint: ModelEndpoint, health: Health, *, default: bool) -> ModelState:
    """Show how a model is."""
    failure = health.failure
    return ModelState(
        id=endpoint.id,
        label=endpoint.label,
        default=default,
        visible_to="admins" if endpoint.admins_only else "everyone",
        state=health.state,
        code=failure.code if failure else None,
        detail=failure.message if failure else None,
        since=failure.since if failure else None,
        last_answer_at=health.last_answer_at,
        checked_at=health.checked_at,
    )


def account_out(user: User) -> AccountOut:
    """Show an account."""
    return AccountOut(
        id=user.id,
        username=user.username,
        role="admin" if user.is_admin else "user",
        status=status_of(user),
        must_change_password=user.must_change_password,
        limits=OwnLimits.model_validate(own_limits_of(user)),
        created_at=user.created_at,
        last_login_at=user.last_login_at,
    )
