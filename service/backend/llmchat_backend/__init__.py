"""The chat service: accounts, stored conversations, and streamed answers of any OpenAI-compatible model server."""

__version__ = "0.1.0"
