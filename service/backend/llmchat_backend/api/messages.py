"""Ask, and listen to the answer; stop it."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from llmchat_backend.api.dependencies import CallerDep, ServicesDep
from llmchat_backend.api.event_stream import event_stream
from llmchat_backend.api.schemas import MessageIn, Problem
from llmchat_backend.chat import answer_store
from llmchat_backend.chat.answer_store import Question

router = APIRouter(prefix="/api", tags=["messages"])

_EVENTS = "Events `start`, `reasoning`, `token`, `usage`, `error`, and always `done` at the end."


@router.post(
    "/conversations/{conversation_id}/messages",
    response_class=StreamingResponse,
    responses={
        200: {"description": _EVENTS, "content": {"text/event-stream": {}}},
        404: {"model": Problem},
        409: {"model": Problem},
    },
)
async def ask(conversation_id: str, body: MessageIn, caller: CallerDep, services: ServicesDep) -> StreamingResponse:
    """Store a question and stream its answer. Leaving does not stop the answer: it goes on and is stored."""
    question = Question(body.content, body.model_id, body.attachment_ids)
    answer = await services.answers.start(caller.user_id, conversation_id, question)
    return event_stream(answer.broadcast.listen())


@router.post("/messages/{message_id}/stop", status_code=202)
async def stop(message_id: str, caller: CallerDep, services: ServicesDep) -> None:
    """Stop an answer, whichever instance writes it; one that has ended stays as it is."""
    await services.database.write(answer_store.request_stop, caller.user_id, message_id)
    services.answers.stop(message_id)
