"""Read by `jupyter lab` in the project's environment: as `workbench lab`, without the command."""

import contextlib
from pathlib import Path

from helpers.places import project_root
from helpers.schema import HelpersError
from workbench.kernels import SPECS, kernel_name, start_server

settings = get_config()  # noqa: F821 (Jupyter gives it)
# This also lets the notebooks' own kernel, python3, be a warm one.
settings.MultiKernelManager.default_kernel_name = kernel_name()
settings.LabApp.custom_css = True
settings.ServerApp.tornado_settings = {"static_custom_path": [str(SPECS / "custom")]}
with contextlib.suppress(HelpersError):
    if project_root() == Path.cwd():
        settings.ServerApp.root_dir = str(project_root() / "notebooks")
# Warm by the time that the first notebook is opened.
start_server()
