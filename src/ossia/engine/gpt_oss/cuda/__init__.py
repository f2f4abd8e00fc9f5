"""The CUDA engine: gpt-oss's forward pass as Triton kernels. Only here are torch and Triton imported."""
