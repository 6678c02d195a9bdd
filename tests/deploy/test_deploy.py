"""The files of deploy/ are valid for the programs that read them, and fit the options of GLuTEN."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gluten.cli.arguments import parse
from gluten.cli.usage import TEXTS
from tests.support.needs import lacking

pytestmark = pytest.mark.timeout(240)  # the first of them fetches the validators

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
VALIDATORS = ["kubernetes-validate==1.37.0", "check-jsonschema==0.39.0"]
OUTSIDE = {"GLUTEN_CACHE"}
"""Settings of the one file, not of the program."""


@pytest.fixture(scope="module")
def validators(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of the validators, in an environment that passes: they carry hundreds of schemas."""
    folder = tmp_path_factory.mktemp("validators")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
    pip += ["install", "-qq", "--disable-pip-version-check"]
    if not fetched([*pip, *VALIDATORS]):
        lacking("validators of compose and Kubernetes files from PyPI")
    return folder / "bin"


def fetched(command: list[str]) -> bool:
    """Whether pip could fetch them. It has three minutes: without a network it would try for longer."""
    try:
        return subprocess.run(command, capture_output=True, timeout=180, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def checked(*command: str | Path) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def documents(validators: Path, file: Path) -> list[dict[str, Any]]:
    script = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))"
    done = subprocess.run([str(validators / "python"), "-c", script, str(file)], capture_output=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def unit(file: Path) -> dict[str, list[tuple[str, str]]]:
    """A unit's lines by section. A key may be there several times."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for line in file.read_text().splitlines():
        if line.startswith("["):
            sections[line.strip("[]")] = []
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            sections[list(sections)[-1]].append((name, value))
    return sections


def settings_of(command: str) -> set[str]:
    """The variables that set its options."""
    options = re.findall(r"--([a-z][a-z-]+)", TEXTS[command])
    return {"GLUTEN_" + option.upper().replace("-", "_") for option in options}


@pytest.mark.needs("systemd-analyze")
def test_systemd_takes_the_units() -> None:
    done = subprocess.run(["systemd-analyze", "verify", *map(str, UNITS)], capture_output=True, text=True)
    # The program itself need not be where the unit looks for it.
    complaints = [line for line in done.stderr.splitlines() if "is not executable" not in line]
    assert complaints == []


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)
def test_a_unit_starts_the_program_with_valid_options(file: Path) -> None:
    service = unit(file)["Service"]
    said = dict(service)
    python, archive, *arguments = said["ExecStart"].split()
    assert (python, archive) == ("/usr/bin/python3", "/opt/gluten/gluten.pyz")
    command = parse(arguments, {"GLUTEN_MASTER": "a:9090"}).command
    assert file.stem == f"gluten-{command}"
    assert said["Type"] == "notify"
    assert said["Restart"] == "on-failure"
    assert int(said["LimitNOFILE"]) >= 1 << 20
    named = {value.partition("=")[0] for name, value in service if name == "Environment"}
    assert named - OUTSIDE <= settings_of(command)
    for hardening in ("NoNewPrivileges", "ProtectSystem", "PrivateTmp", "DynamicUser", "SystemCallFilter"):
        assert hardening in said


def test_a_unit_gives_a_node_more_time_to_stop_than_it_takes() -> None:
    from gluten.daemon.slave_part import DRAIN

    for file in UNITS:
        assert int(dict(unit(file)["Service"])["TimeoutStopSec"]) > DRAIN + 5


def test_compose_takes_its_file(validators: Path) -> None:
    checked(validators / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


@pytest.mark.parametrize(
    ("schema", "file"), [("vendor.github-workflows", "github-actions.yml"), ("vendor.gitlab-ci", "gitlab-ci.yml")]
)
def test_ci_servers_take_their_files(validators: Path, schema: str, file: str) -> None:
    checked(validators / "check-jsonschema", "--builtin-schema", schema, DEPLOY / "ci" / file)


def test_compose_takes_the_file_of_grafana(validators: Path) -> None:
    file = DEPLOY / "grafana" / "compose.yaml"
    checked(validators / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", file)
    services = documents(validators, file)[0]["services"]
    assert set(services) == {"master", "reader", "prometheus", "grafana"}
    assert services["master"] == {"hostname": "master"}  # the rest is in the other file


def test_compose_starts_master_postgres_and_slaves(validators: Path) -> None:
    (compose,) = documents(validators, DEPLOY / "compose.yaml")
    services = compose["services"]
    assert set(services) == {"postgres", "master", "slave"}
    for command in ("master", "slave"):
        service = services[command]
        assert parse(service["command"], service["environment"]).command == command
        assert set(service["environment"]) <= settings_of(command)
        assert "GLUTEN_KEY" in service["environment"]
    assert services["slave"]["environment"]["GLUTEN_KEY"].startswith("${SLAVE_KEY:?")
    assert services["master"]["ports"] == ["8888:8888", "9090:9090"]
    assert "ports" not in services["slave"]  # any number of them shares a host
    assert services["slave"]["environment"]["GLUTEN_MASTER"] == "master:9090"


def test_kubernetes_takes_the_manifests(validators: Path) -> None:
    for file in (DEPLOY / "kubernetes").iterdir():
        checked(validators / "kubernetes-validate", "--strict", "--quiet", file)


def test_the_manifests_fit_together_and_to_the_program(validators: Path) -> None:
    parts = {part["kind"]: part for part in documents(validators, DEPLOY / "kubernetes" / "gluten.yaml")}
    assert set(parts) == {"Service", "StatefulSet", "Deployment"}
    for command, part in (("master", parts["StatefulSet"]), ("slave", parts["Deployment"])):
        template = part["spec"]["template"]
        (container,) = template["spec"]["containers"]
        environment = {entry["name"]: entry.get("value", "") for entry in container["env"]}
        assert parse(container["args"], environment).command == command
        assert set(environment) <= settings_of(command)
        assert part["spec"]["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
        (key,) = (entry for entry in container["env"] if entry["name"] == "GLUTEN_KEY")
        name = {"master": "gluten", "slave": "gluten-slave"}[command]
        assert key["valueFrom"]["secretKeyRef"] == {"name": name, "key": "key"}
        ports = {port["name"] for port in container["ports"]}
        assert {probe["httpGet"]["port"] for name, probe in container.items() if name.endswith("Probe")} <= ports
    service = parts["Service"]["spec"]
    labels = parts["StatefulSet"]["spec"]["template"]["metadata"]["labels"]
    assert service["selector"].items() <= labels.items()
    slave = parts["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    (master,) = (entry["value"] for entry in slave["env"] if entry["name"] == "GLUTEN_MASTER")
    assert master == f"{parts['Service']['metadata']['name']}:{service['ports'][1]['port']}"


def instructions() -> Iterator[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", "", (DEPLOY / "Dockerfile").read_text())
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            yield word, rest


def test_the_image_carries_a_released_file_and_runs_without_rights() -> None:
    found = dict(instructions())
    assert next(instructions())[0] == "FROM"
    assert found["ARG"] == "FILE=dist/gluten-linux-x86_64.pyz"
    assert found["COPY"].startswith("--chmod=755 ${FILE} ")
    assert found["USER"] == "10001"
    assert json.loads(found["ENTRYPOINT"]) == ["gluten.pyz"]
    assert parse(json.loads(found["CMD"]), {}).command == "master"


def test_the_units_are_ini_files() -> None:
    for file in UNITS:
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.read(file)
        assert parser.sections() == ["Unit", "Service", "Install"]


def test_the_commands_above_a_file_run_a_file_that_there_is() -> None:
    """`gluten.pyz` is in the reader's PATH; `python3 FILE` is in this tree, or where a unit says that it is."""
    files = [file for file in DEPLOY.rglob("*") if file.suffix in (".yaml", ".service") or file.name == "Dockerfile"]
    comments = "\n".join(line for file in files for line in file.read_text().splitlines() if line.startswith("#"))
    named = set(re.findall(r"python3 (\S+)", comments))
    assert named == {"build_zipapp.py", "/opt/gluten/gluten.pyz"}
    assert (DEPLOY.parent / "build_zipapp.py").is_file()
