"""The signature and the salt it is made with."""

from __future__ import annotations

import json

import pytest

from shapetui.documents.shape import Certificate, Conversations, Shape
from shapetui.errors import UsageError
from shapetui.sampling.certificate import sign, verify
from shapetui.sampling.sample import required_salt

SALT = "s3cret-" * 5


def shape() -> Shape:
    certificate = Certificate(
        rule_version=1,
        min_cell_count=11,
        protected_entities={},
        merged_cells={},
        top_coded=["max"],
        folded_labels=0,
        renamed_labels=0,
    )
    return Shape(
        extracted_at="2025-11-22T00:00:00.000Z",
        sample_window_days=30,
        privacy_level="ANONYMIZED_SHAPE_ONLY",
        conversations=Conversations(total_count=20, messages_per_conversation_mean=2.0),
        messages={},
        schema_version=2,
        certificate=certificate,
    )


def test_a_signed_shape_is_recognised_after_a_round_through_json() -> None:
    signed = sign(shape(), SALT)
    assert verify(signed, SALT)
    assert verify(Shape.model_validate(json.loads(signed.to_json())), SALT)
    assert sign(signed, SALT) == signed
    assert signed.certificate is not None
    assert str(signed.certificate.signature).startswith("hmac-sha256:")


def test_another_salt_other_content_or_no_signature_is_not() -> None:
    signed = sign(shape(), SALT)
    other = signed.model_copy(update={"conversations": Conversations(total_count=21)})
    assert not verify(signed, SALT + "x")
    assert not verify(other, SALT)
    assert not verify(shape(), SALT)
    assert not verify(shape().model_copy(update={"certificate": None}), SALT)
    with pytest.raises(ValueError, match="without a certificate"):
        sign(shape().model_copy(update={"certificate": None}), SALT)


@pytest.mark.parametrize("environ", [{}, {"ANONYMIZATION_SALT": ""}, {"ANONYMIZATION_SALT": "hunter2" * 4}])
def test_a_missing_or_short_salt_is_refused_without_showing_it(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"ANONYMIZATION_SALT.*32") as caught:
        required_salt(environ)
    assert caught.value.exit_code == 2
    assert "vault" in caught.value.hint
    assert "hunter2" not in str(caught.value) + caught.value.hint
    assert "28" not in str(caught.value)


def test_a_long_salt_is_taken() -> None:
    assert required_salt({"ANONYMIZATION_SALT": SALT}) == SALT
