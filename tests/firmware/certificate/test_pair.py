"""What may serve as the box's certificate, and what is said of all else."""

import datetime
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from firmware.certificate import self_signed
from firmware.certificate.pair import check, read
from firmware.errors import BadCertificate
from tests.peers.authority import PEM, Authority, key_pem

NOW = datetime.datetime.now(datetime.UTC)


@pytest.fixture(scope="module")
def authority():
    return Authority()


def refused(certificate, key=b""):
    with pytest.raises(BadCertificate) as caught:
        check(read(certificate, key), NOW)
    return caught.value


def test_a_certificate_comes_with_its_chain_whatever_the_order_and_without_the_root(authority):
    own, key = authority.issue("calls.example.com", "192.0.2.9", "2001:db8::9")
    for text in (own + authority.chain, authority.trust + authority.chain + own, authority.chain + own):
        pair = read(text, key)
        check(pair, NOW)
        kept = x509.load_pem_x509_certificates(pair.pem)
        assert [one.subject.rfc4514_string() for one in kept] == ["CN=box", "CN=middle"]
    shown = pair.show("imported")
    assert shown.names == ["calls.example.com", "192.0.2.9", "2001:db8::9"]
    assert (shown.chain, shown.key, shown.issuer) == (1, "ECDSA secp256r1", "CN=middle")
    assert abs(shown.not_after_s - time.time() - 90 * 86400) < 60
    assert read(pair.pem).pem == pair.pem


def test_a_key_may_stand_beside_its_certificate_in_one_text(authority):
    own, key = authority.issue("calls.example.com")
    assert read(key + own + authority.chain).pem == read(own + authority.chain, key).pem


def test_another_key_is_refused_by_naming_whose_is_right(authority):
    own, _ = authority.issue("calls.example.com")
    _, key = authority.issue("calls.example.com")
    error = refused(own, key)
    assert (error.code, error.facts) == ("key-other", {"subjects": "CN=box"})


def test_one_that_vouches_for_nothing_here_is_refused(authority):
    own, key = authority.issue("calls.example.com")
    error = refused(own + Authority().chain, key)
    assert (error.code, error.facts) == ("certificate-stray", {"subject": "CN=middle"})


@pytest.mark.parametrize(
    ("days", "code"), [((-90, -1), "certificate-over"), ((1, 90), "certificate-early")], ids=["over", "early"]
)
def test_one_that_is_not_valid_now_is_refused(authority, days, code):
    assert refused(*authority.issue("calls.example.com", days=days)).code == code


def test_one_without_names_or_not_for_servers_is_refused(authority):
    assert refused(*authority.issue()).code == "certificate-nameless"
    assert refused(*authority.issue("calls.example.com", server=False)).code == "certificate-purpose"


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (lambda: rsa.generate_private_key(65537, 1024), "key-weak"),  # noqa: S505 - weak on purpose
        (lambda: rsa.generate_private_key(65537, 2048), ""),
        (lambda: ec.generate_private_key(ec.SECP384R1()), ""),
    ],
    ids=["rsa-1024", "rsa-2048", "p-384"],
)
def test_a_key_must_be_strong(authority, key, code):
    own, private = authority.issue("calls.example.com", key=key())
    if code:
        assert refused(own, private).code == code
    else:
        check(read(own, private), NOW)


def test_what_is_no_certificate_or_no_key_is_named(authority):
    own, key = authority.issue("calls.example.com")
    broken = own.replace(own[60:90], b"A" * 30)
    dsa_key = key_pem(dsa.generate_private_key(2048))
    other = key_pem(ec.generate_private_key(ec.SECP256R1()))
    assert refused(b"").code == "key-one"
    assert refused(own).code == "key-one"
    assert refused(own, key + other).facts == {"found": 2}
    assert refused(b"hello", key).code == "certificate-none"
    assert refused(broken, key).code == "certificate-unreadable"
    assert refused(own, key.replace(key[40:60], b"!" * 20)).code == "key-unreadable"
    assert refused(own, dsa_key).code == "key-kind"
    assert refused(own, key_pem(ec.generate_private_key(ec.SECP256R1()), b"phrase")).code == "key-encrypted"
    assert refused(own * 500, key).code == "certificate-large"


def test_every_refusal_tells_what_would_be_right(authority):
    own, key = authority.issue("calls.example.com", days=(-9, -1))
    for error in (refused(b""), refused(own), refused(b"", key), refused(own, key)):
        assert "right" in str(error)


def test_the_boxes_own_is_for_all_it_is_called_and_lasts_two_years():
    pair = self_signed.make(["calls.example.com", "calls.example.com", "192.0.2.9"], NOW)
    check(pair, NOW)
    assert pair.names == ["calls.example.com", "192.0.2.9"]
    assert pair.self_signed
    assert 800 * 86400 < pair.show("self-signed").not_after_s - NOW.timestamp() < 825 * 86400
    assert {"localhost", "127.0.0.1"} <= set(self_signed.own_names())
    assert x509.load_pem_x509_certificate(pair.pem).public_bytes(PEM) in pair.pem
