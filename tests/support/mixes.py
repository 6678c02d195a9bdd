"""Workloads that tests of several servers load with."""

from __future__ import annotations

MIX = """
url = "URL"
[request.home]
get = "/home"
weight = 3
[request.search]
get = "/search/{{seq}}"
check = ["status == 200", "body contains hello"]
weight = 2
[request.missing]
get = "/missing"
"""
