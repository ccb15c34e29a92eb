"""Ask. Of all requests the one that everybody sends, all day long: `short_way` answers most of them."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from llmchat_backend.api.chat_schemas import MessageIn
from llmchat_backend.api.dependencies import CallerDep, ServicesDep
from llmchat_backend.api.event_stream import ANSWER, event_stream
from llmchat_backend.api.schemas import Id
from llmchat_backend.chat.exchange import Question

router = APIRouter(prefix="/api", tags=["messages"])


@router.post("/conversations/{conversation_id}/messages", response_class=StreamingResponse, responses=ANSWER)
async def ask(conversation_id: Id, body: MessageIn, caller: CallerDep, services: ServicesDep) -> StreamingResponse:
    """Store a question and stream its answer. Leaving does not stop the answer: it goes on and is stored."""
    question = Question(body.content, body.model_id, body.attachment_ids)
    answer = await services.answers.start(caller.user_id, conversation_id, question)
    return event_stream(answer.listen())


ROUTE = router.routes[-1]
