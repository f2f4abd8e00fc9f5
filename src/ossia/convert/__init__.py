"""Published weights (safetensors) to one GGUF file."""
