"""One use case per module: the story of a command, without its details."""
