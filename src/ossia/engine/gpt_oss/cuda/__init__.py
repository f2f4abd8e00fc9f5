"""The CUDA engine: gpt-oss's forward pass as Triton kernels. torch and Triton are imported below here and nowhere else."""
