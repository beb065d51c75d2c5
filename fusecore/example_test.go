package fusecore_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
)

// file reads an example component.
func file(name string) fusecore.Input {
	b, err := os.ReadFile("../examples/" + name)
	if err != nil {
		panic(err)
	}
	return fusecore.Input{Name: name, Bytes: b}
}

func ExampleFuse() {
	result, err := fusecore.Fuse(context.Background(), fusecore.Graph{
		Root: file("kv/consumer-utf8.wasm"),
		Deps: []fusecore.Input{file("kv/provider-utf8.wasm")},
	}, fusecore.FuseOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range result.Warnings {
		fmt.Println("warning:", w)
	}
	fmt.Println(result.Report)
	out, err := iface.Read("fused.wasm", result.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("imports:", len(out.Imports))
	for _, x := range out.Exports {
		fmt.Println("export:", x.Name)
	}
	// Output:
	// fused 2 of 2 components into 1 module
	// imports: 0
	// export: run
}

// Errors about inputs say where the problem is and how to fix it.
func ExampleError() {
	dep := file("kv/provider-utf8.wasm")
	_, err := fusecore.Compose(context.Background(), fusecore.Graph{
		Root:  file("kv/consumer-utf8.wasm"),
		Deps:  []fusecore.Input{dep},
		Plugs: []fusecore.Plug{{Importer: "consumer-utf8", Import: "demo:kv/store@0.1.0", Provider: "provider"}},
	}, fusecore.ComposeOptions{})
	var e *fusecore.Error
	if errors.As(err, &e) {
		fmt.Println("about: ", e.Item)
		fmt.Println("wrong: ", e.Msg)
		fmt.Println("remedy:", e.Hint)
	}
	// Output:
	// about:  --plug consumer-utf8:demo:kv/store@0.1.0=provider
	// wrong:  no input is called "provider"
	// remedy: the inputs are "consumer-utf8", "provider-utf8"
}

// A supply chooses among components that export the same interface, and a private dependency serves only the components
// that it supplies.
func ExampleSupply() {
	consumer, utf8, utf16 := file("kv/consumer-utf8.wasm"), file("kv/provider-utf8.wasm"), file("kv/provider-utf16.wasm")
	utf8.Private, utf16.Private = true, true
	result, err := fusecore.Compose(context.Background(), fusecore.Graph{
		Root:     consumer,
		Deps:     []fusecore.Input{utf8, utf16},
		Supplies: []fusecore.Supply{{Importer: consumer.Name, Provider: utf16.Name}},
	}, fusecore.ComposeOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(result.Bytes()) > len(consumer.Bytes)+len(utf16.Bytes), len(result.Warnings))
	// Output: true 0
}
