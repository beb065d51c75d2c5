// Command run-component calls exports of a component in wasmtime, WASI 0.2 linked:
//
//	run-component [-host NAME[=RESULT]]... FILE FUNC [ARG]... [-- FUNC [ARG]...]...
//
// Arguments and results are WAVE text. -host offers the function NAME ("iface#func"), which always gives RESULT.
// The host calls and the guest's output follow the results.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "run-component:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	funcs := map[string]wasmtime.HostFunc{}
	for len(args) > 1 && args[0] == "-host" {
		name, result, _ := strings.Cut(args[1], "=")
		funcs[name] = func([]string) (string, error) { return result, nil }
		args = args[2:]
	}
	if len(args) < 2 {
		return fmt.Errorf("usage: run-component [-host NAME[=RESULT]]... FILE FUNC [ARG]... [-- FUNC [ARG]...]")
	}
	wasm, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	e := wasmtime.New(wasmtime.Options{Funcs: funcs, WASI: &wasmtime.WASI{Args: []string{"guest"}}})
	defer e.Close()
	in, err := e.Load(wasm)
	if err != nil {
		return err
	}
	defer in.Close()
	defer func() {
		for _, c := range in.Log() {
			fmt.Println(c)
		}
		fmt.Print(in.Stdout(), in.Stderr())
	}()
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
