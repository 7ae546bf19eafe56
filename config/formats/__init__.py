"""How dates and times are written, where the language's own formats of Django don't suit a magazine."""
