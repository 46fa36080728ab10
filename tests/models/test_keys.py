"""The key file and what is sealed with it.

K01 made with mode 0600, whole, once, even by many at once, K02 wider modes are refused, K03 a
damaged file is refused, K04 a sealed value opens only for its column and unchanged, K05 rotation
keeps old values readable, also across processes, K06 a retired key opens nothing, K07 SM4-GCM and
HMAC-SM3 agree with the published vectors, K08 the blind index is equal for equal texts only.
"""

import json
import os
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from models.failure import KeyFileError, SealError
from models.keys import KeyFile, key_of


def test_made_whole_once_k01(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    found: list[bytes] = []
    barrier = threading.Barrier(8)

    def make() -> None:
        barrier.wait()
        found.append(KeyFile.open(path).index("x"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["keys.json"]


def test_a_wide_umask_makes_no_wide_file_k01(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        KeyFile.open(tmp_path / "keys.json")
    finally:
        os.umask(before)
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601])
def test_wider_modes_are_refused_k02(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys.json"
    KeyFile.open(path)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        KeyFile.open(path)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 2}', "\x00"])
def test_a_damaged_file_is_refused_k03(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="damaged"):
        KeyFile.open(path)


def test_a_short_key_is_refused_k03(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    KeyFile.open(path)
    plain = json.loads(path.read_text())
    plain["chain"] = plain["chain"][:8]
    path.write_text(json.dumps(plain))
    with pytest.raises(KeyFileError, match="damaged"):
        KeyFile.open(path)


def test_no_folder_no_key_k03(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="check the folder"):
        KeyFile.open(tmp_path / "absent" / "keys.json")


@given(plain=st.binary(max_size=200), place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_opens_only_unchanged_and_at_its_place_k04(
    keys: KeyFile, plain: bytes, place: int, bit: int
) -> None:
    sealed = keys.encrypt(plain, "person.name")
    assert keys.decrypt(sealed, "person.name") == plain
    assert keys.encrypt(plain, "person.name") != sealed
    with pytest.raises(SealError):
        keys.decrypt(sealed, "person.telephone")
    changed = bytearray(sealed)
    changed[place % len(changed)] ^= 1 << bit
    with pytest.raises(SealError):
        keys.decrypt(bytes(changed), "person.name")
    with pytest.raises(SealError):
        keys.decrypt(sealed[:-1], "person.name")


def test_rotation_and_retirement_k05_k06(tmp_path: Path) -> None:
    first = KeyFile.open(tmp_path / "keys.json")
    other = KeyFile.open(tmp_path / "keys.json")
    old, index = first.encrypt(b"a", "t.c"), first.index("a")
    assert first.rotate() == "k2"
    new = first.encrypt(b"b", "t.c")
    assert (key_of(old), key_of(new)) == ("k1", "k2")
    assert other.decrypt(new, "t.c") == b"b"
    assert other.active == "k2"
    assert first.decrypt(old, "t.c") == b"a"
    assert other.index("a") == index
    with pytest.raises(KeyFileError, match="active"):
        first.retire("k2")
    first.retire("k1")
    for service in (first, KeyFile.open(tmp_path / "keys.json")):
        assert service.key_ids == ("k2",)
        with pytest.raises(SealError, match="k1"):
            service.decrypt(old, "t.c")
    assert first.rotate() == "k3"
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_rotating_at_once_loses_no_key_k05(tmp_path: Path) -> None:
    services = [KeyFile.open(tmp_path / "keys.json") for _ in range(8)]
    sealed: list[bytes] = []

    def rotate(service: KeyFile) -> None:
        service.rotate()
        sealed.append(service.encrypt(b"a", "t.c"))

    threads = [threading.Thread(target=rotate, args=(one,)) for one in services]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last = KeyFile.open(tmp_path / "keys.json")
    assert len(last.key_ids) == 9
    assert [last.decrypt(one, "t.c") for one in sealed] == [b"a"] * 8


def test_the_standard_vectors_k07() -> None:
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    block = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # GB/T 32907, appendix A
    assert (block.update(key) + block.finalize()).hex() == "681edf34d206965e86b3e94f536e4246"
    digest = hashes.Hash(hashes.SM3())  # GB/T 32905, appendix A
    digest.update(b"abc")
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert digest.finalize().hex() == expected


def test_sm4_gcm_vector_k07() -> None:
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")  # RFC 8998, appendix A.1
    nonce = bytes.fromhex("00001234567800000000abcd")
    plain = bytes.fromhex("".join(2 * (one * 8) for one in "abcdef") + "e" * 16 + "a" * 16)
    sealer = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    sealer.authenticate_additional_data(bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
    sealed = sealer.update(plain) + sealer.finalize()
    assert sealed.hex().startswith("17f399f08c67d5ee19d0dc9969c4bb7d")
    assert sealer.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"


@given(one=st.text(max_size=30), two=st.text(max_size=30))
def test_equal_for_equal_texts_only_k08(keys: KeyFile, one: str, two: str) -> None:
    assert (keys.index(one) == keys.index(two)) == (one == two)
    assert len(keys.index(one)) == 32
    assert keys.seal(one.encode()) != keys.index(one)
