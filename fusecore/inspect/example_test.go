package inspect_test

import (
	"context"
	"fmt"
	"os"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/inspect"
)

func ExampleDescribe() {
	wasm, err := os.ReadFile("../../examples/three/words.wasm")
	if err != nil {
		panic(err)
	}
	d, err := inspect.Describe(context.Background(), inspect.File{Name: "words.wasm", Bytes: wasm})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range d.Component.Exports {
		for _, f := range x.Items {
			if f.Kind == inspect.Func {
				fmt.Println(x.Name, f.Name, f.Type)
			}
		}
	}
	fmt.Println("core instances:", d.Instances.Cores)
	// Output:
	// demo:three/words@0.1.0 split func(text: string) -> list<word>
	// demo:three/words@0.1.0 calls func() -> u32
	// core instances: 1
}
