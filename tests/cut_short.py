"""How a script begins whose process ends before its `left`-th change of a name on the disk."""

CUT_SHORT = """
import os
def counting(call):
    def counted(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return call(*args, **kwargs)
    return counted
def cut_short():
    for name in ("replace", "link", "rename", "unlink", "rmdir"):
        setattr(os, name, counting(getattr(os, name)))
"""
