"""A fake engine whose edge runs what it has loaded, as a real one does."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.render.names import SLOTTED
from llmchat_deploy.render.release import RenderedFile, Slot, Slots
from llmchat_deploy.render.slots import parse_slots
from llmchat_deploy.secret import Secret
from tests.fakes import FakeEngine

EDGE = "llmchat-test-edge"


@dataclass
class RealisticEngine(FakeEngine):
    """A fake engine whose edge runs what it has loaded, and which notes what would have cut somebody off."""

    loaded: dict[str, str] = field(default_factory=dict)
    """What the running edge has read: ``haproxy`` as text, ``backend`` and ``frontend`` as slots."""
    worker: int = 1
    offered: str = ""
    """The certificate that was set and not yet committed."""
    cut_off: list[str] = field(default_factory=list)
    """What took a serving container away, or sent requests to one that doesn't run."""
    refuses: str = ""
    """What HAProxy says to a new configuration; empty: it takes it."""
    deaf: bool = False
    """The edge ignores that it is to load."""
    knows: dict[str, str] = field(default_factory=dict)
    """Backend image -> the newest revision it knows; empty: nobody looks at revisions."""
    offline: str = ""
    """The revision that took away what images before it use."""
    database: str = ""
    """The revision that the database is at."""
    broken: set[str] = field(default_factory=set)
    """Images whose migrations fail."""
    wronged: list[str] = field(default_factory=list)
    """What served on a database it can't use, or ran while it changed."""
    gone: Exception | None = None
    """What every question is answered with, once the daemon has stopped."""

    def data_root(self) -> str:
        if self.gone:
            raise self.gone
        return super().data_root()

    def start(self, text: str, slot: str) -> None:
        before = dict(self.boxes)
        super().start(text, slot)
        name = next(name for name, box in self.boxes.items() if before.get(name) is not box)
        old = before.get(name)
        if old and old.digest == self.boxes[name].digest and old.state == "running":
            self.boxes[name] = old  # Compose leaves it alone
            return
        if old and old.state == "running":
            self._note_if_serving(name, "recreated")
        if self.boxes[name].service == "edge":
            self._load()

    def signal(self, container: str, name: str) -> None:
        with self.tape.write(f"signal {container} {name}"):
            if not self.deaf:
                self._load()

    def exec(self, container: str, argv: tuple[str, ...], *, stdin: bytes = b"", timeout: float = 60) -> ExecResult:
        if argv[0] not in ("haproxy", "socat"):
            if argv[0] == "mv":
                self._move(container, argv)
            said = super().exec(container, argv, stdin=stdin, timeout=timeout)
            box = self.boxes.get(container)
            beyond = box and self._is_beyond(box.image) and argv in self._health_commands(container)
            return ExecResult(1, "", "the database is too new") if beyond else said
        answer = next((said for ask in self.answers if (said := ask(container, argv, stdin)) is not None), None)
        if answer is not None:
            return answer
        if argv[0] == "haproxy":
            return ExecResult(int(bool(self.refuses)), "", self.refuses)
        if b"ssl cert" in stdin:
            return self._certificate(container, stdin)
        if stdin.startswith(b"show"):
            info = f"Name: HAProxy\nPid: {self.worker}\nUptime: 0d\n"
            return ExecResult(0, info if stdin == b"show info\n" else "1\n# be_id\n", "")
        with self.tape.write(f"command {container}: {stdin.decode().strip()}"):
            self._obey(stdin.decode())
        return ExecResult(0, "\n", "")

    def run_once(self, argv: tuple[str, ...], *, image: str, volumes: dict[str, str]) -> ExecResult:
        if not self.knows or argv[1:] != ("migrate",):
            return super().run_once(argv, image=image, volumes=volumes)
        known, before = self.knows[image], self.database
        with self.tape.write(f"run once {' '.join(argv)}"):
            if self._is_beyond(image):
                return ExecResult(6, '{"error": {"code": "schema_beyond", "message": "It is too new."}}\n', "")
            if image in self.broken:
                return ExecResult(1, "", "it is broken\n")
            self.database = max(before, known)
            self._note_if_wronged("migrated")
        return ExecResult(0, json.dumps({"from": before, "to": self.database, "head": known}), "")

    def restart(self, container: str, *, timeout: int) -> None:
        super().restart(container, timeout=timeout)
        self.boxes[container] = replace(self.boxes[container], health="healthy")
        self._note_if_wronged(f"restarted {container}")
        if container == EDGE:
            self._load()

    def remove_container(self, name: str, *, timeout: int) -> None:
        self._note_if_serving(name, "removed")
        super().remove_container(name, timeout=timeout)
        if name == EDGE:
            self.loaded.clear()

    def stop_by_hand(self, name: str) -> None:
        self.boxes[name] = replace(self.boxes[name], state="exited", health="")

    @property
    def serving(self) -> Slots:
        """The slots that the running edge sends requests to."""
        return Slots(*(Slot(self.loaded[name]) if self.loaded.get(name) else None for name in ("backend", "frontend")))

    def stored(self, path: str) -> str | None:
        return self.read_folder(EDGE, "/etc/llmchat-edge").get(path)

    def _load(self) -> None:
        self.worker += 1
        slots = parse_slots(self.stored("slots.cfg"))
        lines = (self.stored("haproxy.cfg") or "").splitlines(keepends=True)
        if lines and "not loaded" in lines[0]:
            lines = lines[1:]  # a comment: HAProxy doesn't read it either
        self.loaded = {"haproxy": "".join(lines)} | {name: slots.served_by(name) or "" for name in SLOTTED}
        pem = self.files.get("llmchat-test_edge", {}).get("tls.pem")
        if pem and "tls.pem" in "".join(lines):
            self.loaded["certificate"] = _plain(pem).strip()

    def _move(self, container: str, argv: tuple[str, ...]) -> None:
        with self.tape.write(f"move {container} {argv[-2]} to {argv[-1]}"):
            files = self.files["llmchat-test_edge"]
            files["tls.pem"] = replace(files.pop("next.pem"), path="tls/tls.pem")

    def _certificate(self, container: str, stdin: bytes) -> ExecResult:
        """Answer as HAProxy does to the commands that replace a certificate."""
        path = "/etc/llmchat-edge/tls/tls.pem"
        if stdin.startswith(b"show"):
            return ExecResult(0, f"# filename\n{path if path in self.loaded.get('haproxy', '') else ''}\n", "")
        if stdin.startswith(b"set"):
            self.offered = stdin.decode().partition("<<\n")[2].strip()
            return ExecResult(0, f"New transaction created for certificate {path}!\n", "")
        if stdin.startswith(b"commit"):
            with self.tape.write(f"commit certificate {container}"):
                self.loaded["certificate"] = self.offered
            return ExecResult(0, f"Committing {path}.\nSuccess!\n", "")
        return ExecResult(0, "No ongoing transaction!\n", "")

    def _obey(self, commands: str) -> None:
        for command in commands.strip().split(";"):
            _, _, server, _, state = command.split(" ")
            service, _, slot = server.partition("/")
            if state == "ready":
                self.loaded[service] = slot
                self._note_if_wronged(f"sent requests to {server}")
                box = self.boxes.get(f"llmchat-test-{service}-{slot}")
                if box is None or box.state != "running":
                    self.cut_off.append(f"requests sent to {server}, which doesn't run")
            elif self.loaded.get(service) == slot:
                self.loaded[service] = ""

    def _is_beyond(self, image: str) -> bool:
        return image in self.knows and self.knows[image] < self.offline <= self.database

    def _note_if_wronged(self, what: str) -> None:
        for box in self.boxes.values():
            served = self.loaded.get("backend") == box.slot or what == "migrated"
            if served and box.state == "running" and self._is_beyond(box.image):
                self.wronged.append(f"{what}: {box.name} on {self.database}")

    def _note_if_serving(self, name: str, what: str) -> None:
        box, edge = self.boxes.get(name), self.boxes.get(EDGE)
        if box and edge and edge.state == "running" and box.slot and self.loaded.get(box.service) == box.slot:
            self.cut_off.append(f"{name} was {what} while it served")


def _plain(file: RenderedFile) -> str:
    return file.content.reveal() if isinstance(file.content, Secret) else file.content
