"""Runs the command line in this process, and prints how much memory and CPU it needed."""

import json
import resource
import sys

from benchmarks.measured_handler import peak_kib
from cli.main import main

status = main(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"status": status, "peak_kib": peak_kib(), "cpu_seconds": used.ru_utime + used.ru_stime}))
