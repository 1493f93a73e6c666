"""Kernels."""


def kernel_name() -> str:
    return "python3"


def peak_memory_bytes(pid: int) -> int | None:
    return None


def die_with_parent() -> None:
    pass


from contextlib import contextmanager


@contextmanager
def warm(environment):
    yield
