package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// peakTo names the environment variable that makes the test binary the tool, writing its peak memory to the given file.
const peakTo = "RUN_WASMFUSE_PEAK_TO"

// runMeasured is main, with the kernel's statistics of the process at its end. Those of a finished child would include
// the memory of the parent that it starts with.
func runMeasured(to string) int {
	collectLate()
	code := run(os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		err = os.WriteFile(to, status, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	return code
}

// peak reads the result of runMeasured, in bytes.
func peak(t *testing.T, from string) int64 {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(b), "VmHWM:")
	var kb int64
	if _, err := fmt.Sscan(after, &kb); !ok || err != nil {
		t.Fatalf("no peak in %q: %v", b, err)
	}
	return kb << 10
}

// A small encoder, so that inputs are made without the tool's code.

func uleb(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

func text(s string) []byte { return append(uleb(len(s)), s...) }

func section(id byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	return bytes.Join([][]byte{{id}, uleb(len(content)), content}, nil)
}

// vector returns a section with n entries.
func vector(id byte, n int, entry func(i int) []byte) []byte {
	b := uleb(n)
	for i := range n {
		b = append(b, entry(i)...)
	}
	return section(id, b)
}

func same(b ...byte) func(int) []byte { return func(int) []byte { return b } }

func file(layer byte, sections ...[]byte) []byte {
	preamble := []byte{0, 'a', 's', 'm', 1, 0, 0, 0}
	if layer == 1 {
		preamble[4], preamble[6] = 0x0d, 1
	}
	return append(preamble, bytes.Join(sections, nil)...)
}

// coreModule returns a module with functions of type () -> () with the same body, of which it exports the first, and
// with additional types, sections before the code, and sections after it.
func coreModule(funcs int, body []byte, types [][]byte, before, behind []byte) []byte {
	body = append(append([]byte{0}, body...), 0x0b)
	types = append([][]byte{{0x60, 0, 0}}, types...)
	return file(0,
		vector(1, len(types), func(i int) []byte { return types[i] }),
		vector(3, funcs, same(0)),
		vector(7, 1, func(int) []byte { return append(text("f"), 0, 0) }),
		before,
		vector(10, funcs, same(append(uleb(len(body)), body...)...)),
		behind)
}

// instances returns a component that instantiates a module n times and exports the function of each instance.
func instances(n int, module []byte) []byte {
	name := func(i int) string { return "e" + strings.ToLower(fmt.Sprintf("%c%c", 'a'+i/26, 'a'+i%26)) }
	return file(1,
		section(1, module),
		vector(2, n, same(0, 0, 0)),
		vector(6, n, func(i int) []byte { return append(append([]byte{0, 0, 1}, uleb(i)...), text("f")...) }),
		section(7, []byte{1, 0x40, 0, 1, 0}),
		vector(8, n, func(i int) []byte { return append(append([]byte{0, 0}, uleb(i)...), 0, 0) }),
		vector(11, n, func(i int) []byte {
			return append(append(append([]byte{0}, text(name(i))...), 1), append(uleb(i), 0)...)
		}))
}

// funcTypes returns n different function types with 10 parameters.
func funcTypes(n int) [][]byte {
	types := make([][]byte, n)
	for i := range types {
		types[i] = append([]byte{0x60, 10}, make([]byte, 11)...)
		for k := range 10 {
			types[i][2+k] = 0x7f - byte(i>>(2*k)&3)
		}
	}
	return types
}

// globals returns a module with constants of type i32 and a function.
func globals(n int) []byte {
	return file(0,
		vector(1, 1, same(0x60, 0, 0)),
		vector(3, 1, same(0)),
		vector(6, n, same(0x7f, 0, 0x41, 0, 0x0b)),
		vector(7, 1, same(1, 'f', 0, 0)),
		vector(10, 1, same(2, 0, 0x0b)))
}

// structTypes returns one recursion group of n empty structures.
func structTypes(n int) []byte {
	return append(append([]byte{0x4e}, uleb(n)...), bytes.Repeat([]byte{0x5f, 0}, n)...)
}

// imports is a component that imports functions.
func imports(n int) []byte {
	return file(1,
		section(7, []byte{1, 0x40, 0, 1, 0}),
		vector(10, n, func(i int) []byte { return append(append([]byte{0}, text(fmt.Sprintf("f%d", i))...), 1, 0) }))
}

// nested returns nested components, each with a module.
func nested(depth int, module []byte) []byte {
	c := file(1, section(1, module))
	for range depth {
		c = file(1, section(1, module), section(4, c), section(5, []byte{1, 0, 0, 0}))
	}
	return c
}

// doubling returns component types that each use the previous one twice.
func doubling(n int) []byte {
	tuples := vector(7, n, func(i int) []byte {
		if i == 0 {
			return []byte{0x6f, 2, 0x7d, 0x7d}
		}
		return []byte{0x6f, 2, byte(i - 1), byte(i - 1)}
	})
	return file(1, tuples)
}

// fusePeak fuses a file in a separate process and returns that process's peak resident memory in bytes.
func fusePeak(t *testing.T, in, out string, flags ...string) int64 {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"fuse", in, "-o", out}, flags...)...)
	status := filepath.Join(t.TempDir(), "status")
	cmd.Env = append(os.Environ(), peakTo+"="+status, "GOGC=", "GOMEMLIMIT=")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return peak(t, status)
}

