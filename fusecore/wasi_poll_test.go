package fusecore_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// feeder is the standard output of a program. It supplies its standard input: what belongs to a line of output is written
// once the line has been.
type feeder struct {
	out   bytes.Buffer
	feed  map[string]string
	stdin *os.File
}

func (f *feeder) Write(b []byte) (int, error) {
	f.out.Write(b)
	for line, text := range f.feed {
		if !bytes.Contains(f.out.Bytes(), []byte(line)) {
			continue
		}
		delete(f.feed, line)
		if _, err := f.stdin.WriteString(text); err != nil {
			return 0, err
		}
		if text == "" {
			return len(b), f.stdin.Close()
		}
	}
	return len(b), nil
}

// TestWASIPoll runs a program that waits for standard input and for timers at once, in wazero.
func TestWASIPoll(t *testing.T) { playWaits(t) }

// playWaits runs the program of TestWASIPoll in this goroutine.
func playWaits(t *testing.T) {
	t.Helper()
	module := wasmOf(t, overPreview1(fusecore.SingleMemory), single("calls", readFile(t, "testdata/wasi/calls.wasm")))
	stdin, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout := &feeder{stdin: write, feed: map[string]string{"timer first": "hello", "\nread: ": "more", "wait for more": ""}}
	rt := wazero.NewRuntime(t.Context())
	defer rt.Close(t.Context())
	wasi_snapshot_preview1.MustInstantiate(t.Context(), rt)
	c := wazero.NewModuleConfig().WithArgs("calls.wasm", "slow").WithStdin(stdin).WithStdout(stdout).WithSysNanotime().WithSysNanosleep()
	if _, err := rt.InstantiateWithConfig(t.Context(), module, c); err != nil {
		t.Error(err)
	}
	want := `not ready: false
read without waiting: "ok \"\""
timer first: [1]
input first: [0]
read: "ok \"hello\""
wait for more: "ok \"more\""
end: "closed"
`
	if got := stdout.out.String(); got != want {
		t.Errorf("output\n%s\nexpected\n%s", got, want)
	}
}
