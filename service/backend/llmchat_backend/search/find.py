"""Look for words in one's own conversations: SQLite by its full-text index, other databases by comparing texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Float, Integer, case, func, literal, select, text

from llmchat_backend.db.models import Conversation, Message
from llmchat_backend.db.search import SearchText
from llmchat_backend.search.snippet import Piece, snippet
from llmchat_backend.search.terms import phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from llmchat_backend.search.terms import Phrase

MAX_RANKED = 1000
"""Only the newest ones are put in order: whoever finds more than that looks for another word."""

_TITLE_WEIGHT = 2
_MATCHES = text(
    # 0: whose words they are says nothing about how well they fit.
    "SELECT rowid AS id, bm25(search_index, 0.0, 1.0) AS score FROM search_index WHERE search_index MATCH :match"
    " ORDER BY rowid DESC LIMIT :newest"
)
_BEFORE, _READ = 1000, 20_000
"""Characters of a text that are read for its snippet, before the first word looked for and in all."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message, or a conversation's title, that holds everything looked for."""

    conversation_id: str
    title: str
    archived: bool
    message_id: str | None
    role: str | None
    at: datetime
    snippet: list[Piece]


@dataclass(frozen=True, slots=True)
class Hits:
    """The best ones first; `next` is the `offset` of the following page."""

    items: list[Hit]
    next: int | None


def find(session: Session, user_id: str, query: str, *, limit: int, offset: int) -> Hits:
    """Return what a user's words are found in, title or text; nothing for a query without a word."""
    wanted = phrases(query)
    if not wanted:
        return Hits([], None)
    matching = _by_index if session.get_bind().dialect.name == "sqlite" else _by_comparing
    ranked = matching(user_id, wanted).limit(limit + 1).offset(offset)
    ids = session.scalars(ranked).all()
    found = {}
    for row in session.execute(_shown(session, ids[:limit], wanted[0].terms[0])):
        row_id, conversation_id, title, archived, message_id, role, at, start, length, piece = row
        edges = {"more_before": start > 1, "more_after": start + len(piece) <= length}
        shown = snippet(piece, wanted, **edges)
        found[row_id] = Hit(conversation_id, title, archived, message_id, role, at, shown)
    more = len(ids) > limit and offset + limit < MAX_RANKED
    return Hits([found[row] for row in ids[:limit]], offset + limit if more else None)


def _by_index(user_id: str, wanted: Sequence[Phrase]) -> Select[int]:
    match = f"user_id : {_quoted(user_id)} AND terms : ({' AND '.join(_match(phrase) for phrase in wanted)})"
    hits = _MATCHES.bindparams(match=match, newest=MAX_RANKED).columns(id=Integer, score=Float).subquery("hits")
    weight = case((SearchText.message_id.is_(None), literal(_TITLE_WEIGHT)), else_=literal(1))
    return (
        select(SearchText.id)
        .join(hits, hits.c.id == SearchText.id)
        .where(SearchText.user_id == user_id)
        .order_by(hits.c.score * weight, SearchText.id.desc())
    )


def _by_comparing(user_id: str, wanted: Sequence[Phrase]) -> Select[int]:
    """Titles before messages, new ones before old ones."""
    return (
        select(SearchText.id)
        .where(SearchText.user_id == user_id, *(SearchText.terms.like(_pattern(phrase)) for phrase in wanted))
        .order_by(SearchText.message_id.is_not(None), SearchText.id.desc())
    )


def _match(phrase: Phrase) -> str:
    return _quoted(" ".join(phrase.terms)) + (" *" if phrase.open_end else "")


def _quoted(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


def _pattern(phrase: Phrase) -> str:
    """Return a LIKE pattern; words hold no character that means something in one."""
    return f"% {' '.join(phrase.terms)}" + ("%" if phrase.open_end else " %")


def _shown(
    session: Session, ids: Sequence[int], word: str
) -> Select[int, str, str, bool, str | None, str | None, datetime, int, int, str]:
    """Select what is told of hits, and a piece of each text: where it begins, the length of the whole, and itself."""
    # A title's own row has no message: its text is the title.
    whole = case((Message.id.is_(None), Conversation.title), else_=Message.content)
    # The word may stand there otherwise than it is looked for, or inside another one: then the piece is as good as any.
    place = func.instr if session.get_bind().dialect.name == "sqlite" else func.strpos
    at = place(func.lower(whole), word, type_=Integer)
    start = case((at > _BEFORE, at - _BEFORE), else_=literal(1))
    return (
        select(
            SearchText.id,
            Conversation.id,
            Conversation.title,
            Conversation.archived,
            Message.id,
            Message.role,
            case((Message.id.is_(None), Conversation.updated_at), else_=Message.created_at),
            start,
            func.length(whole, type_=Integer),
            func.substr(whole, start, _READ),
        )
        .join(Conversation, SearchText.conversation_id == Conversation.id)
        .outerjoin(Message, SearchText.message_id == Message.id)
        .where(SearchText.id.in_(ids))
    )
