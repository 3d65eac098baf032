"""Certificates that no authority should issue, as PEM with their key."""

from datetime import UTC, datetime, timedelta

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = rsa.RSAPrivateKey


def odd_certificate(authority: trustme.CA, host: str, oddity: str) -> bytes:
    """A key, its certificate for a host, and the one that signed it where that is not the authority itself.

    The oddity is one of those below.
    """
    root = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    root_key = load_pem_private_key(authority.private_key_pem.bytes(), None)
    assert isinstance(root_key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
    key = rsa.generate_private_key(65537, 1024 if oddity == "of a short key" else 2048)
    between = _builder("between", root.subject, key).add_extension(
        x509.BasicConstraints(ca=oddity != "of no authority", path_length=None), critical=True
    )
    leaf = _builder(host, _name(host if oddity == "signed by itself" else "between"), key).add_extension(
        x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False
    )
    match oddity:
        case "for clients":
            leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        case "beyond its authority":
            allowed = x509.NameConstraints([x509.DNSName("example.com")], None)
            between = between.add_extension(allowed, critical=True)
        case "with a rule unknown":
            rule = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
            leaf = leaf.add_extension(rule, critical=True)
    written = [leaf.sign(key, hashes.SHA256())]
    if oddity != "signed by itself":
        written.append(between.sign(root_key, hashes.SHA256()))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return b"".join([secret, *(each.public_bytes(Encoding.PEM) for each in written)])


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(name: str, issuer: x509.Name, key: Key) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer, _name(name), key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
    )
