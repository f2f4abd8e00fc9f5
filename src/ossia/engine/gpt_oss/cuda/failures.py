"""Failures of a GPU in words, made of the exceptions of torch and Triton, which are known by names and texts alone."""

from ossia.errors import OssiaError

_FAULTS = ("CUDA error", "Triton Error [CUDA]", "CUDA driver error", "CUBLAS_STATUS")


def explained(error: Exception) -> OssiaError | None:
    """The error of a GPU that `error` tells of, with what to do; None for any other."""
    text = str(error).strip().partition("\n")[0]
    is_fault = type(error).__name__ == "AcceleratorError" or any(fault in text for fault in _FAULTS)
    if type(error).__name__ == "OutOfMemoryError" or (is_fault and "out of memory" in text):
        return OssiaError(
            f"the GPU ran out of memory: {text}",
            hint="another program may have taken it; OLLAMA_GPU_OVERHEAD keeps bytes free, and a shorter "
            "OLLAMA_CONTEXT_LENGTH needs fewer",
        )
    if is_fault:
        return OssiaError(
            f"the GPU failed: {text}",
            hint="the next request loads the model again; if it fails again, `dmesg` may tell why (NVRM: Xid), and "
            "OSSIA_DEVICE=cpu runs models on the processor",
        )
    return None
