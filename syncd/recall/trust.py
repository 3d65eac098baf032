"""Whose certificates are trusted: certifi's authorities or those of SSL_CERT_FILE, and those of SYNCD_CA_FILE."""

import functools
import os
import ssl
from pathlib import Path

import httpx

from syncd.errors import ConfigError

FILE_VARIABLE, DIRECTORY_VARIABLE = "SSL_CERT_FILE", "SSL_CERT_DIR"
"""What OpenSSL itself reads. Each stands in the place of certifi's authorities; the file wins."""


def ssl_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """A context that trusts the authorities of `ca_file`, too. Raises ConfigError where a file cannot be used."""
    return _context(ca_file, os.environ.get(FILE_VARIABLE), os.environ.get(DIRECTORY_VARIABLE))


@functools.cache
def _context(ca_file: Path | None, file: str | None, directory: str | None) -> ssl.SSLContext:
    """One for all clients: the authorities that are trusted are a megabyte in memory."""
    if directory and not file and not any(Path(each).is_dir() for each in directory.split(os.pathsep)):
        raise ConfigError(f"{DIRECTORY_VARIABLE}={directory} is not a directory.")
    try:
        context = httpx.create_ssl_context(trust_env=True)  # which knows both variables, and takes no proxy here
    except (OSError, ValueError) as error:
        raise _unusable(FILE_VARIABLE, file, error) from None
    try:
        if ca_file is not None:
            context.load_verify_locations(cafile=ca_file)
    except (OSError, ValueError) as error:
        raise _unusable("SYNCD_CA_FILE", ca_file, error) from None
    return context


def _unusable(name: str, path: object, error: OSError | ValueError) -> ConfigError:
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        return ConfigError(f"{name}={path} cannot be read: {error.strerror}.")
    return ConfigError(f"{name}={path} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).")
