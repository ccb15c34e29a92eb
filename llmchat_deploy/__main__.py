"""Run the tool as ``python -m llmchat_deploy``."""

from llmchat_deploy.cli.main import main

if __name__ == "__main__":
    main()
