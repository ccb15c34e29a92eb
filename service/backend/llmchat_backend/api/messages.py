"""Go on listening to an answer after a broken connection; stop it, have it anew, ask otherwise."""

from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from llmchat_backend.api.chat_schemas import Again, AnswerOut, AnswersOut, QuestionChange
from llmchat_backend.api.dependencies import CallerDep, ServicesDep
from llmchat_backend.api.event_stream import ANSWER, event_stream
from llmchat_backend.api.schemas import Id, Problem
from llmchat_backend.chat import answer_follow, answer_store, rewrite
from llmchat_backend.chat.cursor import Cursor

router = APIRouter(prefix="/api", tags=["messages"])

_REST = "What is missing in one piece, then events as they come: `reasoning`, `token`, `usage`, `error`, and `done`."


@router.get(
    "/messages/{message_id}/stream",
    response_class=StreamingResponse,
    responses={200: {"description": _REST, "content": {"text/event-stream": {}}}, 404: {"model": Problem}},
)
async def resume(
    message_id: Id,
    caller: CallerDep,
    services: ServicesDep,
    after: Annotated[str | None, Query(max_length=40)] = None,
    last_event_id: Annotated[str | None, Header(max_length=40)] = None,
) -> StreamingResponse:
    """Go on reading an answer after the event with that id (or from its beginning), running or ended."""
    cursor = Cursor.read(after or last_event_id or str(Cursor()))
    saved = await services.database.read(answer_follow.saved, caller.user_id, message_id, cursor)
    answer = services.answers.find(message_id)
    if answer is not None:
        return event_stream(answer.listen(cursor))
    return event_stream(answer_follow.follow(services.database, caller.user_id, message_id, cursor, saved))


@router.post("/messages/{message_id}/regenerate", response_class=StreamingResponse, responses=ANSWER)
async def regenerate(
    message_id: Id, caller: CallerDep, services: ServicesDep, body: Again | None = None
) -> StreamingResponse:
    """Answer the last question anew and stream that; the answer so far stays as an earlier version."""
    answer = await services.answers.regenerate(caller.user_id, message_id, body.model_id if body else None)
    return event_stream(answer.listen())


@router.post("/messages/{message_id}/edit", response_class=StreamingResponse, responses=ANSWER)
async def edit(message_id: Id, body: QuestionChange, caller: CallerDep, services: ServicesDep) -> StreamingResponse:
    """Change a question, forget what followed it, and stream the new answer."""
    answer = await services.answers.edit(caller.user_id, message_id, body.content, body.model_id)
    return event_stream(answer.listen())


@router.get("/messages/{message_id}/versions", responses={404: {"model": Problem}})
async def versions(message_id: Id, caller: CallerDep, services: ServicesDep) -> AnswersOut:
    """List the answers that this one has replaced, the oldest first."""
    earlier = await services.database.read(rewrite.earlier_answers, caller.user_id, message_id)
    return AnswersOut(answers=[AnswerOut.model_validate(version) for version in earlier])


@router.post("/messages/{message_id}/stop", status_code=202)
async def stop(message_id: Id, caller: CallerDep, services: ServicesDep) -> None:
    """Stop an answer, whichever instance writes it; one that has ended stays as it is."""
    await services.database.write(answer_store.request_stop, caller.user_id, message_id)
    services.answers.stop(message_id)
