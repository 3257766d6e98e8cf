"""Killing processes while invoices leave, and counting what arrived. The story is docs/reliability.md."""
