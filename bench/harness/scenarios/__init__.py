"""Measures that need a set-up of their own, one module each. Every module has `run(Setting) -> Finding`."""
