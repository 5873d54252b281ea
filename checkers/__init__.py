"""What is looked for: one rule a module, found with the standard library alone."""
