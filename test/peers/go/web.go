package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

// serveWeb serves HTTP/2 and HTTP/1.1 over TLS with net/http, and prints its port. Each answer is the body of its request;
// its trailer is that of the request.
func serveWeb(certificate, key string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fail(err)
	handler := func(response http.ResponseWriter, request *http.Request) {
		response.Header().Set("Trailer", "X-Sum")
		response.Header().Set("X-Proto", request.Proto)
		_, _ = io.Copy(response, request.Body)
		response.Header().Set("X-Sum", request.Trailer.Get("X-Sum"))
	}
	go func() { fail(http.ServeTLS(listener, http.HandlerFunc(handler), certificate, key)) }()
	fail(json.NewEncoder(os.Stdout).Encode(map[string]int{"tls": listener.Addr().(*net.TCPAddr).Port}))
	// The parent ends this program by closing its input.
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// fetch posts a megabyte with a trailer to each address, and prints what came of it as JSON. The proxy is that of the
// environment.
func fetch(addresses []string) {
	transport := &http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: roots()},
	}
	client := http.Client{Transport: transport}
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for _, address := range addresses {
		request, err := http.NewRequest("POST", address, io.NopCloser(bytes.NewReader(body)))
		fail(err)
		request.Trailer = http.Header{"X-Sum": {fmt.Sprint(len(body))}}
		response, err := client.Do(request)
		fail(err)
		answer, err := io.ReadAll(response.Body)
		fail(err)
		fail(json.NewEncoder(os.Stdout).Encode(map[string]any{
			"client":  response.Proto,
			"server":  response.Header.Get("X-Proto"),
			"same":    bytes.Equal(answer, body),
			"trailer": response.Trailer.Get("X-Sum"),
		}))
	}
}
