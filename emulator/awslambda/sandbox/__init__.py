"""Runs functions of which the emulated Lambda holds a zip, as Lambda would: each in a process of its own."""
