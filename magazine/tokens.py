"""Tokens of links: what is kept of them."""

import hashlib


def hash_of(token: str) -> str:
    """Return what is stored of a token; it holds 128 bits or more and can't be guessed, so that a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
