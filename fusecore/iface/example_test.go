package iface_test

import (
	"fmt"
	"os"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
)

func ExampleRead() {
	wasm, err := os.ReadFile("../../examples/three/stats.wasm")
	if err != nil {
		panic(err)
	}
	s, err := iface.Read("stats.wasm", wasm)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range s.Imports {
		fmt.Println("imports", x.ID, "version", x.Version)
	}
	// A component that exports version 0.1.3 can supply it: it is on the same track, and no older.
	fmt.Println(iface.VersionTrack("0.1.3") == iface.VersionTrack(s.Imports[0].Version), iface.VersionOlder("0.1.3", s.Imports[0].Version))
	// Output:
	// imports demo:three/words version 0.1.0
	// true false
}
