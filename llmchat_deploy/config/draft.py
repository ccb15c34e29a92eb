"""What the layers say together, before it is known to be right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmchat_deploy.config.provenance import DEFAULT, Provenance
from llmchat_deploy.config.schema import PRESETS, REMOTES, Path, lookup
from llmchat_deploy.errors import Problem
from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Setting:
    """A value of the right type, where it comes from and the name it has there."""

    path: Path
    value: object
    origin: Provenance
    written: str

    def problem(self, message: str, hint: str = "") -> Problem:
        """Say what is wrong with this setting, at its own place."""
        return Problem(str(self.origin), self.written, message, hint)


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings of one source and what is wrong with it.

    ``broken`` holds the paths that it names and that can't be used: they aren't missing, so nobody says they are.
    """

    settings: tuple[Setting, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    broken: frozenset[Path] = frozenset()
    unusable: bool = False
    """Nothing of the source could be read, so nobody knows what it says."""


@dataclass(slots=True)
class LayerBuilder:
    """Collect a layer while its source is read."""

    settings: list[Setting] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    broken: set[Path] = field(default_factory=set)

    def build(self) -> Layer:
        """Return what was collected."""
        return Layer(tuple(self.settings), tuple(self.problems), tuple(self.warnings), frozenset(self.broken))


class Draft:
    """Layers, the last of which wins, seen as one table."""

    def __init__(self, layers: Iterable[Layer]) -> None:
        self._settings: dict[Path, Setting] = {}
        self._ranks: dict[Path, int] = {}
        self._broken: set[Path] = set()
        for rank, layer in enumerate(layers):
            self._broken |= layer.broken
            for setting in layer.settings:
                self._settings[setting.path] = setting
                self._ranks[setting.path] = rank

    def __iter__(self) -> Iterator[Setting]:
        """Return the settings that some layer names."""
        return iter(self._settings.values())

    def setting(self, *path: str) -> Setting | None:
        """Return what a layer says about ``path``, None where none does or where it can't be used."""
        return None if path in self._broken else self._settings.get(path)

    def is_broken(self, *path: str) -> bool:
        """Say whether a layer names ``path`` in a way that can't be used."""
        return path in self._broken

    @property
    def uses_bundled(self) -> bool:
        """Whether the bundled model is the default one: it is chosen, and no later layer names one's own model."""
        return self.switch("models", "bundled") and self.rank("models", "default", "url") <= self.rank(
            "models", "bundled"
        )

    def rank(self, *path: str) -> int:
        """Return how late the layer is that ``path`` comes from; -1 for the default."""
        return self._ranks.get(path, -1)

    def text(self, *path: str) -> str:
        """Return a text's value or default."""
        return str(self._value(path))

    def number(self, *path: str) -> int:
        """Return a number's value or default."""
        value = self._value(path)
        return value if isinstance(value, int) else 0

    def switch(self, *path: str) -> bool:
        """Return whether a switch is on."""
        return self._value(path) is True

    def secret(self, *path: str) -> Secret | None:
        """Return a secret's value, None where no layer sets it."""
        setting = self.setting(*path)
        return setting.value if setting and isinstance(setting.value, Secret) else None

    def origin(self, *path: str) -> Provenance:
        """Return where the value of ``path`` comes from."""
        setting = self.setting(*path)
        return setting.origin if setting else DEFAULT

    def presets(self) -> tuple[str, ...]:
        """Return the ids of the preset models, in the order in which they are first named."""
        return self._names(PRESETS)

    def remotes(self) -> tuple[str, ...]:
        """Return the names of the remotes for backups, in the order in which they are first named."""
        return self._names(REMOTES)

    def _names(self, table: Path) -> tuple[str, ...]:
        size = len(table)
        return tuple(dict.fromkeys(path[size] for path in self._settings if path[:size] == table))

    def _value(self, path: Path) -> object:
        setting = self.setting(*path)
        known = lookup(path)
        return setting.value if setting else known.default if known else ""
