"""The one-shot migration."""
