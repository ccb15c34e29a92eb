"""``lock``: who works on an environment."""

from __future__ import annotations

from llmchat_deploy.cli.options import Commands
from llmchat_deploy.cli.session import Session

ABOUT = "See who works on an environment, and have a run that is stuck stop."


def status(session: Session) -> int:
    """Show who works on the environment, since when and for what, and whether that process still lives."""
    from llmchat_deploy.operations import lock as operation
    from llmchat_deploy.output.lock_view import show_lock

    return session.finish(operation.status(session.rough_environment, session.host), show_lock)


def release(session: Session) -> int:
    """Have the run that holds the lock stop, as Ctrl-C would; running its command again finishes it.

    Only a process of this machine is interrupted, and only after a yes. A lock whose holder died is free already:
    the kernel sees to that.
    """
    from llmchat_deploy.cli.confirm import confirm_release
    from llmchat_deploy.operations import lock as operation
    from llmchat_deploy.output.lock_view import show_lock

    environment, seen = session.rough_environment, session.host.lock_state()
    holder = operation.interruptible(environment, seen) if seen.held else None
    if holder:
        confirm_release(session, holder)
    return session.finish(operation.release(environment, session.host, agreed=holder), show_lock)


COMMANDS: Commands = {
    "status": (status, "llmchat-deploy lock status --env production"),
    "release": (release, "llmchat-deploy lock release --env production"),
}
