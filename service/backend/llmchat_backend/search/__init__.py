"""Full-text search over one's own conversations: what a word is, the index, and what is found in it."""
