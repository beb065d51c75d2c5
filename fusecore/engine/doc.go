// Package engine runs WebAssembly components in pure Go, on wazero.
//
// wazero runs core modules. This package makes one of a component: fusecore fuses it, with what it instantiates, to one
// module with one memory in the core-module ABI of its world, with WASI 0.2 over preview1. The module carries its world,
// so values can be passed as Go values, in both directions: this package lifts and lowers them as CanonicalABI.md says.
//
//	component bytes ── fusecore.Fuse ──► core module ── wazero ──► machine code
//	                                          │
//	                                   custom section component-type: the world
//	                                          │
//	Go values ── wave.GoType or the Go functions' own types ──► codecs ── lower ──► core values and memory
//	          ◄────────────────────────────────────────────────────────── lift ──
//
// A program that runs a component with this world
//
//	package demo:shop;
//	interface log { write: func(line: string); }
//	interface prices { total: func(items: list<string>) -> result<f64, string>; }
//	world shop { import log; export prices; }
//
// is
//
//	func main() {
//		ctx := context.Background()
//		rt, err := engine.New(ctx, engine.Options{})
//		check(err)
//		defer rt.Close(ctx)
//		shop, err := rt.Compile(ctx, shopWasm)
//		check(err)
//
//		var host engine.Host
//		host.Func("demo:shop/log#write", func(line string) { fmt.Println(line) })
//		in, err := shop.Instantiate(ctx, &host, engine.Config{})
//		check(err)
//		defer in.Close(ctx)
//
//		var total func(ctx context.Context, items []string) (engine.Result[float64, string], error)
//		check(in.Bind("demo:shop/prices#total", &total))
//		price, err := total(ctx, []string{"tea", "milk"})
//		check(err)
//		if price.IsErr {
//			log.Fatal(price.Err)
//		}
//		fmt.Println(price.Ok)
//	}
//
// # Values
//
// [Instance.Call] and [Dynamic] use the Go types of package wave. Functions of [Host.Func] and [Instance.Bind] choose
// among these, which are checked when they are linked or bound:
//
//	bool, floats, string  the Go type of that name and size, or one with that underlying type
//	integers              the same; also int and uint, with a check of the range
//	char                  rune
//	list                  a slice; a list of fixed length also an array
//	record                a struct, or a map with string keys
//	tuple                 a struct with the elements in order, a slice, or an array
//	variant               [Variant], or a struct with a pointer for each case, of which one is not nil
//	enum                  a string
//	flags                 a slice of strings, a struct of bools, or an unsigned integer with a bit for each flag
//	option                a pointer, nil for none
//	result                [Result]
//	own, borrow           see below
//	all                   any, which is the type of package wave
//
// A field of a struct stands for the field, case or flag of its tag, `wit:"the-name"`, or of its own name: TheName.
// Fields for nothing have the tag `wit:"-"`. WIT's maps are lists of tuples of a key and a value.
//
// # Resources
//
// A resource type that the guest implements and exports has values of type [*Resource]. The host owns those that it is
// given. It passes them to functions that take ownership, lends them to functions that borrow, or drops them.
//
// A resource type that the component imports is the host's ([Host.Resource]). Its values are Go values of any one type. A
// host function that takes ownership, or borrows, receives the value, and one that returns a resource returns it. A value
// of an own type that goes to the guest comes back, or is dropped by it: then the host's drop function is called with it.
//
// # Errors
//
// An error of a call is a [*Trap] if the guest traps or breaks the rules of the ABI, an [*Exit] if the guest ends the
// program, the cause of the context if that is done, or it says that an argument is not a value of its type. After the
// first three an instance is dead, as the component model demands: all further calls are errors. An error that a host
// function returns traps the guest, and can be found in the *Trap by errors.Is and errors.As.
//
// # Concurrency
//
// A [Runtime] and a [Component] may be used by several goroutines, and a [Host] that is no longer changed. An [Instance],
// with its resources, is for one goroutine at a time. A component is compiled once and instantiated as often as needed;
// instances share nothing but the host's values. A done context interrupts a running call.
//
// # Limits
//
// WASI has no network: wasi:sockets refuses to create sockets, and wasi:http must be left to the host. Functions must be
// synchronous, and types other than streams, futures and error contexts. The component must be one
// that fusecore can fuse to one module, and its core code be what wazero runs: WebAssembly 2.0, tail calls, exceptions,
// extended constant expressions and typed function references.
package engine
