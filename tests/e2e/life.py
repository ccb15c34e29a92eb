"""What somebody keeps in the service: an account, conversations and a file; and whether it is all still there."""

from __future__ import annotations

import http.client
import os
from dataclasses import dataclass, field
from time import sleep
from typing import Any, Self

from tests.e2e import checks
from tests.e2e.chat import Chat

PASSWORD = "pass wörd $HOME 'n' 汉字"


@dataclass
class Life:
    """A user, logged in since the beginning; ``files`` are the bytes uploaded, by their ids."""

    name: str
    chat: Chat
    files: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def begin(cls, chat: Chat, name: str) -> Self:
        """Register, log in, upload a file and ask about it."""
        life = cls(name, chat.register(name, PASSWORD))
        content = os.urandom(30_000).hex().encode()
        file = life.chat.upload("notes.txt", content)
        life.files[file] = content
        checks.is_streamed(life.chat.ask("What does it say?", files=(file,)))
        return life

    def goes_on(self, question: str) -> None:
        """Ask in a new conversation."""
        checks.is_streamed(self.chat.ask(question))

    def seen(self) -> dict[str, Any]:
        """Return every conversation with all its messages, as the API shows them once the model has found titles."""
        seen: dict[str, Any] = {}
        while (now := self._seen()) != seen:
            seen = now
            sleep(1)
        return seen

    def _seen(self) -> dict[str, Any]:
        return {item["id"]: self.chat.conversation(item["id"]) for item in self.chat.conversations()}

    def is_there(self, seen: dict[str, Any]) -> None:
        """Fail unless chats and files are those, the old log-in still works, and so do name and password."""
        assert self.seen() == seen
        for file, content in self.files.items():
            assert self.chat.download(file) == content
        again = Life(self.name, Chat(self.chat.port).log_in(self.name, PASSWORD), self.files)
        assert again.seen() == seen
        wrong = b'{"username": "%s", "password": "not the password"}' % self.name.encode()
        assert Chat(self.chat.port).send("POST", "/api/auth/login", wrong)[0] == http.client.UNAUTHORIZED
