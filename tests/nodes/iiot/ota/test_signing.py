from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from flowengine_nodes.iiot.ota import signing
from flowengine_nodes.iiot.ota.signed_url import UrlSigner
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.secret_keys import SecretKeys

FIRMWARE = Firmware(id="f", version="2.0.0", size=10, sha256="ab" * 32, hardware=("a", "b"), min_version="1.0.0")


def signed(private: str) -> Firmware:
    signature, key = signing.sign(FIRMWARE, private)
    return replace(FIRMWARE, signature=signature, key_id=key)


def test_signature_is_good_for_its_key_and_no_other() -> None:
    private = signing.new_key()
    public = signing.public_key(private)
    one = signed(private)
    assert signing.is_signed(one, public)
    assert one.key_id == signing.key_id(public)
    assert not signing.is_signed(one, signing.public_key(signing.new_key()))


@pytest.mark.parametrize(
    "change",
    [
        {"version": "9.0.0"},
        {"size": 11},
        {"sha256": "cd" * 32},
        {"hardware": ("a",)},
        {"hardware": ("a,b",)},
        {"min_version": ""},
        {"signature": ""},
        {"signature": "no base64"},
    ],
)
def test_signature_is_good_for_nothing_else(change: dict[str, object]) -> None:
    private = signing.new_key()
    changed = replace(signed(private), **change)  # type: ignore[arg-type]
    # Names of hardware have no comma, so that this says the same.
    expected = change == {"hardware": ("a,b",)}
    assert signing.is_signed(changed, signing.public_key(private)) is expected


def test_key_may_come_in_one_line() -> None:
    private = signing.new_key()
    assert signing.public_key(private.replace("\n", "\\n")) == signing.public_key(private)


def test_text_that_is_no_key_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for text in ("", "x", other.decode(), signing.public_key(signing.new_key())):
        with pytest.raises(signing.KeyFormatError, match="private"):
            signing.sign(FIRMWARE, text)
    with pytest.raises(signing.KeyFormatError, match="public"):
        signing.is_signed(signed(signing.new_key()), "x")


def query(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split("&"))


def test_signed_url_is_good_for_its_device_firmware_and_time() -> None:
    signer = UrlSigner(SecretKeys(["0123456789abcdef"]))
    good = query(signer.query("2.0.0", "d1", 1000))
    assert signer.device("2.0.0", good, 999.9) == "d1"
    assert signer.device("2.0.0", good, 1000.0) is None
    assert signer.device("2.0.1", good, 0.0) is None
    for name in good:
        assert signer.device("2.0.0", {**good, name: good[name] + "0"}, 0.0) is None
        assert signer.device("2.0.0", {key: value for key, value in good.items() if key != name}, 0.0) is None
        assert signer.device("2.0.0", {**good, name: [good[name]]}, 0.0) is None
    # An older key is good until it is taken away; another one never is.
    assert UrlSigner(SecretKeys(["another key, longer", "0123456789abcdef"])).device("2.0.0", good, 0.0) == "d1"
    assert UrlSigner(SecretKeys(["another key, longer"])).device("2.0.0", good, 0.0) is None
