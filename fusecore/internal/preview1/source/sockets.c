// wasi:sockets of a host without a network: nothing creates a socket, so nothing calls a method of one.
#include "preview1.h"

#define TCP "wasi:sockets/tcp" V "#[method]"
#define UDP "wasi:sockets/udp" V "#[method]"
#define LOOKUP "wasi:sockets/ip-name-lookup" V
NEW("wasi:sockets/network" V, "network") u32 new_network(u32 rep);

enum { NOT_SUPPORTED = 2, PERMANENT_RESOLVER_FAILURE = 20 }; // error-code

static void *fail(u32 error) {
  release();
  AT(u8, 4) = (u8)error;
  return result(1);
}

EXPORT("wasi:sockets/instance-network" V "#instance-network") u32 instance_network(void) { return new_network(0); }
EXPORT("wasi:sockets/network" V "#network-error-code") void *network_error_code(u32 error) { return result(0); }
EXPORT("wasi:sockets/tcp-create-socket" V "#create-tcp-socket") void *create_tcp_socket(u32 family) { return fail(NOT_SUPPORTED); }
EXPORT("wasi:sockets/udp-create-socket" V "#create-udp-socket") void *create_udp_socket(u32 family) { return fail(NOT_SUPPORTED); }
EXPORT(LOOKUP "#resolve-addresses") void *resolve_addresses(u32 network, u8 *name, u32 n) { return fail(PERMANENT_RESOLVER_FAILURE); }

static _Noreturn void no_socket(void) { __builtin_trap(); }

// The types are those of `canon lift`: [] is self alone, [64], [32] and [32 32] have further parameters. An address has the
// variant's discriminant and 11 more values.
#define METHOD_(name, id, ...) EXPORT(name) u32 method_##id(__VA_ARGS__) { no_socket(); }
#define METHOD__(name, id, ...) METHOD_(name, id, __VA_ARGS__)
#define METHOD(name) METHOD__(name, __COUNTER__, u32 self)
#define METHOD_64(name) METHOD__(name, __COUNTER__, u32 self, u64 a)
#define METHOD_32(name) METHOD__(name, __COUNTER__, u32 self, u32 a)
#define METHOD_32_32(name) METHOD__(name, __COUNTER__, u32 self, u32 a, u32 b)
#define METHOD_ADDRESS(name) \
  METHOD__(name, __COUNTER__, u32 self, u32 p, u32 a, u32 b, u32 c, u32 d, u32 e, u32 f, u32 g, u32 h, u32 i, u32 j, u32 k, u32 l)

METHOD(TCP "tcp-socket.finish-bind")
METHOD(TCP "tcp-socket.finish-connect")
METHOD(TCP "tcp-socket.start-listen")
METHOD(TCP "tcp-socket.finish-listen")
METHOD(TCP "tcp-socket.accept")
METHOD(TCP "tcp-socket.local-address")
METHOD(TCP "tcp-socket.remote-address")
METHOD(TCP "tcp-socket.is-listening")
METHOD(TCP "tcp-socket.address-family")
METHOD(TCP "tcp-socket.keep-alive-enabled")
METHOD(TCP "tcp-socket.keep-alive-idle-time")
METHOD(TCP "tcp-socket.keep-alive-interval")
METHOD(TCP "tcp-socket.keep-alive-count")
METHOD(TCP "tcp-socket.hop-limit")
METHOD(TCP "tcp-socket.receive-buffer-size")
METHOD(TCP "tcp-socket.send-buffer-size")
METHOD(TCP "tcp-socket.subscribe")
METHOD(UDP "udp-socket.finish-bind")
METHOD(UDP "udp-socket.local-address")
METHOD(UDP "udp-socket.remote-address")
METHOD(UDP "udp-socket.address-family")
METHOD(UDP "udp-socket.unicast-hop-limit")
METHOD(UDP "udp-socket.receive-buffer-size")
METHOD(UDP "udp-socket.send-buffer-size")
METHOD(UDP "udp-socket.subscribe")
METHOD(UDP "incoming-datagram-stream.subscribe")
METHOD(UDP "outgoing-datagram-stream.check-send")
METHOD(UDP "outgoing-datagram-stream.subscribe")
METHOD_64(TCP "tcp-socket.set-listen-backlog-size")
METHOD_64(TCP "tcp-socket.set-keep-alive-idle-time")
METHOD_64(TCP "tcp-socket.set-keep-alive-interval")
METHOD_64(TCP "tcp-socket.set-receive-buffer-size")
METHOD_64(TCP "tcp-socket.set-send-buffer-size")
METHOD_64(UDP "udp-socket.set-receive-buffer-size")
METHOD_64(UDP "udp-socket.set-send-buffer-size")
METHOD_64(UDP "incoming-datagram-stream.receive")
METHOD_32(TCP "tcp-socket.set-keep-alive-enabled")
METHOD_32(TCP "tcp-socket.set-keep-alive-count")
METHOD_32(TCP "tcp-socket.set-hop-limit")
METHOD_32(TCP "tcp-socket.shutdown")
METHOD_32(UDP "udp-socket.set-unicast-hop-limit")
METHOD_32_32(UDP "outgoing-datagram-stream.send")
METHOD_ADDRESS(TCP "tcp-socket.start-bind")
METHOD_ADDRESS(TCP "tcp-socket.start-connect")
METHOD_ADDRESS(UDP "udp-socket.start-bind")
METHOD_ADDRESS(UDP "udp-socket.stream")
METHOD(LOOKUP "#[method]resolve-address-stream.resolve-next-address")
METHOD(LOOKUP "#[method]resolve-address-stream.subscribe")
