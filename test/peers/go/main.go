// The peers in Go. gRPC: `peer serve <certificate> <key>` and `peer call <address>…` (see ../echo.proto). net/http:
// `peer serve-web <certificate> <key>` and `peer fetch <url>…`.
package main

import (
	"fmt"
	"os"
)

// fail ends the program with an error.
func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	switch os.Args[1] {
	case "serve":
		serve(os.Args[2], os.Args[3])
	case "serve-web":
		serveWeb(os.Args[2], os.Args[3])
	case "fetch":
		fetch(os.Args[2:])
	case "call":
		for _, address := range os.Args[2:] {
			call(address)
		}
	}
}
