// node's http with a tiny response. It counts what it serves.
"use strict";

const http = require("node:http");

let served = 0;

function hello(request, response) {
  served += 1;
  response.end(request.url === "/served" ? String(served) : "hello world");
}

http.createServer(hello).listen(Number(process.argv[2]), "127.0.0.1");
