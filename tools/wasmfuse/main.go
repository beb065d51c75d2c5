// Command wasmfuse links a graph of WebAssembly components into one core module.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	root := &cobra.Command{Use: "wasmfuse", SilenceUsage: true}
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "wasmfuse:", err)
		os.Exit(2)
	}
}
