"""One run of the command line: its options, its outside world, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from llmchat_deploy.errors import DeployError, ExitCode

if TYPE_CHECKING:
    from llmchat_deploy.apply.events import EventSink
    from llmchat_deploy.cli.context import World
    from llmchat_deploy.config.load import Loaded
    from llmchat_deploy.config.model import Environment
    from llmchat_deploy.config.sources import Sources
    from llmchat_deploy.engine.base import Engine
    from llmchat_deploy.host.base import Host
    from llmchat_deploy.operations.migrate_ip import Around
    from llmchat_deploy.operations.outcome import Outcome
    from llmchat_deploy.operations.parts import Parts
    from llmchat_deploy.output.screen import Screen
    from llmchat_deploy.render.templates import Templates

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """The options every command takes, before or after its name."""

    environment: str | None = None
    json: bool = False
    yes: bool = False
    verbose: bool = False
    overrides: tuple[str, ...] = ()

    def merged(self, later: GlobalOptions) -> GlobalOptions:
        """Return these options with those given further right: switches add up, the later name wins."""
        return GlobalOptions(
            environment=later.environment or self.environment,
            json=self.json or later.json,
            yes=self.yes or later.yes,
            verbose=self.verbose or later.verbose,
            overrides=(*self.overrides, *later.overrides),
        )


class Session:
    """What a command gets: everything is built when it is first asked for, so that ``--help`` costs nothing."""

    def __init__(self, world: World, *, json: bool = False) -> None:
        self.world = world
        self.options = GlobalOptions(json=json)
        self.command = ""
        self.result: ExitCode | None = None
        """How the command ended, once it has; None while it is at work."""
        self.overlay: Sources | None = None
        """The configuration as it will be, where a command brings files of its own."""

    def take(self, given: GlobalOptions) -> None:
        """Add options given further right on the command line."""
        self.options = self.options.merged(given)

    @cached_property
    def name(self) -> str:
        """Name of the environment: the one asked for, else the only one in use, else a question."""
        from llmchat_deploy.cli.choose import choose_environment

        return self.options.environment or choose_environment(self)

    @cached_property
    def loaded(self) -> Loaded:
        """The environment with the provenance of its settings; raises InvalidConfig with every problem."""
        from llmchat_deploy.config.load import load_environment

        loaded = load_environment(
            self.name,
            self.overlay or self.world.sources(),
            self.options.overrides,
            new_secret=self.world.new_secret,
        )
        self.screen.hide(loaded.environment.secrets)
        for warning in loaded.warnings:
            self.screen.warn(warning)
        return loaded

    def refuse_lost_secrets(self) -> None:
        """Raise SecretsMissing where a new SECRET_KEY would be made for what was deployed with another one."""
        from llmchat_deploy.operations.lost_secrets import refuse_lost_secrets

        refuse_lost_secrets(self.name, self.world.sources(), self.world.host)

    @property
    def environment(self) -> Environment:
        """The environment itself."""
        return self.loaded.environment

    @cached_property
    def rough_environment(self) -> Environment:
        """The environment, or with an invalid configuration what it takes to look at and to stop what runs.

        What is wrong becomes warnings. Raises EnvironmentNotFound where nothing of that name runs or ran either.
        """
        from llmchat_deploy.cli.rough import rough_environment

        return rough_environment(self)

    @property
    def is_valid(self) -> bool:
        """Whether the configuration can be used as it is."""
        return "loaded" in self.__dict__

    @cached_property
    def templates(self) -> Templates:
        """The project's templates over those the tool ships."""
        return self.world.templates()

    @cached_property
    def host(self) -> Host:
        """The machine, for this environment."""
        return self.world.host(self.rough_environment.project)

    @cached_property
    def engine(self) -> Engine:
        """The Docker engine; raises DockerUnavailable or DockerTooOld."""
        return self.world.engine()

    @cached_property
    def screen(self) -> Screen:
        """Where everything is written."""
        from llmchat_deploy.output.screen import Screen

        return Screen(json=self.options.json, verbose=self.options.verbose)

    @cached_property
    def parts(self) -> Parts:
        """What an operation on the whole environment works with."""
        from llmchat_deploy.operations.parts import Parts

        return Parts(self.environment, self.templates, self.host, self.engine)

    @cached_property
    def around(self) -> Around:
        """What a change of address works with."""
        from llmchat_deploy.config.load import load_environment
        from llmchat_deploy.operations.migrate_ip import Around

        def load(sources: Sources) -> Loaded:
            return load_environment(self.name, sources, self.options.overrides, new_secret=self.world.new_secret)

        sources, folder = self.world.sources(), self.world.project_writer()
        self.screen.hide(self.environment.secrets)
        return Around(self.name, sources, load, self.templates, self.host, lambda: self.engine, folder)

    @property
    def interactive(self) -> bool:
        """Whether there is somebody to answer a question."""
        return not self.options.json and self.world.interactive

    def progress(self) -> AbstractContextManager[EventSink]:
        """Show the steps of a plan while they are carried out."""
        from llmchat_deploy.output.progress import show_progress

        return show_progress(self.screen, clock=self.world.monotonic)

    def finish(self, outcome: Outcome[T], show: Callable[[Screen, T], None]) -> ExitCode:
        """Show what a command returned, as text or as JSON, and return its exit code."""
        self.result = outcome.exit_code
        if self.options.json:
            self.screen.json_outcome(replace(outcome, command=self.command))
            return outcome.exit_code
        for warning in outcome.warnings:
            self.screen.warn(warning)
        show(self.screen, outcome.data)
        return outcome.exit_code

    def fail(self, error: DeployError) -> ExitCode:
        """Show an expected failure and return its exit code."""
        if self.options.json:
            self.screen.json_error(self.command, error)
        else:
            self.screen.error(error)
        return error.exit_code
