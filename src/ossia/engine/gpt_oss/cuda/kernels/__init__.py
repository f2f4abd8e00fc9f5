"""Triton kernels of gpt-oss. Each file begins with its slow reference, in plain torch."""
