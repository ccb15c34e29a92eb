"""Administrators look after accounts."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query

from llmchat_backend.api.admin_schemas import AccountIn, AccountOut, AccountPage, NewPassword, RoleIn, account_out
from llmchat_backend.api.dependencies import AdminDep, ServicesDep
from llmchat_backend.api.schemas import Id, Text
from llmchat_backend.api.usage_schemas import OwnLimits
from llmchat_backend.auth import accounts, directory, passwords, stewardship
from llmchat_backend.auth.directory import Role, Status
from llmchat_backend.usage import limits

router = APIRouter(prefix="/api/admin/users", tags=["admin"])

_BREATH_SECONDS = 0.02  # between two steps of a deletion, so that writers of the other slot get their turn


@router.get("")
async def list_users(  # noqa: PLR0913 - one filter for each column of the list
    _admin: AdminDep,
    services: ServicesDep,
    *,
    search: Annotated[Text, Query(max_length=64)] = "",
    status: Status | None = None,
    role: Role | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    after: Annotated[Text | None, Query(max_length=200)] = None,
) -> AccountPage:
    """List accounts by name; `status=pending` is the queue of those who wait for approval."""
    page = await services.database.read(
        directory.page, search=search, status=status, role=role, limit=limit, after=after
    )
    return AccountPage(items=[account_out(user) for user in page.items], next=page.next)


@router.post("", status_code=201)
async def create_user(body: AccountIn, admin: AdminDep, services: ServicesDep) -> NewPassword:
    """Make an account with a generated password, whatever the registration policy says."""
    accounts.check_username(body.username)
    password = passwords.generate()
    hashed = await passwords.hash_password(password)
    user = await services.database.write(stewardship.create, admin, body.username, hashed, body.role)
    return NewPassword(user=account_out(user), password=password)


@router.get("/{user_id}")
async def read_user(user_id: Id, _admin: AdminDep, services: ServicesDep) -> AccountOut:
    """Return one account."""
    return account_out(await services.database.read(directory.find, user_id))


@router.delete("/{user_id}", status_code=204)
async def delete_user(user_id: Id, admin: AdminDep, services: ServicesDep) -> None:
    """Delete an account with its conversations and files; answers still being written end.

    It is locked out at once and goes in steps. Where that is cut, it stays locked out and can be deleted again.
    """
    await services.database.write(stewardship.begin_deletion, admin, user_id)
    while await services.database.write(stewardship.delete_some, user_id):  # noqa: ASYNC110 - it makes way
        await asyncio.sleep(_BREATH_SECONDS)
    files = await services.database.write(stewardship.delete, user_id)
    await asyncio.to_thread(services.files.remove, files)


@router.post("/{user_id}/approve")
async def approve(user_id: Id, admin: AdminDep, services: ServicesDep) -> AccountOut:
    """Let in whoever waits for approval."""
    return account_out(await services.database.write(stewardship.approve, admin, user_id))


@router.post("/{user_id}/reject", status_code=204)
async def reject(user_id: Id, admin: AdminDep, services: ServicesDep) -> None:
    """Delete an account that waits for approval."""
    await services.database.write(stewardship.reject, admin, user_id)


@router.post("/{user_id}/deactivate")
async def deactivate(user_id: Id, admin: AdminDep, services: ServicesDep) -> AccountOut:
    """Lock an account out at once and keep its data."""
    return account_out(await services.database.write(stewardship.deactivate, admin, user_id))


@router.post("/{user_id}/reactivate")
async def reactivate(user_id: Id, admin: AdminDep, services: ServicesDep) -> AccountOut:
    """Take a deactivation back."""
    return account_out(await services.database.write(stewardship.reactivate, admin, user_id))


@router.put("/{user_id}/role")
async def set_role(user_id: Id, body: RoleIn, admin: AdminDep, services: ServicesDep) -> AccountOut:
    """Make an administrator or a user of somebody, whose sessions end."""
    return account_out(await services.database.write(stewardship.set_role, admin, user_id, body.role))


@router.put("/{user_id}/limits")
async def set_limits(user_id: Id, body: OwnLimits, admin: AdminDep, services: ServicesDep) -> AccountOut:
    """Give an account limits of its own; null leaves one to its role."""
    own = limits.OwnLimits(**body.model_dump())
    return account_out(await services.database.write(stewardship.set_limits, admin, user_id, own))


@router.post("/{user_id}/reset-password")
async def reset_password(user_id: Id, admin: AdminDep, services: ServicesDep) -> NewPassword:
    """Give an account a generated password; its sessions end."""
    password = passwords.generate()
    hashed = await passwords.hash_password(password)
    user = await services.database.write(stewardship.reset_password, admin, user_id, hashed)
    return NewPassword(user=account_out(user), password=password)
