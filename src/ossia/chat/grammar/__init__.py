"""Grammars of answers: JSON schemas and regular expressions as rules that llguidance enforces."""
