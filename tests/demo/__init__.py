"""The demo's own parts, which the browser and chaos tests use too: the process runner and a real SMTP server."""
