"""Print the OpenAPI schema: `python -m llmchat_backend.openapi > openapi.json`. Needs no settings."""

from __future__ import annotations

import json
import sys

from llmchat_backend.app import build_routes

if __name__ == "__main__":
    json.dump(build_routes().openapi(), sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")
