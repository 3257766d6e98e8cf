"""How gunicorn serves the site: python -m gunicorn --config python:config.serving config.wsgi

A proxy stands before it (deploy/nginx.conf), which has read a request whole before it passes it on.
"""

from config.settings import LOGGING

bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = 3
threads = 8
graceful_timeout = 30
timeout = 60  # nginx's proxy_read_timeout
# So that memory that a library lost comes back.
max_requests = 5000
max_requests_jitter = 500
control_socket_disable = True
# Its own lines in the form of ours. It writes no access log: config.middleware has a line a request, without addresses.
logconfig_dict = LOGGING | {"loggers": {"gunicorn.error": {"level": "INFO", "propagate": True, "handlers": []}}}
