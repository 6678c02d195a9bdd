"""What the tests' own browser does with a page that draws itself anew under its hands."""

from __future__ import annotations

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By

from tests.support.needs import BROWSER
from tests.support.web import element
from tests.support.web.browser import Browser

pytestmark = BROWSER

PAGE = "document.body.innerHTML = '<main><p data-testid=one>old</p></main>'"
REDRAWN = "document.querySelector('main').innerHTML = '<p data-testid=one class=new>new</p>'"


@pytest.fixture
def drawn(browser: Browser) -> Browser:
    browser.fresh()
    browser.run(PAGE)
    return browser


def test_an_element_drawn_anew_is_read_as_it_is_now(drawn: Browser) -> None:
    found, inner = drawn.part("one"), drawn.chrome.find_element(By.TAG_NAME, "main").find_elements(By.TAG_NAME, "p")[0]
    drawn.run(REDRAWN)
    assert (found.text, inner.text) == ("new", "new")
    drawn.run(REDRAWN)
    assert (found.get_attribute("class"), found.is_displayed()) == ("new", True)


def test_an_element_that_is_gone_for_good_is_an_error(drawn: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(element, "PATIENCE", 0.2)
    found = drawn.part("one")
    drawn.run("document.querySelector('main').innerHTML = ''")
    with pytest.raises(StaleElementReferenceException):
        found.text  # noqa: B018 (its reading is what is tried)
