"""The small C libraries that tests preload into a program, from preloaded/."""

import os
import shutil
import subprocess

from daemon import TESTS


def build_library(source, directory):
    """Compiles a library; returns its path."""
    path = os.path.join(directory, os.path.splitext(source)[0] + ".so")
    source = os.path.join(TESTS, "preloaded", source)
    compiler = shutil.which("cc") or shutil.which("clang") or "cc"
    subprocess.run([compiler, "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", path, source], check=True)
    return path
