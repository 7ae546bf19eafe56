"""The site's settings as the tests run it: a desk of its own, whatever the environment says."""

import os
import tempfile
from pathlib import Path

SCRATCH = tempfile.mkdtemp(prefix="masthead-tests-")

for name in ("SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "EMAIL_URL", "ALLOWED_HOSTS", "DEBUG", "TRUSTED_PROXIES"):
    os.environ.pop(name, None)
os.environ |= {
    "SANDBOX": "on",
    "SITE_URL": "http://localhost:8000",
    "SECRET_KEY": "only-for-tests-" * 4,
    "MEDIA_ROOT": f"{SCRATCH}/media",
    "CACHE_URL": "locmemcache://",
    "CELERY_TASK_ALWAYS_EAGER": "on",
    "TIME_ZONE": "Asia/Shanghai",
    "SOCIAL_LOGIN_GOOGLE_ID": "google-id",
    "SOCIAL_LOGIN_GOOGLE_SECRET": "google-secret",
}
os.environ.setdefault("DATABASE_URL", f"sqlite:///{SCRATCH}/unused.sqlite3")

from config.settings import *  # noqa: E402, F403
from config.settings import STORAGES  # noqa: E402

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["private"]["OPTIONS"]["location"] = f"{SCRATCH}/private"
SANDBOX_MAILBOX_DIR = f"{SCRATCH}/mailbox"
LOCKS_DIR = Path(SCRATCH, "locks")
WHITENOISE_AUTOREFRESH = True
