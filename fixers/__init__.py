"""How it is repaired: one repair a module, at the same path as its checker."""
