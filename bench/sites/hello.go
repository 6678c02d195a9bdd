// Go's net/http with a tiny response. It counts what it serves.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"sync/atomic"
)

var served int64

func hello(answer http.ResponseWriter, request *http.Request) {
	count := atomic.AddInt64(&served, 1)
	if request.URL.Path == "/served" {
		fmt.Fprint(answer, count)
		return
	}
	fmt.Fprint(answer, "hello world")
}

func main() {
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], http.HandlerFunc(hello)))
}
