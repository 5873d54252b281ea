"""How declarative classes are scanned; nothing public."""
