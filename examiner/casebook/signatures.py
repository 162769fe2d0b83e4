"""Signatures of examiners: what is signed, and whether a signature is one. Ed25519 (RFC 8032)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from examiner.casebook.ledger import LedgerLine, canonical
from examiner.examination.acts import Sign


def statement(examination: str, signer: str, previous: str) -> bytes:
    """What is signed: which examination, by whom, and the hash of the ledger's line before the signature, by
    which everything before it is signed too."""
    return canonical({"examination": examination, "previous": previous, "signer": signer}).encode("utf-8")


def signature(examination: str, signer: str, previous: str, key: Ed25519PrivateKey | None) -> Sign:
    """The act of signing, with a signature where there is a key."""
    if key is None:
        return Sign(signer)
    signed = key.sign(statement(examination, signer, previous))
    return Sign(signer, public_hex(key), signed.hex())


def public_hex(key: Ed25519PrivateKey) -> str:
    """The public key in hexadecimal, 64 digits."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def signature_wrong(line: LedgerLine, keys: Mapping[str, Sequence[str]] | None = None) -> str | None:
    """What is wrong with the signature of a ledger line of kind "sign", or None. Lines without one are of
    persons without a key; nothing is wrong with them. `keys`: the public keys that each person is known by,
    in hexadecimal; without them, whoever wrote the line may have made a key of that name."""
    value = line.value()
    signer, key, signed = (value.get(name, "") for name in ("signer", "key", "signature"))
    if signer and signer != line.actor:
        return f"ledger line {line.seq}: is signed by {signer} and was made by {line.actor}"
    if keys is not None and key not in keys.get(signer, ()):
        return f"ledger line {line.seq}: is not signed with a key that {signer} is known by"
    if not key and not signed:
        return None
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(signed), statement(line.examination or "", signer, line.previous))
    except (InvalidSignature, ValueError):
        return f"ledger line {line.seq}: the signature of {signer} does not fit what was signed"
    return None
