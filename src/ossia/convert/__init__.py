"""Conversion of published weights (safetensors) to a GGUF file."""
