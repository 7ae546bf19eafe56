"""Settings of a Masthead site, every value from the environment. docs/settings.md describes each."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from config.environment import INSECURE_SECRETS, SECRET_KEY_MIN_LENGTH, Environment, Faults, is_loopback, secret_key
from magazine.early_script import EARLY_SCRIPT_SOURCE

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
# Everything that the site writes and that is no configuration: database, uploads, cache, broker.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

# What kind of site this is ---------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
# Stand-ins for Stripe and for a mail server; only ever on a site that nobody else can reach.
SANDBOX = env.bool("SANDBOX", default=False)
SITE_URL = env.str("SITE_URL", default="http://localhost:8000" if SANDBOX else "").rstrip("/")
SITE_IS_LOCAL = SANDBOX and is_loopback(SITE_URL)
SITE_IS_SECURE = SITE_URL.startswith("https://")
SANDBOX_URL = env.str("SANDBOX_URL", default="http://localhost:8001").rstrip("/")
SANDBOX_MAILBOX_DIR = VAR_DIR / "mailbox"
# What is held while Stripe is asked, on SQLite: see magazine/holding.py.
LOCKS_DIR = VAR_DIR / "locks"

SECRET_KEY = secret_key(env, VAR_DIR, is_required=not SITE_IS_LOCAL)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(SITE_URL).hostname or "localhost"])
if SITE_IS_LOCAL:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, "localhost", "127.0.0.1", "[::1]"]
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

# Applications ----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_prose_editor",
    "simple_history",
    "demo",
    "comments",
    "newsletters",
    "articles",
    "billing",
    "accounts",
    "magazine",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.ServerTimingMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.NewsroomPolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "config.middleware.PublicResponseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "articles.redirects.RedirectMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context_processors.masthead",
            ],
        },
    },
]

# Data ------------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'masthead.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Writers queue for the one lock instead of failing half-way through a transaction.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
            "PRAGMA cache_size=-20000; PRAGMA temp_store=MEMORY;"
        ),
    }
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_URL = env.str("CACHE_URL", default="")
if CACHE_URL:
    CACHES: dict[str, dict[str, object]] = {"default": env.cache("CACHE_URL"), "pages": env.cache("CACHE_URL") | {"KEY_PREFIX": "pages"}}
else:
    # Shared by the web and worker processes of one small server.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": VAR_DIR / "cache",
            "OPTIONS": {"MAX_ENTRIES": 2000},
        },
        # Rendered pages, apart from what limits and counts: they can't push it out.
        "pages": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": VAR_DIR / "pages",
            "OPTIONS": {"MAX_ENTRIES": 500},
        },
    }

MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
MEDIA_URL = "/media/"
MEDIA_BUCKET = env.str("MEDIA_BUCKET", default="")
PRIVATE_BUCKET = env.str("PRIVATE_BUCKET", default="")
STATIC_ROOT = VAR_DIR / "static"
STATIC_URL = "/static/"
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # What no address leads to: exports of readers' data.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "private", "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "config.staticfiles.BundledStaticFilesStorage",
    },
}
S3_OPTIONS = {
    "endpoint_url": env.str("S3_ENDPOINT_URL", default=None),
    "region_name": env.str("S3_REGION", default=None),
    "access_key": env.str("S3_ACCESS_KEY", default=None),
    "secret_key": env.str("S3_SECRET_KEY", default=None),
    "file_overwrite": False,
}
if MEDIA_BUCKET:
    public = {"bucket_name": MEDIA_BUCKET, "custom_domain": env.str("S3_CUSTOM_DOMAIN", default=None), "querystring_auth": False}
    STORAGES["default"] = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": S3_OPTIONS | public}
if PRIVATE_BUCKET:
    STORAGES["private"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": S3_OPTIONS | {"bucket_name": PRIVATE_BUCKET, "default_acl": "private"},
    }
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# Tasks -----------------------------------------------------------------------------------------------------------

BROKER_DIR = VAR_DIR / "broker"
CELERY_BROKER_URL = env.str("BROKER_URL", default="filesystem://localhost")
CELERY_TASK_ALWAYS_EAGER = env.bool("CELERY_TASK_ALWAYS_EAGER", default=False)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
if CELERY_BROKER_URL.startswith("filesystem://"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
    }
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
# The row is the job: these sweeps pick up what a lost nudge left.
CELERY_BEAT_SCHEDULE = {
    "publish-scheduled-articles": {"task": "articles.tasks.publish_scheduled", "schedule": 30},
    "change-access": {"task": "articles.tasks.change_access", "schedule": 30},
    "clear-old-meters": {"task": "articles.tasks.clear_old_meters", "schedule": 24 * 3600},
    "count-reads": {"task": "articles.tasks.count_reads", "schedule": 60},
    "make-missing-renditions": {"task": "articles.tasks.make_missing_renditions", "schedule": 300},
    "process-webhook-events": {"task": "billing.tasks.process_waiting_events", "schedule": 60},
    "send-mails-about-money": {"task": "billing.tasks.send_waiting_mails", "schedule": 60},
    "remind-readers-of-payments": {"task": "billing.tasks.remind_readers", "schedule": 6 * 3600},
    "line-up-gifts": {"task": "billing.tasks.line_up_gifts", "schedule": 3600},
    "clear-old-giving": {"task": "billing.tasks.clear_old_giving", "schedule": 24 * 3600},
    "forget-old-invitations": {"task": "billing.tasks.forget_old_invitations", "schedule": 24 * 3600},
    "move-prices": {"task": "billing.tasks.move_prices", "schedule": 3600},
    "reconcile-recent-customers": {"task": "billing.tasks.reconcile_recent", "schedule": 3600},
    "reconcile-everything": {"task": "billing.tasks.reconcile_all", "schedule": crontab(hour=3, minute=17)},
    "pump-newsletters": {"task": "newsletters.tasks.sweep", "schedule": 30},
    "make-waiting-exports": {"task": "accounts.tasks.make_waiting_exports", "schedule": 300},
    "clear-expired-rows": {"task": "accounts.tasks.clear_expired", "schedule": 3600},
}

# Mail ------------------------------------------------------------------------------------------------------------

EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "sandbox.mailbox.backend.MailboxBackend" if SANDBOX else "django.core.mail.backends.smtp.EmailBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"desk@{urlsplit(SITE_URL).hostname}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Payments --------------------------------------------------------------------------------------------------------

STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="sk_test_local_masthead" if SANDBOX else "")
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRET", default=["whsec_local_masthead"] if SANDBOX else [])
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default=SANDBOX_URL if SANDBOX else "https://api.stripe.com")
STRIPE_API_VERSION = "2026-10-28.endive"

# Who -------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("email", "name")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:account"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "confirm_login_code": "accounts.forms.CodeForm",
    "add_email": "accounts.forms.NewAddressForm",
    "reset_password": "accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.forms.ReplacedPasswordForm",
    "set_password": "accounts.forms.FirstPasswordForm",
    "change_password": "accounts.forms.OtherPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# Three guesses at each code, so ten codes an hour leave a guesser one chance in 33,000.
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,60/h/ip,3/m/key,10/h/key"}
# Browsers prove some work before a code is sent; without script there are fewer codes, see accounts.proof_of_work.
ALTCHA = env.bool("ALTCHA", default=False)
# Added to, and spared from, the list of throwaway services that comes with disposable-email-domains.
THROWAWAY_DOMAINS_ADDED = env.list("THROWAWAY_DOMAINS_ADDED", default=[])
THROWAWAY_DOMAINS_SPARED = env.list("THROWAWAY_DOMAINS_SPARED", default=[])
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
MFA_FORMS = {"add_webauthn": "accounts.forms.PasskeyForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SITE_IS_LOCAL
MFA_TOTP_ISSUER = urlsplit(SITE_URL).hostname or ""

# Who vouches for whom: where we send readers, and what of. Each appears once it has an id.
GOOGLE = (env.str("SOCIAL_LOGIN_GOOGLE_ID", default=""), env.str("SOCIAL_LOGIN_GOOGLE_SECRET", default=""))
GITHUB = (env.str("SOCIAL_LOGIN_GITHUB_ID", default=""), env.str("SOCIAL_LOGIN_GITHUB_SECRET", default=""))
SOCIAL_LOGINS = {
    name: (host, *login)
    for name, host, login in (("google", "https://accounts.google.com", GOOGLE), ("github", "https://github.com", GITHUB))
    if any(login)
}
INSTALLED_APPS += [f"allauth.socialaccount.providers.{name}" for name in SOCIAL_LOGINS]
SOCIALACCOUNT_FORMS = {"disconnect": "accounts.social.LettingGoForm"}
SOCIALACCOUNT_ADAPTER = "accounts.social.SocialAdapter"
# Both prove an address before they call it verified, so that it may sign its reader in; what they don't call so never does.
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_QUERY_EMAIL = True
SOCIALACCOUNT_PROVIDERS = {
    name: {"APP": {"client_id": client_id, "secret": secret}, "EMAIL_AUTHENTICATION": True, "OAUTH_PKCE_ENABLED": True}
    for name, (_host, client_id, secret) in SOCIAL_LOGINS.items()
}

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_NAME = "masthead_session"
SESSION_COOKIE_AGE = 60 * 24 * 3600
SESSION_COOKIE_SECURE = SITE_IS_SECURE
CSRF_COOKIE_SECURE = SITE_IS_SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
LANGUAGE_COOKIE_SAMESITE = "Lax"

# Where and when --------------------------------------------------------------------------------------------------

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "config.formats"
USE_I18N = True
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")
USE_TZ = True

# Safety ----------------------------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_SSL_REDIRECT = SITE_IS_SECURE and env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SITE_IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    # Unfold's Alpine build evaluates expressions; the newsroom has its own policy in config.middleware.
    "EXCLUDE_URL_PREFIXES": ("/admin/",),
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE, EARLY_SCRIPT_SOURCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # Embeds are loaded after a click from the allow-list of articles.body.embeds.
        "frame-src": ["https:"],
        "form-action": [
            SELF,
            *(login[0] for login in SOCIAL_LOGINS.values()),
            *([SANDBOX_URL] if SANDBOX else ["https://checkout.stripe.com", "https://billing.stripe.com"]),
        ],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": [],
    "geolocation": [],
    "microphone": [],
    "payment": [],
    "usb": [],
    "browsing-topics": [],
    "publickey-credentials-get": ["self"],
    "publickey-credentials-create": ["self"],
}

faults = Faults()
if not SITE_IS_LOCAL:
    faults.check(
        len(SECRET_KEY) >= SECRET_KEY_MIN_LENGTH and SECRET_KEY.lower() not in INSECURE_SECRETS,
        f"SECRET_KEY must be a random string of at least {SECRET_KEY_MIN_LENGTH} characters.",
    )
    faults.check(not DEBUG, "DEBUG must be off on a site that others can reach.")
    faults.check(not SANDBOX, "SANDBOX must be off on a site that others can reach, because it gives subscriptions away.")
    faults.check(SITE_IS_SECURE, "SITE_URL must be the site's address and begin with https://.")
    faults.check("*" not in ALLOWED_HOSTS, "ALLOWED_HOSTS must name the site's hosts, not *.")
    faults.check(bool(EMAIL_URL), "EMAIL_URL must say how mail is sent, for example smtp+tls://user:password@host:587.")
    faults.check(bool(STRIPE_SECRET_KEY), "STRIPE_SECRET_KEY must be set (docs/stripe.md).")
    faults.check(bool(STRIPE_WEBHOOK_SECRETS), "STRIPE_WEBHOOK_SECRET must be set (docs/stripe.md).")
for name, login in SOCIAL_LOGINS.items():
    faults.check(all(login), f"SOCIAL_LOGIN_{name.upper()}_ID and SOCIAL_LOGIN_{name.upper()}_SECRET belong together.")
faults.check(
    not (SANDBOX and STRIPE_SECRET_KEY.startswith(("sk_live", "rk_live"))),
    "STRIPE_SECRET_KEY is a live key, but SANDBOX is on.",
)
faults.stop_if_any()

# Logs ------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.server": {"level": "WARNING"},
        # It logs the address of whatever isn't there, and an expired link holds the key of somebody.
        "django.request": {"level": "ERROR"},
        # Stripe's client logs request bodies at DEBUG and ids at INFO.
        "stripe": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
    },
}
SENTRY_DSN = env.str("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk

    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False)

# The newsroom ----------------------------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": _("Newsroom"),
    "SITE_HEADER": "config.newsroom.magazine_name",
    "SITE_SUBHEADER": _("Newsroom"),
    "SITE_ICON": "config.newsroom.magazine_icon",
    "SITE_URL": "/",
    "COLORS": {"primary": "config.newsroom.accent_shades"},
    "SHOW_HISTORY": True,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "config.newsroom.dashboard",
    "STYLES": [lambda request: static("css/newsroom.css")],
    "SIDEBAR": {"show_search": True, "navigation": "config.newsroom.navigation"},
}
DJANGO_PROSE_EDITOR_EXTENSIONS: list[dict[str, object]] = []
SIMPLE_HISTORY_HISTORY_ID_USE_UUID = False
