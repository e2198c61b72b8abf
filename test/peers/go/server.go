package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type text = wrapperspb.StringValue

var cancellations atomic.Int64

var service = grpc.ServiceDesc{
	ServiceName: "peers.v1.Echo",
	HandlerType: (*any)(nil),
	Methods:     []grpc.MethodDesc{{MethodName: "Unary", Handler: unary}},
	Streams: []grpc.StreamDesc{
		{StreamName: "Down", Handler: down, ServerStreams: true},
		{StreamName: "Up", Handler: up, ClientStreams: true},
		{StreamName: "Both", Handler: both, ServerStreams: true, ClientStreams: true},
	},
}

func unary(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	request := new(text)
	if err := decode(request); err != nil {
		return nil, err
	}
	asked, _ := metadata.FromIncomingContext(ctx)
	if code := asked.Get("fail"); len(code) > 0 {
		number, _ := strconv.Atoi(code[0])
		failure, err := status.New(codes.Code(number), "no: 100 % ä").WithDetails(wrapperspb.String("why"))
		if err != nil {
			return nil, err
		}
		return nil, failure.Err()
	}
	if err := grpc.SetHeader(ctx, metadata.MD{"some-bin": asked.Get("some-bin")}); err != nil {
		return nil, err
	}
	switch request.Value {
	case "deadline":
		_, has := ctx.Deadline()
		return wrapperspb.String(strconv.FormatBool(has)), nil
	case "cancellations":
		return wrapperspb.String(strconv.FormatInt(cancellations.Load(), 10)), nil
	}
	return request, grpc.SetTrailer(ctx, metadata.Pairs("x-length", strconv.Itoa(len(request.Value))))
}

func down(_ any, stream grpc.ServerStream) error {
	request := new(text)
	if err := stream.RecvMsg(request); err != nil {
		return err
	}
	count, err := strconv.Atoi(request.Value)
	if err != nil {
		return wait(stream, request)
	}
	for i := 0; i < count && err == nil; i++ {
		err = stream.SendMsg(wrapperspb.String(strconv.Itoa(i)))
	}
	return err
}

func wait(stream grpc.ServerStream, request *text) error {
	if err := stream.SendMsg(request); err != nil {
		return err
	}
	<-stream.Context().Done()
	if request.Value == "cancel" {
		cancellations.Add(1)
	}
	return status.FromContextError(stream.Context().Err()).Err()
}

func up(_ any, stream grpc.ServerStream) error {
	var parts []string
	for {
		request := new(text)
		if err := stream.RecvMsg(request); errors.Is(err, io.EOF) {
			return stream.SendMsg(wrapperspb.String(strings.Join(parts, ",")))
		} else if err != nil {
			return err
		}
		parts = append(parts, request.Value)
	}
}

func both(_ any, stream grpc.ServerStream) error {
	for {
		request := new(text)
		if err := stream.RecvMsg(request); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := stream.SendMsg(request); err != nil {
			return err
		}
	}
}

// serve serves in clear text and over TLS, and prints both ports.
func serve(certificate, key string) {
	secure, err := credentials.NewServerTLSFromFile(certificate, key)
	fail(err)
	size := grpc.MaxRecvMsgSize(1 << 26)
	ports := map[string]int{
		"clear": listen(grpc.NewServer(size)),
		"tls":   listen(grpc.NewServer(size, grpc.Creds(secure))),
	}
	fail(json.NewEncoder(os.Stdout).Encode(ports))
	// The parent ends this program by closing its input.
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func listen(server *grpc.Server) int {
	server.RegisterService(&service, nil)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fail(err)
	go func() { fail(server.Serve(listener)) }()
	return listener.Addr().(*net.TCPAddr).Port
}
