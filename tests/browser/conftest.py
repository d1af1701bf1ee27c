"""A real browser against a real server: Chromium of the system, no download, no network."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.cast import PASSWORD

# Playwright keeps an event loop running; without this Django refuses every query of a test.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

WIDTHS = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
NARROWEST = {"width": 320, "height": 640}
AXE = Axe().axe_script
BROKEN = """async options => (await axe.run(document, options)).violations.map(
  rule => `${rule.id}: ${rule.help} ${rule.nodes.map(node => node.target)}`)"""
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


class Eyes:
    """Looks at a page in a browser: what breaks WCAG 2.2 AA, a width or the console is told as a failure.

    With FANGXIN_PICTURES=folder each page looked at is kept there as a picture.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, said: ConsoleMessage) -> None:
        # Chromium calls every 4xx an error of the page; a refused form answers with one on purpose.
        if said.type in {"error", "warning"} and "Failed to load resource" not in said.text:
            self.complaints.append(said.text)

    def look(self, name: str) -> None:
        """The page as it stands breaks no rule, fits its width, has raised no error."""
        if folder := os.environ.get("FANGXIN_PICTURES"):
            size = self.page.viewport_size or {"width": 0}
            self.page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        # At its end, where a bar that stays in sight stands in its own place and covers nothing.
        self.page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        told = self.page.evaluate(BROKEN, {"runOnly": STANDARDS, "resultTypes": ["violations"]})
        assert not told, f"{name}: {told}"
        self.fits(name)
        assert not self.complaints, (name, self.complaints)

    def fits(self, name: str) -> None:
        """Nothing has to be scrolled sideways."""
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{name} is {wide} pixels wider than its window"

    def look_at_each_width(self, name: str) -> None:
        """The same at 1280 and at 390 pixels, and no wider than 320; the desk's width is back afterwards."""
        for size in (WIDTHS["phone"], WIDTHS["desk"]):
            self.page.set_viewport_size(size)
            self.look(name)
        self.page.set_viewport_size(NARROWEST)
        self.fits(name)
        self.page.set_viewport_size(WIDTHS["desk"])


@pytest.fixture
def looked_at(page: Page) -> Callable[[str], None]:
    """`looked_at("回执")` at the width the test has set."""
    return Eyes(page).look


class Desk:
    """One person at a browser of their own."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.page = context.new_page()
        self.eyes = Eyes(self.page)

    def opens(self, name: str, *args: Any, look: str = "") -> Page:
        """The page of that name."""
        self.page.goto(self.address + reverse(name, args=args))
        if look:
            self.eyes.look_at_each_width(look)
        return self.page

    def signs_in(self, username: str) -> Page:
        """Through the front door, by name and password."""
        page = self.opens("sign_in")
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        return page

    def another_tab(self) -> Page:
        """A second page in the same browser."""
        return self.context.new_page()


@pytest.fixture
def desk_of(
    browser: Browser, browser_context_args: dict[str, Any], live_server: Any
) -> Iterator[Callable[..., Desk]]:
    """`desk_of("liqiang")` sits down signed in, `desk_of()` as a citizen; each in a browser of their own."""
    taken = []

    def sit_down(username: str = "", **options: Any) -> Desk:
        context = browser.new_context(**{**browser_context_args, **options})
        taken.append(context)
        if username:
            client = Client()
            user = get_user_model().objects.get(username=username)
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            key = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}]
            )
        return Desk(context, live_server.url)

    yield sit_down
    for context in taken:
        context.close()


@pytest.fixture
def files_folder(settings: Any, tmp_path: Path) -> None:
    """Uploaded files lie in a folder of the test."""
    disk = {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": disk}
