// This file implements the advice about files that are not components.

package input

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Check rejects a file that is not a component, judging by its first bytes. The error says what it is instead, and how
// to make a component from it.
func (f *File) Check() error {
	b := f.Bytes
	refuse := func(what, hint string, args ...any) error {
		return (&diag.Error{File: f.Name, Offset: diag.NoOffset, Msg: what}).WithHint(hint, args...)
	}
	file := f.command()
	to := strings.TrimSuffix(file, path.Ext(file)) + ".wasm"
	if to == file || file == "-" {
		to = "COMPONENT.wasm"
	}
	file, to = diag.Shell(file), diag.Shell(to)
	switch layer := decode.Sniff(b); {
	case layer == decode.ComponentFile:
		return nil
	case layer == decode.CoreModule:
		return refuse("this is a core module, not a component", "%s", makeComponent(file, b, f.Attributes))
	case len(b) == 0:
		return refuse("the file is empty", "use a component's .wasm file; this one was never written")
	case bytes.HasPrefix(b, []byte("\x00asm")) && len(b) >= 8 && b[6] == 1:
		return refuse(fmt.Sprintf("this is a component of version 0x%x of the binary format, which is not the one in use, 0xd", b[4]),
			"rebuild it with current tools")
	case bytes.HasPrefix(b, []byte("\x00asm")) && len(b) >= 8:
		return refuse(fmt.Sprintf("unknown version % x of the WebAssembly binary format", b[4:8]), "build a component with current tools")
	case len(b) < 8 && bytes.HasPrefix([]byte("\x00asm\x0d\x00\x01\x00"), b):
		return refuse(fmt.Sprintf("the file ends after %d bytes: a component has 8 before its first section", len(b)), "it is truncated; build it again")
	}
	switch text := textKind(b); {
	case f.Attributes && (text == "component" || text == "module"):
		return refuse("this is the text format of a "+text, "convert it with `wasm-tools parse`, and use the .wasm file")
	case text == "component":
		return refuse("this is the text format of a component", "convert it: `wasm-tools parse %s -o %s`", file, to)
	case text == "module":
		return refuse("this is the text format of a core module", "convert it with `wasm-tools parse %s -o %s`, and then %s", file, to, makeComponent(to, nil, f.Attributes))
	case text == "wit":
		return refuse("this is WIT: it describes interfaces and contains no code", "use the component that was built for it; %s", fromWIT(file, f.Attributes))
	}
	for _, k := range kinds {
		if bytes.HasPrefix(b, []byte(k.magic)) {
			return refuse("this is "+k.what+", not a component", "%s", k.hint)
		}
	}
	return refuse(fmt.Sprintf("this is not a WebAssembly binary: it starts with % x, a component with 00 61 73 6d", b[:min(len(b), 4)]),
		"use a component's .wasm file")
}

// kinds are kinds of files that are sometimes used in place of a component.
var kinds = []struct{ magic, what, hint string }{
	{"\x1f\x8b", "compressed by gzip", "unpack it with gunzip"},
	{"(\xb5/\xfd", "compressed by zstd", "unpack it with unzstd"},
	{"PK\x03\x04", "a zip archive", "unpack it and use the .wasm file in it"},
	{"\x7fELF", "an ELF file: a native program, or a component that wasmtime has compiled", "give the .wasm file that it was made of"},
	{"MZ", "a Windows program", "use a component's .wasm file"},
	{"!<arch>\n", "an archive of object files", "link it first; wasm-component-ld makes a component"},
	{"version https://git-lfs", "a pointer of Git LFS", "fetch the file itself with `git lfs pull`"},
	{"<!DOCTYPE", "a page of HTML", "the download went wrong; fetch the file itself"},
	{"<html", "a page of HTML", "the download went wrong; fetch the file itself"},
}

// makeComponent explains how to make a component from a core module.
func makeComponent(file string, b []byte, attributes bool) string {
	if attributes {
		return "make a component of it with the rule wasm_component"
	}
	adapt := ""
	embedded := false
	if m, err := coredecode.ModuleWith(context.Background(), b, 0, coredecode.Options{TrustBodies: true}); err == nil {
		for i := range m.Imports {
			if m.Imports[i].Module == "wasi_snapshot_preview1" {
				adapt = " --adapt ADAPTER.wasm"
			}
		}
		for i := range m.Customs {
			embedded = embedded || strings.HasPrefix(m.Customs[i].Name, "component-type")
		}
	}
	create := "`wasm-tools component new %s%s -o COMPONENT.wasm`"
	if adapt != "" {
		create += ", where ADAPTER.wasm is wasi_snapshot_preview1.command.wasm or wasi_snapshot_preview1.reactor.wasm of wasmtime"
	}
	if embedded {
		return "make a component of it: " + fmt.Sprintf(create, file, adapt)
	}
	return "make a component of it: `wasm-tools component embed --world WORLD WIT-FOLDER " + file + " -o EMBEDDED.wasm`, then " +
		fmt.Sprintf(create, "EMBEDDED.wasm", adapt)
}

func fromWIT(file string, attributes bool) string {
	if attributes {
		return "make a wit_library of it, and of that and a core module a component with the rule wasm_component"
	}
	return "one is made of a core module with `wasm-tools component embed --world WORLD " + file + " CORE.wasm -o EMBEDDED.wasm`, then `wasm-tools component new EMBEDDED.wasm -o COMPONENT.wasm`"
}

// textKind returns the kind of a WebAssembly text file: "component", "module", "wit", or "".
func textKind(b []byte) string {
	if !utf8.Valid(b[:min(len(b), 4096)]) && !utf8.Valid(b) {
		return ""
	}
	s := skipBlank(strings.TrimPrefix(string(b[:min(len(b), 1<<16)]), "\ufeff"))
	if strings.HasPrefix(s, "(") {
		word := firstWord(skipBlank(s[1:]))
		if word == "component" {
			return word
		}
		return "module" // fields may appear without an enclosing module
	}
	switch word := firstWord(s); word {
	case "package": // NAMESPACE:NAME, which no other language has
		name, _, _ := strings.Cut(strings.TrimSpace(s[len(word):]), ";")
		if strings.Contains(name, ":") && !strings.ContainsAny(name, "\n\"") {
			return "wit"
		}
	case "world", "interface", "use", "include", "@since", "@unstable", "@deprecated":
		return "wit"
	}
	return ""
}

func firstWord(s string) string {
	end := strings.IndexAny(s, " \t\r\n(){};:")
	if end < 0 {
		end = len(s)
	}
	return s[:end]
}

// skipBlank skips white space and the comments of both text formats.
func skipBlank(s string) string {
	for {
		s = strings.TrimLeft(s, " \t\r\n")
		switch {
		case strings.HasPrefix(s, ";;"), strings.HasPrefix(s, "//"):
			_, s, _ = strings.Cut(s, "\n")
		case strings.HasPrefix(s, "(;"):
			s = skipNested(s, "(;", ";)")
		case strings.HasPrefix(s, "/*"):
			s = skipNested(s, "/*", "*/")
		default:
			return s
		}
	}
}

// skipNested skips a comment that may be nested.
func skipNested(s, begin, end string) string {
	for depth := 0; s != ""; {
		switch {
		case strings.HasPrefix(s, begin):
			depth++
			s = s[len(begin):]
		case strings.HasPrefix(s, end):
			depth--
			s = s[len(end):]
			if depth == 0 {
				return s
			}
		default:
			s = s[1:]
		}
	}
	return s
}
