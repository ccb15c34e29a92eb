"""The commands of the container; each imports what it needs when it runs."""
