"""One strict Jinja environment: a name that isn't there is an error, never an empty text."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jinja2

from llmchat_deploy.errors import RenderError
from llmchat_deploy.render.filters import edge_text, publish, unit_text, unit_word, yaml_list, yaml_text
from llmchat_deploy.render.templates import Templates


class Renderer:
    """Render templates by name."""

    def __init__(self, templates: Templates) -> None:
        self._jinja = jinja2.Environment(
            loader=jinja2.FunctionLoader(templates.text),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # noqa: S701 - the output is YAML and HAProxy configuration, not HTML
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._jinja.filters.update(yaml=yaml_text, yaml_list=yaml_list, publish=publish)
        self._jinja.filters.update(unit_text=unit_text, unit_word=unit_word, edge_text=edge_text)

    def render(self, name: str, /, **values: Any) -> str:
        """Return the rendered text; raises RenderError with template and line."""
        older = "A template of your own project folder may be older than the tool: compare it with the shipped one."
        try:
            return self._jinja.get_template(name).render(**values)
        except jinja2.TemplateSyntaxError as error:
            raise RenderError(f"templates/{error.name or name}:{error.lineno}: {error.message}", hint=older) from error
        except jinja2.TemplateError as error:
            raise RenderError(f"templates/{name}: {error.message}", hint=older) from error


@lru_cache(maxsize=16)
def renderer(templates: Templates) -> Renderer:
    """Return the renderer of these templates; each is compiled once, though a deploy renders them several times."""
    return Renderer(templates)