// TestMemory measures the tool on inputs that could unfold. The peak is at most 4 times the bytes of input and output
// together, unless these are so few that the runtime itself dominates.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	if runtime.GOOS != "linux" {
		t.Skip("peak memory is read from /proc")
	}
	const small = 64 << 20
	calls := bytes.Repeat([]byte{0x10, 0}, 2500)
	names := vector(1, 100_000, func(i int) []byte { return append(uleb(i), text(strings.Repeat("n", 100))...) })
	elements := vector(9, 1, func(int) []byte {
		return bytes.Join([][]byte{{1, 0}, uleb(5_000_000), make([]byte, 5_000_000)}, nil)
	})
	data := section(12, uleb(1)) // data count
	for _, c := range []struct {
		name  string
		wasm  []byte
		ratio float64
	}{
		{"a module of 1 MB, 100 times", instances(100, coreModule(200, calls, nil, nil, nil)), 1.5},
		{"1 MB of data, 100 times", instances(100, coreModule(1, nil, nil, data, vector(11, 1, func(int) []byte {
			return append(append([]byte{1}, uleb(1_000_000)...), make([]byte, 1_000_000)...)
		}))), 1},
		{"900,000 types", instances(1, coreModule(1, nil, funcTypes(900_000), nil, nil)), 4},
		{"900,000 types in a group", instances(1, coreModule(1, nil, [][]byte{structTypes(900_000)}, nil, nil)), 4},
		{"990,000 globals", instances(1, globals(990_000)), 4},
		{"900,000 types in a group of an export's", file(1, section(1, file(0,
			vector(1, 1, func(int) []byte {
				return append(append([]byte{0x4e}, uleb(900_000)...), bytes.Repeat([]byte{0x60, 0, 0}, 900_000)...)
			}),
			vector(3, 1, same(0)), vector(7, 1, same(1, 'f', 0, 0)), vector(10, 1, same(2, 0, 0x0b)))), vector(2, 1, same(0, 0, 0))), 4},
		{"100,000 imports", imports(100_000), 4},
		{"long names", instances(1, coreModule(100_000, nil, nil, nil, section(0, text("name"), names))), 4},
		{"elements", instances(2, coreModule(1, nil, nil, elements, nil)), 4},
		{"many instances", instances(499, coreModule(1, nil, nil, nil, nil)), 4},
		{"nesting", nested(90, coreModule(1, nil, nil, nil, nil)), 4},
		{"types that double", doubling(18), 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := write(t, "in.wasm", c.wasm)
			out := filepath.Join(t.TempDir(), "out.wasm")
			// What is merged takes memory, not what shaking leaves of it.
			fusePeak(t, in, out, "--optimize=none", "--no-shake")
			info, err := os.Stat(out)
			if err != nil {
				t.Fatal(err)
			}
			all := int64(len(c.wasm)) + info.Size()
			most := max(small, int64(c.ratio*float64(all)))
			// While a collector waits for a processor the heap grows, which is not the tool's fault.
			peak := int64(math.MaxInt64)
			for range 5 {
				if peak = min(peak, fusePeak(t, in, out)); peak <= most {
					break
				}
			}
			t.Logf("%.1f MB of input, %.1f MB as merged, peak %.1f MB: %.1f times", float64(len(c.wasm))/1e6,
				float64(info.Size())/1e6, float64(peak)/1e6, float64(peak)/float64(all))
			if peak > most {
				t.Errorf("peak of %d bytes, want %d at most", peak, most)
			}
		})
	}
}
