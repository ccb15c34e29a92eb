"""Deploy, update, back up, move and repair a private LLM chat on your own server."""

__version__ = "0.1.0"
