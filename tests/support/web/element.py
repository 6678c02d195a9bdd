"""Elements that a page may draw anew between being found and being read: they are found again, as an eye does."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

PATIENCE = 20.0
PASSING = (ElementClickInterceptedException, ElementNotInteractableException, StaleElementReferenceException)


class Element(WebElement):
    """Asks again, until its patience ends, what fails only because the page is being drawn."""

    again: Callable[[], WebElement]

    def _patiently(self, ask: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return ask()
            except PASSING:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.05)
            with suppress(NoSuchElementException, IndexError):  # not drawn yet: the next question tells
                self._id = self.again().id

    def _execute(self, command: str, params: Any = None) -> Any:
        return self._patiently(lambda: super(Element, self)._execute(command, params))  # type: ignore[no-untyped-call]

    def get_attribute(self, name: str) -> str | None:
        found: str | None = self._patiently(lambda: super(Element, self).get_attribute(name))
        return found

    def is_displayed(self) -> bool:
        return bool(self._patiently(lambda: super(Element, self).is_displayed()))

    def find_element(self, by: Any = By.ID, value: str | None = None) -> WebElement:
        return lasting(super().find_element(by, value), lambda: self.find_element(by, value))

    def find_elements(self, by: Any = By.ID, value: str | None = None) -> list[WebElement]:
        return each_lasting(super().find_elements(by, value), lambda: self.find_elements(by, value))


class PageChrome(Chrome):
    """Chromium with elements that outlive a drawing."""

    _web_element_cls = Element

    def find_element(self, by: Any = By.ID, value: str | None = None) -> WebElement:
        return lasting(super().find_element(by, value), lambda: self.find_element(by, value))

    def find_elements(self, by: Any = By.ID, value: str | None = None) -> list[WebElement]:
        return each_lasting(super().find_elements(by, value), lambda: self.find_elements(by, value))


def lasting(found: WebElement, again: Callable[[], WebElement]) -> WebElement:
    assert isinstance(found, Element)
    found.again = again
    return found


def each_lasting(found: list[WebElement], again: Callable[[], list[WebElement]]) -> list[WebElement]:
    return [lasting(one, lambda at=at: again()[at]) for at, one in enumerate(found)]  # type: ignore[misc]
