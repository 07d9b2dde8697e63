"""What `vite build` leaves of the console, as small as it can be."""

from __future__ import annotations

from pathlib import Path

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <link rel="icon" href="./icon.svg" type="image/svg+xml" />
    <link rel="preload" href="/__/firebase/init.json" as="fetch" crossorigin="anonymous" />
    <title>CRM-Lite</title>
    <script type="application/json" id="crm-settings"></script>
    <script type="module" crossorigin src="./assets/index-1a2b.js"></script>
    <link rel="stylesheet" crossorigin href="./assets/index-3c4d.css">
  </head>
  <body><div id="root"></div></body>
</html>
"""

SCRIPT = "import('./Home-5e6f.js')"


def build(folder: Path, **assets: str) -> Path:
    """Lay a built console out; `assets` are further files by their stems."""
    files = {"index-1a2b.js": SCRIPT, "index-3c4d.css": "body{}"}
    files |= {f"{stem}.js": text for stem, text in assets.items()}
    folder.joinpath("assets").mkdir(parents=True)
    for name, text in files.items():
        folder.joinpath("assets", name).write_text(text, encoding="utf-8")
    folder.joinpath("icon.svg").write_text("<svg/>", encoding="utf-8")
    folder.joinpath("index.html").write_text(PAGE, encoding="utf-8")
    return folder
