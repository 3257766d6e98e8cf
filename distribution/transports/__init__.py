"""What moves bytes. A transport knows its protocol and tells a channel what was said; the channel judges it."""
