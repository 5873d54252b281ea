"""The commands: one thin module each; the engine is imported inside the command."""
