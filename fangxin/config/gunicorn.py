"""Settings of the web server; the launcher hands it a socket that is already bound."""

import os
from pathlib import Path

bind = (
    f"fd://{os.environ['FANGXIN_SOCKET']}"
    if "FANGXIN_SOCKET" in os.environ
    else f"127.0.0.1:{os.environ.get('PORT', '8000')}"
)
wsgi_app = "fangxin.config.wsgi:application"
worker_class = "gthread"
workers = int(os.environ.get("FANGXIN_WEB_WORKERS", "1"))
threads = int(os.environ.get("FANGXIN_WEB_THREADS", "4"))
timeout = 60  # seconds without a sign of life from a worker
graceful_timeout = 10
keepalive = 5
# Where the platform lies is the launcher's to say, not a header's.
forwarder_headers = ""
forwarded_allow_ips = os.environ.get("FANGXIN_PROXIES", "127.0.0.1,::1")
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a heartbeat, not a document
control_socket_disable = True
loglevel = "warning"
accesslog = None  # a query string may hold what a citizen typed
proc_name = f"fangxin-{Path(os.environ.get('FANGXIN_HOME', 'var')).name}"
