"""What it costs: the platform beside a floor of bare Django views, measured in the same run.

`make bench` prints the table; `python -m benchmarks --help` tells what can be chosen.
"""
