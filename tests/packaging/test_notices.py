"""The licences and the bill of materials of everything that is carried."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from builder.lock import Locked
from builder.notices import BILL, LICENCES
from builder.target import running_target
from builder.vendor import Vendor
from builder.web import read_web_lock
from builder.wheel import read_wheel
from gluten_bootstrap.unpack import Contents
from tests.packaging.conftest import WHEEL, Project
from tests.support.onefile import REPOSITORY, OneFile

SPDX = {
    "License-Expression: MIT\n": ("MIT", True),
    "License: do as you like\n": ("do as you like", False),
    "License: Copyright\n  a whole text\nClassifier: License :: OSI Approved :: MIT License\n": ("MIT License", False),
    "Name: made-up\n": ("as in its text", False),
}


def carried(project: Project, path: str) -> str:
    with zipfile.ZipFile(project.output) as archive:
        manifest = archive.read(f"manifest/{running_target().key}").decode()
    digests = {line.split(" ", 2)[2]: line.split(" ", 2)[0] for line in manifest.splitlines()}
    return Contents(str(project.output)).read(digests[path]).decode()


def test_the_licence_of_each_package_is_carried_and_ours(built: Project) -> None:
    text = carried(built, LICENCES)
    for line in ("GLuTEN 1.2.3: MIT", "made-up 1.0: as in its text", "do as you like", "chart 1.0 (JavaScript): MIT"):
        assert line in text


def test_what_has_no_licence_is_not_carried(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    bare = {name: text for name, text in WHEEL.items() if "LICENSE" not in name}
    project.lock(running_target(), project.wheel("made_up-1.0-py3-none-any.whl", bare))
    assert project.build() == 2
    assert "made-up 1.0: its package has no text of a licence" in capsys.readouterr().err


@pytest.mark.parametrize(("metadata", "expected"), SPDX.items())
def test_a_licence_is_named_by_the_best_field_there_is(
    tmp_path: Path, metadata: str, expected: tuple[str, bool]
) -> None:
    path = tmp_path / "a.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("a-1.dist-info/METADATA", metadata)
    read = read_wheel(path, Locked("a", "1", "a.whl", "aa"))
    assert (read.license, read.spdx) == expected


def test_libraries_inside_a_wheel_are_listed_once_with_what_its_own_bill_tells(project: Project) -> None:
    own, inner = {"name": "made-up"}, {"type": "library", "name": "libssl", "version": "3", "bom-ref": "x"}
    bill = {"metadata": {"component": own}, "components": [own, inner, inner]}
    files = WHEEL | {"made_up-1.0.dist-info/sboms/a.cdx.json": json.dumps(bill), "made_up.libs/libz.so": "elf"}
    project.lock(running_target(), project.wheel("made_up-1.0-py3-none-any.whl", files))
    assert project.build() == 0
    (made_up,) = (each for each in json.loads(carried(project, BILL))["components"] if each["name"] == "made-up")
    assert [part["name"] for part in made_up["components"]] == ["libssl", "libz.so"]
    assert "libssl 3" in carried(project, LICENCES)


def test_equal_trees_have_equal_bills(project: Project) -> None:
    project.build()
    first = carried(project, BILL)
    project.build()
    assert carried(project, BILL) == first


def test_the_bill_has_the_version_and_hash_of_each_wheel_that_is_carried(one_file: OneFile) -> None:
    document = json.loads(one_file.run("sbom").stdout)
    hashes = {(each["name"], each["version"]): each["hashes"][0]["content"] for each in document["components"]}
    for wheel in Vendor(REPOSITORY / "vendor").carried(running_target()):
        assert hashes.pop((wheel.name, wheel.version)) == wheel.sha256
    web = read_web_lock(REPOSITORY / "vendor" / "locks" / "web.json")
    assert list(hashes) == [(package.name, package.version) for package in web]


def test_the_bill_is_cyclonedx(one_file: OneFile) -> None:
    """The fields that bom-1.6.schema.json requires, and the forms that it asks for."""
    document = json.loads(one_file.run("sbom").stdout)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch("urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", document["serialNumber"])
    components = list(every_component(document["metadata"]["component"], *document["components"]))
    refs = [each["bom-ref"] for each in components]
    assert len(refs) == len(set(refs))
    assert {ref for edge in document["dependencies"] for ref in (edge["ref"], *edge["dependsOn"])} <= set(refs)
    for each in components:
        assert each["type"] in ("application", "library", "file")
        assert each["name"]
        for found in each.get("hashes", []):
            length = {"SHA-256": 64, "SHA-512": 128}[found["alg"]]
            assert re.fullmatch(f"[0-9a-f]{{{length}}}", found["content"])
        for licence in each.get("licenses", []):
            assert set(licence) == {"expression"} or set(licence["license"]) == {"name"}


def every_component(*components: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for part in components for each in (part, *every_component(*part.get("components", [])))]


def test_the_licences_name_every_package_that_is_carried(one_file: OneFile) -> None:
    text = one_file.run("licences").stdout
    vendor = Vendor(REPOSITORY / "vendor")
    named = [(wheel.name, wheel.version) for wheel in vendor.carried(running_target())]
    named += [(package.name, package.version) for package in vendor.web_packages()]
    for name, version in named:
        assert f"\n{name} {version}" in text


def test_what_is_locked_and_never_imported_is_not_carried(one_file: OneFile) -> None:
    licences, sbom = one_file.run("licences").stdout.lower(), one_file.run("sbom").stdout.lower()
    for name in ("brotli", "certifi"):
        assert not re.search(rf"\b{name}\b", licences)
        assert not re.search(rf"\b{name}\b", sbom)
        assert not [path for path in one_file.cache.rglob("*") if re.match(rf"_?{name}\b", path.name)]


def test_a_source_tree_says_that_it_carries_nothing() -> None:
    from gluten.cli.main import command_line

    assert command_line(["sbom"]) == 2
