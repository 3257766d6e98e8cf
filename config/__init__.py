"""The bottom layer: settings, URLs, middleware, schedules, and what every list page shares. Imports no app."""
