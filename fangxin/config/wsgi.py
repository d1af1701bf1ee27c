"""What the web server calls; nothing is served before the start-up checks pass and every page is loaded."""

import gc
import os
import sys
from typing import Any

from django.core import checks
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from fangxin.config.checks import login_is_narrow, secrets_are_set
from fangxin.config.middleware import WholeBody

APP_FAILED_TO_LOAD = 4  # the exit status by which gunicorn gives up instead of trying again

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangxin.config.settings")
django = get_wsgi_application()

found = [message for message in checks.run_checks() if message.is_serious()]
if wrong := [*found, *secrets_are_set(), *login_is_narrow()]:
    for message in wrong:
        print(f"错误 Error: {message}", file=sys.stderr)
    sys.exit(APP_FAILED_TO_LOAD)
_ = get_resolver().url_patterns
# What is loaded by now stays: looking through all of it again would halt every reader for a sixth of a second.
gc.collect()
gc.freeze()


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """Answers a request; one whose body did not arrive whole is not acted upon."""
    environ["wsgi.input"] = WholeBody(environ["wsgi.input"])
    return django(environ, start_response)
