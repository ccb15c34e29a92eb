"""Ask. Of all requests the one that everybody sends, all day long, so that it takes a shorter way than others."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from llmchat_backend.api import problems
from llmchat_backend.api.chat_schemas import MessageIn
from llmchat_backend.api.dependencies import CallerDep, ServicesDep, get_services, read_token, renew_cookie
from llmchat_backend.api.event_stream import ANSWER, event_stream
from llmchat_backend.api.schemas import Id
from llmchat_backend.chat.exchange import Question

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

router = APIRouter(prefix="/api", tags=["messages"])


@router.post("/conversations/{conversation_id}/messages", response_class=StreamingResponse, responses=ANSWER)
async def ask(conversation_id: Id, body: MessageIn, caller: CallerDep, services: ServicesDep) -> StreamingResponse:
    """Store a question and stream its answer. Leaving does not stop the answer: it goes on and is stored."""
    answer = await services.answers.start(caller.user_id, conversation_id, _question(body))
    return event_stream(answer.listen())


_ROUTE = router.routes[-1]
_PLAIN_PATH = re.compile("/api/conversations/([0-9a-f]{32})/messages")
"""With an id as `new_id` makes them."""


class ShortWay:
    """Does for a question that is plainly right what FastAPI would, which takes longer for that than all that is ours.

    It is looked up who asks where the question is stored, which spares one of two turns in the database. Whatever is
    unusual goes FastAPI's way, so that there is one place that says what is wrong.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a plain question, pass any other request on."""
        path = _PLAIN_PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if path is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = _ROUTE
        body = _Recorded(receive)
        request = Request(scope, body)
        try:
            response = await _answer(request, path[1])
        except problems.KNOWN as error:
            response = problems.answer(request, error)
        if response is None:
            await self._app(scope, body.again, send)
        else:
            await response(scope, receive, send)


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


async def _answer(request: Request, conversation_id: str) -> Response | None:
    """Return the answer, None for a request that isn't plain."""
    if request.headers.get("content-type") != "application/json":
        return None
    services = await get_services(request)
    shown = read_token(request, services)
    if shown is None:
        return None
    try:
        body = MessageIn.model_validate(orjson.loads(await request.body()))
    except (ClientDisconnect, orjson.JSONDecodeError, ValidationError):
        return None
    answer = await services.answers.start_for_session(shown.grant.session_id, conversation_id, _question(body))
    response = event_stream(answer.listen())
    if shown.outdated_cookie:
        renew_cookie(response, shown.grant, request, services)
    return response


def _question(body: MessageIn) -> Question:
    return Question(body.content, body.model_id, body.attachment_ids)
