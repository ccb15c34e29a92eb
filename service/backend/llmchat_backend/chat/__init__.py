"""Conversations, attachments, and answers streamed from a model server."""
