"""Ask. Of all requests the one that everybody sends, all day long, so that it takes a shorter way than others."""

import re
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from llmchat_backend.api.chat_schemas import MessageIn
from llmchat_backend.api.dependencies import CallerDep, ServicesDep, get_caller, get_services
from llmchat_backend.api.event_stream import ANSWER, event_stream
from llmchat_backend.api.schemas import Id
from llmchat_backend.chat.answer_store import Question

_OURS = re.compile("[0-9a-f]{32}")
"""What `new_id` makes."""


class _ShortWay(APIRoute):
    """Does for a body that is plainly right what FastAPI would, which takes longer for that than all that is ours.

    Whatever is unusual goes FastAPI's way, so that there is one place that says what is wrong.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what handles a request."""
        usual = super().get_route_handler()

        async def handle(request: Request) -> Response:
            conversation_id = request.path_params["conversation_id"]
            body = await _read_plain(request) if _OURS.fullmatch(conversation_id) else None
            if body is None:
                return await usual(request)
            more = Response()  # a cookie may be renewed
            caller = await get_caller(request, more)
            answer = await ask(conversation_id, body, caller, await get_services(request))
            answer.raw_headers += [(name, value) for name, value in more.raw_headers if name == b"set-cookie"]
            return answer

        return handle


router = APIRouter(prefix="/api", tags=["messages"], route_class=_ShortWay)


@router.post("/conversations/{conversation_id}/messages", response_class=StreamingResponse, responses=ANSWER)
async def ask(conversation_id: Id, body: MessageIn, caller: CallerDep, services: ServicesDep) -> StreamingResponse:
    """Store a question and stream its answer. Leaving does not stop the answer: it goes on and is stored."""
    question = Question(body.content, body.model_id, body.attachment_ids)
    answer = await services.answers.start(caller.user_id, conversation_id, question)
    return event_stream(answer.listen())


async def _read_plain(request: Request) -> MessageIn | None:
    """Return a body that was sent as JSON and is one, None for any other."""
    if request.headers.get("content-type") != "application/json":
        return None
    try:
        return MessageIn.model_validate(orjson.loads(await request.body()))
    except (ClientDisconnect, orjson.JSONDecodeError, ValidationError):
        return None
