"""AGAIN. Who is late, and what we say. Empty until reminders are built."""
