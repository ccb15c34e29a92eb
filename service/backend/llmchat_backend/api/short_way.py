"""Answer plain questions in front of the routing.

FastAPI's layers and routers take longer for a question than all that is ours. And who asks is looked up here where the
question is stored: one turn in the database instead of two. What is unusual in any way, or wrong, is passed on, so that
there is one place that says what is wrong with a request.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

import orjson
from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request

from llmchat_backend.api import problems, questions
from llmchat_backend.api.chat_schemas import MessageIn
from llmchat_backend.api.dependencies import get_services, read_token, renew_cookie
from llmchat_backend.api.event_stream import event_stream
from llmchat_backend.chat.exchange import Question
from llmchat_backend.errors import ApiError

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PLAIN_PATH = re.compile("/api/conversations/([0-9a-f]{32})/messages")
"""With an id as `new_id` makes them."""


class ShortWay:
    """Answers plain questions, passes any other request on. Plain ASGI, the innermost of our layers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a plain question, pass any other request on."""
        path = _PLAIN_PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if path is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = questions.ROUTE
        respond, receive = await self._respond(scope, receive, path[1])
        await respond(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive, conversation_id: str) -> tuple[ASGIApp, Receive]:
        """Return what answers a request, and what it is to read; nothing else of the request is kept meanwhile."""
        recorded = _Recorded(receive)
        request = Request(scope, recorded)
        try:
            response = await _answer(request, conversation_id)
        except problems.KNOWN as error:
            response = problems.tell(request, error)
        return (self._app, recorded.again) if response is None else (response, receive)


async def _answer(request: Request, conversation_id: str) -> Response | None:
    if request.headers.get("content-type") != "application/json":
        return None
    services = await get_services(request)
    try:
        token = read_token(request, services)
        body = MessageIn.model_validate(orjson.loads(await request.body())) if token else None
    except (ApiError, ClientDisconnect, orjson.JSONDecodeError, ValidationError):
        return None
    if token is None or body is None:
        return None
    question = Question(body.content, body.model_id, body.attachment_ids)
    answer = await services.answers.start_for_session(token.grant.session_id, conversation_id, question)
    response = event_stream(answer.listen())
    if token.outdated_cookie:
        renew_cookie(response, token.grant, request, services)
    return response


class _Recorded:
    """What is received, to be received once more by another reader."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: deque[Message] = deque()

    async def __call__(self) -> Message:
        message = await self._receive()
        self._messages.append(message)
        return message

    async def again(self) -> Message:
        """Return what was received, then what comes."""
        return self._messages.popleft() if self._messages else await self._receive()
