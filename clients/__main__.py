"""Write the OpenAPI document of all calls anew: `python -m clients`."""

from clients import openapi

openapi.FILE.write_text(openapi.text(), encoding="utf-8")
