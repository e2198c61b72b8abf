// The gRPC peer in Go: `peer serve <certificate> <key>`, or `peer call <address>…` (see ../echo.proto).
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
	if os.Args[1] == "serve" {
		serve(os.Args[2], os.Args[3])
		return
	}
	for _, address := range os.Args[2:] {
		call(address)
	}
}
