"""Starting, watching and ending what `fangxin serve` runs: PostgreSQL, the web server, the worker."""
