package main

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type client struct{ *grpc.ClientConn }

// call makes every kind of call to <scheme>://<host>:<port>/<characters of a large message>, and prints what came of
// them as JSON.
func call(address string) {
	scheme, rest, _ := strings.Cut(address, "://")
	host, size, _ := strings.Cut(rest, "/")
	large, err := strconv.Atoi(size)
	fail(err)
	transport := insecure.NewCredentials()
	if scheme == "https" {
		transport = credentials.NewClientTLSFromCert(roots(), "")
	}
	// The proxy resolves the name.
	connection, err := grpc.NewClient("passthrough:///"+host, grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<26)))
	fail(err)
	defer connection.Close()
	peer := client{connection}
	fail(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"unary":  peer.metadata(),
		"error":  peer.failure(),
		"down":   peer.down(),
		"up":     peer.up(),
		"both":   peer.both(),
		"large":  peer.same(strings.Repeat("x", large)),
		"gzip":   peer.same(strings.Repeat("compressible ", 10_000), grpc.UseCompressor(gzip.Name)),
		"broken": peer.broken(),
	}))
}

// roots are those of the system, unless a file is given.
func roots() *x509.CertPool {
	file, given := os.LookupEnv("PEER_CA")
	if !given {
		return nil
	}
	pem, err := os.ReadFile(file)
	fail(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return pool
}

func (peer client) unary(ctx context.Context, value string, options ...grpc.CallOption) (string, error) {
	answer := new(text)
	err := peer.Invoke(ctx, "/peers.v1.Echo/Unary", wrapperspb.String(value), answer, options...)
	return answer.Value, err
}

func (peer client) metadata() any {
	ctx := metadata.AppendToOutgoingContext(context.Background(),
		"some-bin", string([]byte{0, 1, 2, 255}), "some-bin", "plain")
	var head, trailer metadata.MD
	answer, err := peer.unary(ctx, "hello ä", grpc.Header(&head), grpc.Trailer(&trailer))
	fail(err)
	var binary []string
	for _, value := range head.Get("some-bin") {
		binary = append(binary, base64.StdEncoding.EncodeToString([]byte(value)))
	}
	return map[string]any{"message": answer, "binary": binary, "length": trailer.Get("x-length")[0]}
}

func (peer client) failure() any {
	_, err := peer.unary(metadata.AppendToOutgoingContext(context.Background(), "fail", "5"), "nobody")
	failure := status.Convert(err)
	var details []string
	for _, detail := range failure.Details() {
		details = append(details, detail.(*text).Value)
	}
	return map[string]any{"code": failure.Code(), "message": failure.Message(), "details": details}
}

func (peer client) stream(ctx context.Context, method string) grpc.ClientStream {
	desc := grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	stream, err := peer.NewStream(ctx, &desc, "/peers.v1.Echo/"+method)
	fail(err)
	return stream
}

// ask calls Down.
func (peer client) ask(ctx context.Context, value string) grpc.ClientStream {
	stream := peer.stream(ctx, "Down")
	fail(stream.SendMsg(wrapperspb.String(value)))
	fail(stream.CloseSend())
	return stream
}

func (peer client) down() any {
	stream := peer.ask(context.Background(), "2000")
	count, sum := 0, 0
	for {
		answer := new(text)
		if err := stream.RecvMsg(answer); errors.Is(err, io.EOF) {
			return []int{count, sum}
		} else {
			fail(err)
		}
		number, _ := strconv.Atoi(answer.Value)
		count, sum = count+1, sum+number
	}
}

func (peer client) up() any {
	stream := peer.stream(context.Background(), "Up")
	for i := 0; i < 5; i++ {
		fail(stream.SendMsg(wrapperspb.String(strconv.Itoa(i))))
	}
	fail(stream.CloseSend())
	answer := new(text)
	fail(stream.RecvMsg(answer))
	return answer.Value
}

func (peer client) both() any {
	stream := peer.stream(context.Background(), "Both")
	var answers []string
	for i := 0; i < 3; i++ {
		fail(stream.SendMsg(wrapperspb.String(fmt.Sprint("ping ", i))))
		answer := new(text)
		fail(stream.RecvMsg(answer))
		answers = append(answers, answer.Value)
	}
	fail(stream.CloseSend())
	if err := stream.RecvMsg(new(text)); !errors.Is(err, io.EOF) {
		fail(fmt.Errorf("more came, or %w", err))
	}
	return answers
}

// same tells whether a message comes back as it was sent.
func (peer client) same(value string, options ...grpc.CallOption) any {
	answer, err := peer.unary(context.Background(), value, options...)
	fail(err)
	return answer == value
}

// broken lets one call time out and cancels another, which the server notices.
func (peer client) broken() any {
	background := context.Background()
	patient, end := context.WithTimeout(background, time.Hour)
	defer end()
	has, err := peer.unary(patient, "deadline")
	fail(err)
	late, end := context.WithTimeout(background, 300*time.Millisecond)
	defer end()
	lateStream := peer.ask(late, "late")
	lateErr := lateStream.RecvMsg(new(text))
	for lateErr == nil {
		lateErr = lateStream.RecvMsg(new(text))
	}
	before := peer.cancellations()
	given, cancel := context.WithCancel(background)
	stream := peer.ask(given, "cancel")
	fail(stream.RecvMsg(new(text)))
	cancel()
	givenErr := stream.RecvMsg(new(text))
	for peer.cancellations() == before {
		time.Sleep(10 * time.Millisecond)
	}
	return map[string]any{"deadline": has, "codes": []codes.Code{status.Code(lateErr), status.Code(givenErr)}}
}

func (peer client) cancellations() int {
	answer, err := peer.unary(context.Background(), "cancellations")
	fail(err)
	count, _ := strconv.Atoi(answer)
	return count
}
