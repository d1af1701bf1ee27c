"""One file; every value that differs between installations comes from the environment."""

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent
RULEBOOK_DIR = BASE_DIR / "rulebook"
HOME = Path(os.environ.get("FANGXIN_HOME") or BASE_DIR / "var").resolve()
SECRETS_DIR = Path(os.environ.get("FANGXIN_SECRETS_DIR") or HOME / "secrets")
TESTING = "pytest" in sys.modules


def flag(name: str, default: bool = False) -> bool:
    """A yes-or-no value of the environment: 1, true, yes, on."""
    return os.environ.get(name, "1" if default else "").lower() in {"1", "true", "yes", "on"}


def secret(name: str, default: str = "") -> str:
    """A secret from the variable itself, from the file NAME_FILE points to, or from the secrets folder."""
    if value := os.environ.get(name):
        return value
    path = Path(os.environ.get(f"{name}_FILE") or SECRETS_DIR / name.lower())
    return path.read_text().strip() if path.is_file() else default


def database(url: str) -> dict[str, Any]:
    """Django's database entry for a libpq URL; a socket folder may stand in ?host=."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL 须以 postgresql:// 开头；本平台只使用 PostgreSQL。")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    port = options.pop("port", None) or parts.port or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": options,
        "TEST": {"NAME": os.environ.get("FANGXIN_TEST_DB") or None},
    }


DEMO = flag("FANGXIN_DEMO")
DEBUG = False
PRODUCTION = not (DEMO or TESTING)
SECRET_KEY = secret(
    "FANGXIN_SECRET_KEY", "only-for-tests-and-commands-without-a-server" if not PRODUCTION else ""
)
if not SECRET_KEY:
    # Commands that only read files may run without it; the server's start-up check refuses.
    SECRET_KEY = "unset"  # noqa: S105
ALLOWED_HOSTS = os.environ.get("FANGXIN_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("FANGXIN_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "procrastinate.contrib.django",
    "axes",
    "csp",
    "fangxin.journal",
    "fangxin.organisations",
    "fangxin.notices",
    "fangxin.deadlines",
    "fangxin.documents",
    "fangxin.complaints",
    "fangxin.agencies",
    "fangxin.cases",
    "fangxin.investigations",
    "fangxin.disclosure",
    "fangxin.credit",
    "fangxin.redress",
    "fangxin.exchange",
    "fangxin.web",
    "fangxin.config",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "fangxin.web.api.problems.ProblemMiddleware",
    "fangxin.config.middleware.BodyLimitMiddleware",
    "fangxin.config.middleware.UntrustedTextMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "fangxin.config.middleware.AudienceMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "fangxin.config.urls"
WSGI_APPLICATION = "fangxin.config.wsgi.application"
FORM_RENDERER = "fangxin.web.fields.FormTemplates"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "fangxin" / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fangxin.web.context.standing",
            ],
            "builtins": ["fangxin.web.templatetags.fangxin_tags"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    },
]

DATABASES = {
    "default": database(os.environ.get("DATABASE_URL") or f"postgresql:///fangxin?host={HOME / 'sock'}")
}
# Planning costs the database more than answering: a statement asked twice on a connection stays planned. A pooler
# between us and the database must know prepared statements (PgBouncer from 1.21); otherwise this is switched off.
PREPARED_STATEMENTS = flag("FANGXIN_PREPARED_STATEMENTS", default=True)
if PREPARED_STATEMENTS:
    DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 1}
if not TESTING and not flag("FANGXIN_NO_POOL"):
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "organisations.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "fangxin.organisations.passwords.MixedCharactersValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "home"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # half an hour, however often one knocks
AXES_DISABLE_ACCESS_LOG = True  # the journal keeps who signed in
AXES_LOCKOUT_CALLABLE = "fangxin.web.sign_in.locked_out"
AXES_CLIENT_IP_CALLABLE = "fangxin.config.middleware.client_address"
AXES_VERBOSE = False

# No cache in between: a session ended at one worker or node must be ended at all of them.
SESSION_ENGINE = "fangxin.web.sessions"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "fangxin.web.errors.form_expired"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
if flag("FANGXIN_HTTPS"):
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

# Printed matter: where fonts lie, and which of them the templates name.
PDF_FONT_FOLDERS = ["/usr/share/fonts/opentype/noto", *filter(None, [os.environ.get("FANGXIN_FONTS", "")])]
PDF_FONTS = ["Noto Serif CJK SC", "Noto Sans CJK SC"]

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HOME / "files"},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not TESTING
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "fangxin.documents.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
LARGEST_UPLOAD = (
    100 * 1024 * 1024
)  # octets; twice what may come in, so that the refusal stands beside its field

EMAIL_BACKEND = os.environ.get("FANGXIN_EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = os.environ.get("FANGXIN_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("FANGXIN_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("FANGXIN_SMTP_USER", "")
EMAIL_HOST_PASSWORD = secret("FANGXIN_SMTP_PASSWORD")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("FANGXIN_MAIL_FROM", "fangxin@localhost")

FANGXIN_TODAY = os.environ.get("FANGXIN_TODAY", "")
TRUSTED_PROXIES = int(os.environ.get("FANGXIN_TRUSTED_PROXIES", "0"))
# How often one address may knock; 0 sets no limit. The tests all come from one address.
# The address in letters that lead to a page: https://fangxin.example.
SITE_ADDRESS = (
    os.environ.get("FANGXIN_SITE")
    or next(iter(CSRF_TRUSTED_ORIGINS), "")
    or f"http://{os.environ.get('FANGXIN_ADDRESS') or '127.0.0.1'}:{os.environ.get('PORT') or 8000}"
).rstrip("/")
PASSWORD_RESET_TIMEOUT = 3 * 86400
CLAIMS_PER_HOUR = int(os.environ.get("FANGXIN_CLAIMS_PER_HOUR", "0" if TESTING else "10"))
COMPLAINTS_PER_HOUR = int(os.environ.get("FANGXIN_COMPLAINTS_PER_HOUR", "0" if TESTING else "30"))
WRONG_FOLLOWS_PER_TEN_MINUTES = int(os.environ.get("FANGXIN_WRONG_FOLLOWS", "0" if TESTING else "20"))
# Files of the whole register that one address may take in an hour; 0 sets no limit.
REGISTER_FILES_PER_HOUR = int(os.environ.get("FANGXIN_REGISTER_FILES", "0" if TESTING else "12"))
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "fangxin.config.log_lines.LineFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Pillow logs EXIF values at DEBUG; SQL carries parameters. Neither may reach a log.
        "PIL": {"level": "WARNING"},
        "django.db.backends": {"level": "WARNING"},
        "fangxin": {"level": "INFO"},
    },
}
