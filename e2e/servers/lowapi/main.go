// Command lowapi is a proxy between a build tool and a Remote Execution API server that asks for a newer API than the tool
// speaks. It changes the answer to GetCapabilities to accept version 2.0, and forwards all other messages unchanged.
//
// It prints the address that it serves on.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protowire"
)

// maxMessage is far above what either side sends in one message.
const maxMessage = 1 << 30

// raw passes messages on as bytes.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}
func (raw) Name() string { return "proto" }

// lowerAPI replaces low_api_version, field 4 of ServerCapabilities, by SemVer{major: 2}.
func lowerAPI(msg []byte) ([]byte, error) {
	var out []byte
	for rest := msg; len(rest) > 0; {
		num, _, n := protowire.ConsumeField(rest)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		if num != 4 {
			out = append(out, rest[:n]...)
		}
		rest = rest[n:]
	}
	out = protowire.AppendTag(out, 4, protowire.BytesType)
	return protowire.AppendBytes(out, []byte{0x08, 0x02}), nil
}

// forwarder returns a handler that forwards the messages of any method to conn.
func forwarder(conn *grpc.ClientConn) grpc.StreamHandler {
	return func(_ any, in grpc.ServerStream) error {
		ctx := in.Context()
		method, _ := grpc.MethodFromServerStream(in)
		if md, ok := metadata.FromIncomingContext(ctx); ok {
			ctx = metadata.NewOutgoingContext(ctx, md)
		}
		out, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, method)
		if err != nil {
			return err
		}
		go requests(in, out)
		for {
			var msg []byte
			if err := out.RecvMsg(&msg); err != nil {
				in.SetTrailer(out.Trailer())
				if errors.Is(err, io.EOF) {
					return nil
				}
				return err // a gRPC status, passed on
			}
			if method == "/build.bazel.remote.execution.v2.Capabilities/GetCapabilities" {
				if msg, err = lowerAPI(msg); err != nil {
					return err
				}
			}
			if err := in.SendMsg(&msg); err != nil {
				return err
			}
		}
	}
}

// requests forwards requests until there are no more. An error here also shows on the side of the answers.
func requests(in grpc.ServerStream, out grpc.ClientStream) {
	for {
		var msg []byte
		if in.RecvMsg(&msg) != nil {
			out.CloseSend()
			return
		}
		if out.SendMsg(&msg) != nil {
			return
		}
	}
}

func main() {
	backend := flag.String("backend", "", "`HOST:PORT` of the server")
	flag.Parse()
	conn, err := grpc.NewClient("passthrough:///"+*backend, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{}), grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage)))
	if err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(l.Addr())
	log.Fatal(grpc.NewServer(grpc.ForceServerCodec(raw{}), grpc.UnknownServiceHandler(forwarder(conn)),
		grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage)).Serve(l))
}
