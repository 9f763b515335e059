// A server small enough to run from scratch.
package main

import (
	"cmp"
	"fmt"
	"log"
	"net/http"
	"os"
)

// built is set at build time by the build argument VERSION.
var built = "unknown"

func main() {
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "hello from go, version %s\n", built) })
	address := ":" + cmp.Or(os.Getenv("PORT"), "8080")
	log.Println("listening on", address)
	log.Fatal(http.ListenAndServe(address, nil))
}
