package main

import (
	"encoding/binary"
	"errors"
	"slices"
)

// rewrite returns a component or core module in which the core modules, which may be nested, are replaced by what a function makes
// of them, and custom sections are left out that another one does not keep by their names.
func rewrite(wasm []byte, keep func(name string) bool, module func([]byte) ([]byte, error)) ([]byte, error) {
	const head = 8
	if len(wasm) < head || string(wasm[:4]) != "\x00asm" {
		return nil, errors.New("not a WebAssembly binary")
	}
	isComponent := wasm[6] == 1
	out := slices.Clone(wasm[:head])
	for at := head; at < len(wasm); {
		id := wasm[at]
		size, n := binary.Uvarint(wasm[at+1:])
		start := at + 1 + n
		end := start + int(size)
		if n <= 0 || end > len(wasm) || end < start {
			return nil, errors.New("a section is longer than the file")
		}
		body := wasm[start:end]
		at = end
		const custom, coreModule, component = 0, 1, 4
		switch {
		case id == custom:
			length, n := binary.Uvarint(body)
			if n <= 0 || n+int(length) > len(body) {
				return nil, errors.New("a custom section's name is longer than it")
			}
			if !keep(string(body[n : n+int(length)])) {
				continue
			}
		case isComponent && (id == coreModule || id == component):
			var err error
			if body, err = rewrite(body, keep, module); err != nil {
				return nil, err
			}
		}
		out = append(binary.AppendUvarint(append(out, id), uint64(len(body))), body...)
	}
	if isComponent || module == nil {
		return out, nil
	}
	return module(out)
}

// isName reports whether a custom section has names.
func isName(section string) bool { return section == "name" || section == "component-name" }

func never(string) bool { return false }
