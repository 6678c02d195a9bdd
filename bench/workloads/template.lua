-- What template.toml says, for wrk: the next row's name in the path, and a look at each body.
local names = {}
local used = 0
local bad = 0

function init(args)
  local first = true
  for line in io.lines(args[1]) do
    if not first then
      names[#names + 1] = line:match("^([^,]*)")
    end
    first = false
  end
end

function request()
  used = used % #names + 1
  return wrk.format("GET", "/plain?user=" .. names[used])
end

function response(status, headers, body)
  if status >= 400 or not body:find("world", 1, true) then
    bad = bad + 1
  end
end
