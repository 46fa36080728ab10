"""WeChat's signatures: SHA-1 over sorted parts, compared in a time that tells nothing."""

import hashlib
import hmac


def signature(token: str, *parts: str) -> str:
    """Return the signature of ``parts`` (timestamp, nonce, and the ciphertext if there is one)."""
    whole = "".join(sorted((token, *parts)))
    return hashlib.sha1(whole.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def is_signed(given: str, token: str, *parts: str) -> bool:
    """Whether ``given`` is the signature of ``parts``; an empty token signs nothing."""
    made = signature(token or "-", *parts)
    return hmac.compare_digest(made.encode(), given.encode("utf-8", "replace")) and bool(token)
