"""Numbers of bytes as text for people, in the words of Ollama."""


def human_size(count: int) -> str:
    """Format bytes in decimal units: 13 GB, 1.5 MB, 999 B."""
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            tenths = count * 10 // size
            return f"{tenths // 10} {unit}" if tenths >= 100 or tenths % 10 == 0 else f"{tenths / 10} {unit}"
    return f"{count} B"
