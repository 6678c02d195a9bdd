"""The commented example that `gluten new` prints. It runs against `gluten target`."""

EXAMPLE = """\
# A workload file of GLuTEN (TOML 1.0). It runs as it is against the target that comes with the program:
#
#     gluten.pyz target                 # in another terminal; it listens on http://127.0.0.1:8080
#     gluten.pyz check load.toml        # is the file right, and what would it do; with --try each request once
#     gluten.pyz run load.toml
#
# Options of the command line outrank the file: gluten.pyz run -R 200 -d 1m --url http://127.0.0.1:9000 load.toml
# An editor completes the keys with the schema that `gluten.pyz schema` prints.

name = "example"
url = "http://127.0.0.1:8080"           # goes in front of every path
header = ["Accept: application/json"]   # of every request; a request's own header of that name replaces it
seed = 0                                # order and draws follow from it
timeout = "2s"                          # of one request, connecting included

[vars]                                  # constants for templates
tenant = "t-{{env TENANT 1}}"           # from the environment; 1 where TENANT is not set

[load]                                  # the command line's load options, by their long names
rate = 100                              # requests/s on all nodes together; or stages = "0s:0,30s:100,2m:100"
duration = "10s"
# connections = 20                      # at most so many at once; without it, as many as are needed

# Rows of data. Templates name the columns: {{user.name}}. Uncomment it with a file users.csv beside this one,
# whose first line is: name,password
# [[feed]]
# name = "user"
# file = "users.csv"                    # .csv, .jsonl or .txt
# pick = "unique"                       # unique, cycle, shuffle or random

[request.home]                          # its numbers are reported as `home`
get = "/"
check = ["status == 200", "time < 1s"]
weight = 6                              # exactly 6 of each 10 requests

[request.search]
get = "/search?q={{text 6}}&page={{int 1 9}}"
header = ["X-Tenant: {{tenant}}"]
check = ["status 2xx"]
weight = 3

[request.order]
post = "/orders"
json = {id = "{{uuid}}", amount = "{{raw int 1 5}}", note = "order {{seq}} of run {{run}}"}
check = ["status == 200"]
weight = 1

# Users who do several things in order. Uncomment it, and leave out the weights of the requests above: scenarios have
# them. `rate` is sessions/s then.
# [request.login]
# post = "/login"
# json = {name = "ann"}
# take = {session = "header X-Session else none", token = "json $.token else none"}  # kept until the session ends
# check = ["status == 200"]
#
# [request.cart]
# get = "/cart"
# header = ["Authorization: Bearer {{token}}", "X-Session: {{session}}"]
#
# [[scenario]]
# name = "browse"
# weight = 4
# do = ["login", {think = "1s..3s"}, {repeat = "1..4", do = ["search", {think = "exp 500ms"}]}]
#
# [[scenario]]
# name = "buy"
# weight = 1
# do = ["login", "home", {chance = 0.7, do = [{group = "checkout", do = ["cart", {think = "1s"}, "order"]}]}]
"""
