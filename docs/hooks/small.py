"""Pictures of the documentation with 64 colours, a third of the size: `python docs/hooks/small.py FILE.png...`."""

from __future__ import annotations

import sys

from PIL import Image

for name in sys.argv[1:]:
    with Image.open(name) as picture:
        small = picture.convert("RGB").quantize(64)
    small.save(name, optimize=True)
