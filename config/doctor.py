"""Whether everything a site needs is there and set up; each check answers with one finding."""

import smtplib
from collections.abc import Callable, Iterator
from io import BytesIO

from django.conf import settings
from django.core.files.storage import storages
from django.core.mail import get_connection
from django.db import DatabaseError, connection

from billing import diagnosing
from config import health
from magazine.findings import Finding, fault, ok

PROBE_NAME = "doctor/probe.txt"
PROBE = b"masthead"


def examine() -> Iterator[tuple[str, Finding]]:
    """Yield each check's name and finding; a check that falls over is a fault of its own."""
    for name, check in CHECKS.items():
        try:
            yield name, check()
        except Exception as error:
            # Named, not quoted: an address with a password may stand in it.
            yield name, fault(f"The check itself failed with {type(error).__name__}.")


def check_database() -> Finding:
    """Look at the encoding, and whether all migrations are applied."""
    query = "SHOW server_encoding" if connection.vendor == "postgresql" else "PRAGMA encoding"
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            (encoding,) = cursor.fetchone()
        is_migrated = health.PROBES["migrations"]()
    except DatabaseError as error:
        return fault(f"The database does not answer ({type(error).__name__}). Check DATABASE_URL.")
    if encoding.replace("-", "").upper() != "UTF8":
        return fault(f"The database stores {encoding}, which loses names and Chinese. Make one with the encoding UTF8.")
    if not is_migrated:
        return fault("Migrations wait. Run `manage.py migrate`.")
    return ok(f"{connection.display_name} answers, stores UTF-8 and is migrated.")


def check_cache() -> Finding:
    """See that what is put into the cache comes back."""
    backend = str(settings.CACHES["default"]["BACKEND"]).rpartition(".")[2]
    if not health.PROBES["cache"]():
        return fault(f"The cache ({backend}) forgets at once. Check CACHE_URL.")
    return ok(f"The cache ({backend}) keeps what it is given.")


def check_broker() -> Finding:
    """See that tasks can be handed over."""
    try:
        health.PROBES["broker"]()
    except Exception as error:
        return fault(f"The broker does not answer ({type(error).__name__}). Check BROKER_URL.")
    return ok("The broker takes tasks.")


def check_storage() -> Finding:
    """Write, read and delete a file where uploads go, and where private files go."""
    for alias in ("default", "private"):
        storage = storages[alias]
        try:
            name = storage.save(PROBE_NAME, BytesIO(PROBE))
            with storage.open(name) as file:
                is_same = file.read() == PROBE
            storage.delete(name)
        except Exception as error:
            return fault(f"Files can't be kept in the {alias} storage ({type(error).__name__}). Check MEDIA_ROOT or MEDIA_BUCKET.")
        if not is_same:
            return fault(f"A file came back changed from the {alias} storage.")
    return ok("Files can be written, read and deleted, public and private ones.")


def check_mail() -> Finding:
    """Open a connection to the mail server, and look at the sender."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">")
    if not settings.SITE_IS_LOCAL and ("." not in domain or domain.endswith((".example", ".invalid", "localhost"))):
        return fault(f"Nobody takes mail from an address at {domain}. Set DEFAULT_FROM_EMAIL to one of your domain.")
    try:
        with get_connection():
            pass
    except (smtplib.SMTPException, OSError) as error:
        return fault(f"The mail server can't be reached ({type(error).__name__}). Check EMAIL_URL.")
    return ok(f"Mail can be handed over, and comes from an address at {domain}.")


CHECKS: dict[str, Callable[[], Finding]] = {
    "database": check_database,
    "cache": check_cache,
    "broker": check_broker,
    "storage": check_storage,
    "mail": check_mail,
    **diagnosing.CHECKS,
}
