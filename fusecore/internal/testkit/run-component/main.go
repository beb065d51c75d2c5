// Command run-component calls exports of a component in wasmtime, WASI 0.2 linked:
//
//	run-component FILE FUNC [ARG]... [-- FUNC [ARG]...]...
//
// Arguments and results are WAVE text. The guest's output follows the results.
package main

import (
	"fmt"
	"os"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/engine"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "run-component:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: run-component FILE FUNC [ARG]... [-- FUNC [ARG]...]")
	}
	wasm, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	e := engine.New(engine.Options{WASI: &engine.WASI{Args: []string{"guest"}}})
	defer e.Close()
	in, err := e.Load(wasm)
	if err != nil {
		return err
	}
	defer in.Close()
	defer func() { fmt.Print(in.Stdout(), in.Stderr()) }()
	var call []string
	for _, a := range append(args[1:], "--") {
		if a != "--" {
			call = append(call, a)
			continue
		}
		res, err := in.Call(call[0], call[1:]...)
		if err != nil {
			return err
		}
		fmt.Println(res)
		call = nil
	}
	return nil
}
