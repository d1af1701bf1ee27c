"""A real browser against a real server: Chromium of the system, no download, no network."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Page

# Playwright keeps an event loop running; without this Django refuses every query of a test.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

WIDTHS = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
STANDARDS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Chromium as the system has it; the sandbox asks for rights that root in a container lacks."""
    return {
        **browser_type_launch_args,
        "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A reader in Beijing."""
    return {
        **browser_context_args,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": WIDTHS["desk"],
    }


@pytest.fixture(params=list(WIDTHS))
def width(request: pytest.FixtureRequest, page: Page) -> str:
    """Each test that asks for it runs at 1280 and at 390 pixels."""
    page.set_viewport_size(WIDTHS[request.param])
    return str(request.param)


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    """No test inherits the floods of another."""
    cache.clear()


@pytest.fixture
def looked_at(page: Page, request: pytest.FixtureRequest) -> Callable[[str], None]:
    """`looked_at("回执")`: the page breaks no rule of WCAG 2.2 AA, fits its width, raises no error.

    With FANGXIN_PICTURES=folder a picture of it is kept there.
    """
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)

    def look(name: str) -> None:
        if folder := os.environ.get("FANGXIN_PICTURES"):
            size = page.viewport_size or {"width": 0}
            page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)
        found = Axe().run(page, options={"runOnly": STANDARDS}).response["violations"]
        told = [f"{rule['id']}: {rule['help']} {[n['target'] for n in rule['nodes']]}" for rule in found]
        assert not told, f"{name}: {told}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} pixels wider than its window"
        assert not complaints, complaints

    return look
