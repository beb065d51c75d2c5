// Package testcomponent writes small components with given imports and exports, for tests.
package testcomponent

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Parse reads a description with one item a line: `import NAME` and `export NAME` are an instance with a function `f:
// func()`, `types NAME` an import of an instance with only a type, `export-types NAME` an export of such an instance, `func
// NAME` an import of a function, and `memories N` the number of memories of its core module. Blank lines and lines that
// begin with "#" are skipped.
func Parse(text string) ([]byte, error) {
	var b builder
	for _, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || strings.HasPrefix(f[0], "#"):
		case len(f) == 2 && f[0] == "import":
			b.imports = append(b.imports, f[1])
		case len(f) == 2 && f[0] == "types":
			b.types = append(b.types, f[1])
		case len(f) == 2 && f[0] == "func":
			b.funcs = append(b.funcs, f[1])
		case len(f) == 2 && f[0] == "export":
			b.exports = append(b.exports, f[1])
		case len(f) == 2 && f[0] == "export-types":
			b.exportTypes = append(b.exportTypes, f[1])
		case len(f) == 2 && f[0] == "memories":
			n, err := strconv.Atoi(f[1])
			if err != nil || n < 0 {
				return nil, fmt.Errorf("%q: expected a number of memories", line)
			}
			b.memories = n
		default:
			return nil, fmt.Errorf("%q: expected import, types, func, export or export-types, and a name, or memories and a number", line)
		}
	}
	return b.component(), nil
}

type builder struct {
	imports, types, funcs, exports, exportTypes []string
	memories                                    int
}

func uleb(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

func name(s string) string { return string(uleb(len(s))) + s }

func vec(items ...string) string { return string(uleb(len(items))) + strings.Join(items, "") }

func section(id byte, items ...string) string {
	body := vec(items...)
	return string(id) + name(body)
}

// The parts of the binary format that are used here (Binary.md of the component model).
const (
	funcType = "\x40\x00\x01\x00"                                  // func()
	preamble = "\x00asm\x0d\x00\x01\x00"                           // of a component
	corePre  = "\x00asm\x01\x00\x00\x00"                           // of a core module
	withF    = "\x42\x02\x01" + funcType + "\x04\x00\x01f\x01\x00" // instance type: f: func()
)

// component writes the binary. Each exported f calls the f of all imports, in order.
func (b *builder) component() []byte {
	var out strings.Builder
	out.WriteString(preamble)
	// Types 0, 1 and 2: an instance with f, an instance with a type, func().
	typeOnly := "\x42" + vec("\x01\x73", "\x04\x00"+name("t")+"\x03\x00\x00") // (type string) (export "t" (type (eq 0)))
	types := []string{withF, typeOnly, funcType}
	if len(b.exportTypes) > 0 {
		types = append(types, "\x73") // type 3: string
	}
	out.WriteString(section(7, types...))
	var imports []string
	instance := func(names []string, typ int) {
		for _, n := range names {
			imports = append(imports, "\x00"+name(n)+"\x05"+string(uleb(typ)))
		}
	}
	instance(b.imports, 0)
	instance(b.types, 1)
	for _, n := range b.funcs {
		imports = append(imports, "\x00"+name(n)+"\x01\x02")
	}
	if len(imports) > 0 {
		out.WriteString(section(10, imports...))
	}
	// Component functions are the imported ones, then an alias of each import's f. Core functions are the lowered
	// aliases.
	var aliases, lowers []string
	for i := range b.imports {
		aliases = append(aliases, "\x01\x00"+string(uleb(i))+name("f"))
		lowers = append(lowers, "\x01\x00"+string(uleb(len(b.funcs)+i))+"\x00")
	}
	if len(aliases) > 0 {
		out.WriteString(section(6, aliases...))
		out.WriteString(section(8, lowers...))
	}
	out.WriteString(b.core())
	// Lift the module's f, and export it in an instance for each name.
	lifted := len(b.funcs) + len(b.imports)
	out.WriteString(section(6, "\x00\x00\x01"+string(uleb(b.coreInstance()))+name("f")))
	out.WriteString(section(8, "\x00\x00"+string(uleb(len(lowers)))+"\x00\x02"))
	first := len(b.imports) + len(b.types)
	export := func(name, item string) {
		out.WriteString(section(5, "\x01"+vec(item)))
		out.WriteString(section(11, "\x00"+name+"\x05"+string(uleb(first))+"\x00"))
		first += 2 // an export adds a second index for the instance
	}
	for _, n := range b.exports {
		export(name(n), "\x00"+name("f")+"\x01"+string(uleb(lifted)))
	}
	for _, n := range b.exportTypes {
		export(name(n), "\x00"+name("t")+"\x03\x03")
	}
	return []byte(out.String())
}

// core writes the module and its instance.
func (b *builder) core() string {
	n := len(b.imports)
	var imports, args []string
	code := ""
	for i := range b.imports {
		imports = append(imports, name("m")+name(fmt.Sprint(i))+"\x00\x00")
		args = append(args, name(fmt.Sprint(i))+"\x00"+string(uleb(i)))
		code += "\x10" + string(uleb(i))
	}
	module := corePre + section(1, "\x60\x00\x00")
	if n > 0 {
		module += section(2, imports...)
	}
	module += section(3, "\x00")
	if b.memories > 0 {
		module += section(5, slices.Repeat([]string{"\x00\x00"}, b.memories)...)
	}
	module += section(7, name("f")+"\x00"+string(uleb(n))) + section(10, name("\x00"+code+"\x0b"))
	out := "\x01" + name(module)
	if n == 0 {
		return out + section(2, "\x00\x00"+vec())
	}
	return out + section(2, "\x01"+vec(args...)) + section(2, "\x00\x00"+vec(name("m")+"\x12\x00"))
}

// coreInstance is the index of the module's instance.
func (b *builder) coreInstance() int {
	if len(b.imports) > 0 {
		return 1
	}
	return 0
}

// Core returns a core module without imports that exports empty functions, and a memory as wit-component expects it.
func Core(funcs ...string) []byte {
	exports := []string{name("memory") + "\x02\x00"}
	for _, f := range funcs {
		exports = append(exports, name(f)+"\x00\x00")
	}
	return []byte(corePre + section(1, "\x60\x00\x00") + section(3, "\x00") + section(5, "\x00\x00") + section(7, exports...) + section(10, name("\x00\x0b")))
}
