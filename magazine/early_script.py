"""The few words of script that run before the first paint; allowed by their hash, because cached pages can hold no nonce."""

import base64
import hashlib

# The remembered appearance, so that a reader who chose the dark is not dazzled first. static/js/theme.js remembers it.
EARLY_SCRIPT = "try{document.documentElement.dataset.theme=localStorage.theme||'auto'}catch{}"
EARLY_SCRIPT_SOURCE = f"'sha256-{base64.b64encode(hashlib.sha256(EARLY_SCRIPT.encode()).digest()).decode()}'"
