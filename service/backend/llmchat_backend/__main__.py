"""Run the command line as `python -m llmchat_backend`."""

from llmchat_backend.cli.main import main

raise SystemExit(main())
