"""Signing a shape with the salt: with it the people inside the boundary can prove which files they released."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Final

from shapetui.documents.shape import Shape

PREFIX: Final = "hmac-sha256:"


def sign(shape: Shape, salt: str) -> Shape:
    """The shape with its certificate signed. Raises ValueError when it has no certificate."""
    if shape.certificate is None:
        raise ValueError("a shape without a certificate cannot be signed")
    certificate = shape.certificate.model_copy(update={"signature": _signature(shape, salt)})
    return shape.model_copy(update={"certificate": certificate})


def verify(shape: Shape, salt: str) -> bool:
    """Whether the shape carries the signature of exactly this content under this salt."""
    if shape.certificate is None or shape.certificate.signature is None:
        return False
    return hmac.compare_digest(shape.certificate.signature.encode(), _signature(shape, salt).encode())


def _signature(shape: Shape, salt: str) -> str:
    """HMAC-SHA256 keyed by the salt over the canonical JSON of the shape without its signature."""
    plain = shape.plain()
    plain["certificate"].pop("signature", None)
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return PREFIX + hmac.new(salt.encode(), canonical.encode(), hashlib.sha256).hexdigest()
