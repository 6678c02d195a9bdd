"""Modules become one script: what it exports is what the modules did."""

from __future__ import annotations

import re

import pytest

from gluten.report.formats.webpage.linker import link

MODULES = {
    "js/main.js": """
import { one, two as zwei } from "./a.js";
import Whole from "../lib/b.js";
show(one, zwei, Whole);
""",
    "js/a.js": """
import {
  $,
} from "../lib/c.js";
// A note.
export const one = $(1);
export function two() {
  return 2;
}
""",
    "lib/b.js": """/**
* Copyright (c) 2025, Somebody
*/
/*
export const old = 1;
*/
class Whole {}
export { Whole as default };
""",
    "lib/c.js": """
/** @type {X} */
export const $ = (id) => id;
export const [A, B] = [1, 2];
""",
}


def linked(**more: str) -> str:
    return link("js/main.js", (MODULES | {f"js/{name}.js": text for name, text in more.items()}).__getitem__)


def test_a_module_comes_after_all_that_it_imports_and_once() -> None:
    text = linked(main=MODULES["js/main.js"] + 'import { B } from "../lib/c.js";\n')
    assert [text.count(part) for part in ("const $ = ", "const one = ", "class Whole")] == [1, 1, 1]
    assert text.index("const $ = ") < text.index("const one = ") < text.index("show(")


def test_imports_and_exports_become_names_of_objects() -> None:
    text = linked()
    assert not re.search(r"^\s*(import|export)\b", text, re.M)
    for part in ("const { $, } = m0;", "return { $, A, B };", "return { one, two };", "const { one, two : zwei } = m1;",
                 "return { default: Whole };", "const { default: Whole } = m2;"):  # fmt: skip
        assert part in text


def test_it_is_strict_and_has_no_names_outside() -> None:
    body = linked().partition("(() => {\n")[2]
    assert body.startswith('"use strict";\n')
    assert body.endswith("})();\n")


def test_comments_and_indents_go_and_the_notice_of_a_licence_stays() -> None:
    text = linked()
    assert text.startswith("/**\n* Copyright (c) 2025, Somebody\n*/\n")
    for part in ("A note", "@type", "old = 1", "  return 2"):
        assert part not in text


@pytest.mark.parametrize(
    "line", ["export let a = 1;", "export default 5;", 'import * as all from "./a.js";', 'export * from "./a.js";']
)
def test_what_it_cannot_read_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"js/main.js: cannot be linked: (import|export) "):
        linked(main=f"{line}\n")


def test_a_ring_is_refused() -> None:
    with pytest.raises(ValueError, match="imports itself"):
        linked(a='import { b } from "./b.js";\nexport const one = b;\n', b='import { one } from "./a.js";\n')


@pytest.mark.parametrize("text", ["</script>", "</SCRIPT ", "<!--"])
def test_what_would_end_the_script_in_a_page_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="would end the script"):
        linked(main=f'show("{text}");\n')
