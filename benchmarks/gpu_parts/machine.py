"""What runs here."""

import importlib.util
import os
import platform
import subprocess

import torch


def measure(setup, put):
    """Put one row on each of GPU, processor and programs."""
    if setup.device.startswith("cuda"):
        found = torch.cuda.get_device_properties(setup.device)
        smi = ["nvidia-smi", "--query-gpu=driver_version,power.limit,clocks.max.sm", "--format=csv,noheader"]
        driver = subprocess.run(smi, capture_output=True, text=True, check=False, timeout=10).stdout.strip()
        put(found.name, note=f"{found.total_memory / 1e9:.0f} GB, {found.multi_processor_count} processors, {driver}")
    put(processor(), note=f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    has = [name for name in ("triton", "nvidia.nvimgcodec", "openvino", "turbojpeg") if is_installed(name)]
    versions = f"torch {torch.__version__}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}"
    put(f"Python {platform.python_version()}", note=f"{versions}, {', '.join(has)}")


def is_installed(module):
    """Return whether a module can be found."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def processor():
    """Return the processor's name."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()
