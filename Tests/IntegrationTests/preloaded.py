"""The small C libraries that tests preload into a program, from preloaded/."""

import mmap
import os
import shutil
import struct
import subprocess

from daemon import TESTS


def build_library(source, directory):
    """Compiles a library; returns its path."""
    path = os.path.join(directory, os.path.splitext(source)[0] + ".so")
    source = os.path.join(TESTS, "preloaded", source)
    compiler = shutil.which("cc") or shutil.which("clang") or "cc"
    subprocess.run([compiler, "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", path, source], check=True)
    return path


class Preloaded:
    """A library that shares the first words of a file with the test; an environment variable names the file."""

    def __init__(self, source, variable, directory):
        self.library = build_library(source, directory)
        self.variable = variable
        self.path = os.path.join(directory, os.path.splitext(source)[0] + ".words")
        with open(self.path, "w+b") as file:
            file.truncate(mmap.PAGESIZE)
            self.words = mmap.mmap(file.fileno(), mmap.PAGESIZE)

    @property
    def environment(self):
        return {"LD_PRELOAD": self.library, self.variable: self.path}

    def read(self, index):
        return struct.unpack_from("=q", self.words, 8 * index)[0]

    def write(self, index, number):
        struct.pack_into("=q", self.words, 8 * index, number)


class PreloadedCounter(Preloaded):
    """A library that counts in the first of two words, and is told something by the second."""

    @property
    def count(self):
        return self.read(0)

    def tell(self, number):
        self.write(1, number)
