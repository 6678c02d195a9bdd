# A tiny response for puma. It counts what it serves.
served = 0
lock = Mutex.new

run lambda { |env|
  count = lock.synchronize { served += 1 }
  body = env["PATH_INFO"] == "/served" ? count.to_s : "hello world"
  [200, { "Content-Type" => "text/plain" }, [body]]
}
