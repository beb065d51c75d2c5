// This file implements the flag --sbom.

package main

import (
	"path/filepath"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
	"github.com/wasmfuse/rules_wasm_fuse/tools/wasmfuse/internal/sbom"
)

// writeSBOM writes the bill of materials of an output to the file of the flag.
func (f *fuseFlags) writeSBOM(std streams, g fusecore.Graph, o fusecore.FuseOptions, out *fusecore.Result) error {
	p := fusecore.NewProvenance(g, o)
	files := append([]fusecore.Input{g.Root}, g.Deps...)
	if len(files) > len(p.Inputs) { // a document needs no root
		files = g.Deps
	}
	text, err := sbom.JSON(filepath.Base(f.output), out, p, files)
	if err != nil {
		return err
	}
	return fileio.Write(f.sbom, text, std.out)
}
