"""Who may call what: the status that each route answers to everybody, in one table.

The resource in a path belongs to `owner`. A refusal is 401 for nobody, 403 for the wrong role, and 404 for what belongs
to somebody else, as if it were not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PASSWORD_CHANGE = {"current_password": "not the password", "new_password": "long enough"}
CHAT = {"model": "default", "messages": [{"role": "user", "content": "Hi"}], "stream": True}


@dataclass(frozen=True)
class Route:
    """One route, what is sent to it, and the status that each kind of caller gets."""

    method: str
    path: str
    nobody: int
    other: int
    owner: int
    admin: int
    program: int
    body: Any = None

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path


TABLE = (
    #     method    path                                               nobody other owner admin program
    Route("GET", "/health/live",                                          200, 200, 200, 200, 200),
    Route("GET", "/health/ready",                                         200, 200, 200, 200, 200),
    Route("GET", "/health/stream",                                        200, 200, 200, 200, 200),
    Route("GET", "/api/version",                                          200, 200, 200, 200, 200),
    Route("GET", "/api/auth/policy",                                      200, 200, 200, 200, 200),
    Route("POST", "/api/auth/register",                                   422, 422, 422, 422, 422,
          {"username": "short", "password": "short"}),
    Route("POST", "/api/auth/login",                                      401, 401, 401, 401, 401,
          {"username": "nobody", "password": "not the password"}),
    Route("POST", "/api/auth/logout",                                     204, 204, 204, 204, 204),
    Route("GET", "/api/auth/me",                                          401, 200, 200, 200, 401),
    Route("POST", "/api/auth/change-password",                            401, 403, 403, 403, 401, PASSWORD_CHANGE),

    Route("GET", "/api/models",                                           401, 200, 200, 200, 401),
    Route("GET", "/api/conversations",                                    401, 200, 200, 200, 401),
    Route("POST", "/api/conversations",                                   401, 201, 201, 201, 401),
    Route("GET", "/api/conversations/{conversation_id}",                  401, 404, 200, 404, 401),
    Route("PATCH", "/api/conversations/{conversation_id}",                401, 404, 200, 404, 401, {"title": "Mine"}),
    Route("DELETE", "/api/conversations/{conversation_id}",               401, 404, 204, 404, 401),
    Route("GET", "/api/conversations/{conversation_id}/export",           401, 404, 200, 404, 401),
    Route("POST", "/api/conversations/{conversation_id}/messages",        401, 404, 200, 404, 401, {"content": "Hi"}),
    Route("GET", "/api/messages/{message_id}/stream",                     401, 404, 200, 404, 401),
    Route("POST", "/api/messages/{message_id}/regenerate",                401, 404, 200, 404, 401),
    Route("POST", "/api/messages/{question_id}/edit",                     401, 404, 200, 404, 401, {"content": "Ho"}),
    Route("GET", "/api/messages/{message_id}/versions",                   401, 404, 200, 404, 401),
    Route("POST", "/api/messages/{message_id}/stop",                      401, 404, 202, 404, 401),
    Route("POST", "/api/attachments",                                     401, 422, 422, 422, 401, {}),
    Route("GET", "/api/attachments/{attachment_id}",                      401, 404, 200, 404, 401),
    Route("GET", "/api/search?q=Hi",                                      401, 200, 200, 200, 401),
    Route("GET", "/api/export",                                           401, 200, 200, 200, 401),
    Route("GET", "/api/usage",                                            401, 200, 200, 200, 401),
    Route("GET", "/api/keys",                                             401, 200, 200, 200, 401),
    Route("POST", "/api/keys",                                            401, 201, 201, 201, 401, {"name": "x"}),
    Route("DELETE", "/api/keys/{key_id}",                                 401, 404, 204, 404, 401),

    Route("GET", "/api/admin/usage",                                      401, 403, 403, 200, 401),
    Route("GET", "/api/admin/users",                                      401, 403, 403, 200, 401),
    Route("POST", "/api/admin/users",                                     401, 403, 403, 422, 401, {"username": " "}),
    Route("GET", "/api/admin/users/{user_id}",                            401, 403, 403, 200, 401),
    Route("DELETE", "/api/admin/users/{user_id}",                         401, 403, 403, 204, 401),
    Route("POST", "/api/admin/users/{user_id}/approve",                   401, 403, 403, 409, 401),
    Route("POST", "/api/admin/users/{user_id}/reject",                    401, 403, 403, 409, 401),
    Route("POST", "/api/admin/users/{user_id}/deactivate",                401, 403, 403, 200, 401),
    Route("POST", "/api/admin/users/{user_id}/reactivate",                401, 403, 403, 200, 401),
    Route("PUT", "/api/admin/users/{user_id}/role",                       401, 403, 403, 200, 401, {"role": "admin"}),
    Route("PUT", "/api/admin/users/{user_id}/limits",                     401, 403, 403, 200, 401, {"streams": 1}),
    Route("POST", "/api/admin/users/{user_id}/reset-password",            401, 403, 403, 200, 401),
    Route("GET", "/api/admin/invitations",                                401, 403, 403, 200, 401),
    Route("POST", "/api/admin/invitations",                               401, 403, 403, 201, 401),
    Route("DELETE", "/api/admin/invitations/{invitation_id}",             401, 403, 403, 204, 401),
    Route("GET", "/api/admin/models",                                     401, 403, 403, 200, 401),
    Route("POST", "/api/admin/models/{model_id}/check",                   401, 403, 403, 200, 401),
    Route("GET", "/api/admin/audit",                                      401, 403, 403, 200, 401),

    Route("GET", "/v1/models",                                            401, 401, 401, 401, 200),
    Route("GET", "/v1/models/default",                                    401, 401, 401, 401, 200),
    Route("POST", "/v1/chat/completions",                                 401, 401, 401, 401, 200, CHAT),
)  # fmt: skip
