// This file implements the files that a component can read.

package wasmrun

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
)

// data returns the folders with the files of the target's data. remove removes them.
//
// They are copies, because runfiles are links, which engines do not follow out of a folder, or are only listed in a
// manifest.
func (t *target) data() (dirs []runner.Dir, remove func(), err error) {
	if len(t.WASI.Data) == 0 {
		return nil, func() {}, nil
	}
	root, remove, err := fileio.TempFolder(func(root string) error {
		for _, name := range slices.Sorted(maps.Keys(t.WASI.Data)) {
			from, err := t.files.find(t.WASI.Data[name])
			if err != nil {
				return err
			}
			to := filepath.Join(root, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
				return err
			}
			if err := copyAll(to, from); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	for _, guest := range slices.Sorted(maps.Keys(t.WASI.DataDirs)) {
		host := filepath.Join(root, filepath.FromSlash(t.WASI.DataDirs[guest]))
		dirs = append(dirs, runner.Dir{Guest: guest, Host: host, ReadOnly: true})
	}
	return dirs, remove, nil
}

// copyAll copies a file, or a folder with all that it contains. Links are followed.
func copyAll(to, from string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return copyFile(to, from)
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := copyAll(filepath.Join(to, e.Name()), filepath.Join(from, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
