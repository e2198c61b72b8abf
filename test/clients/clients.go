// Asks for /<client> at each URL of URLS with the client of Go.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	prefix := os.Getenv("PREFIX")
	for _, name := range strings.Fields(os.Getenv("CLIENTS")) {
		for _, base := range strings.Fields(os.Getenv("URLS")) {
			response, err := http.Get(base + "/" + prefix + name)
			if err != nil {
				fmt.Fprintf(os.Stderr, "%s%s %s: %v\n", prefix, name, base, err)
				continue
			}
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
	}
}
