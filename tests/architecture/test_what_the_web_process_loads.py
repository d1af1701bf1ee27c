"""Libraries that a web process seldom needs are loaded by whoever first needs them: each worker would carry them."""

import subprocess
import sys

HEAVY = ("openpyxl", "xlsxwriter", "numpy", "sklearn", "typst", "docx", "pypdf", "matplotlib", "faker")
LOADED = """
import sys, django
django.setup()
from django.urls import get_resolver
def walk(patterns):
    for one in patterns:
        walk(getattr(one, "url_patterns", ()))
walk(get_resolver().url_patterns)
print(" ".join(name for name in sys.argv[1:] if name in sys.modules))
"""


def test_every_page_loaded_and_none_of_the_heavy_libraries():
    ran = subprocess.run([sys.executable, "-c", LOADED, *HEAVY], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


def test_a_library_that_is_loaded_is_named():
    asked = [sys.executable, "-c", f"import openpyxl{LOADED}", *HEAVY]
    assert "openpyxl" in subprocess.run(asked, capture_output=True, text=True, check=True).stdout
