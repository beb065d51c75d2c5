package fusecore_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/external"
)

// TestServe serves HTTP with `wasmtime serve`, whose pools have their default sizes: a component with wasi:http's proxy world
// around three components, as their composition and fused.
func TestServe(t *testing.T) {
	cli := external.Need(t, findCLI)
	read := func(name string) fusecore.Input {
		return fusecore.Input{Name: name, Bytes: readFile(t, "testdata/serve/"+name)}
	}
	in := fusecore.Graph{Root: read("proxy.wasm"), Deps: []fusecore.Input{read("pages.wasm"), read("word.wasm")}}
	for name, do := range map[string]form{"composed": compose, "fused": fuse} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), name+".wasm")
			if err := os.WriteFile(file, wasmOf(t, do, in), 0o600); err != nil {
				t.Fatal(err)
			}
			address := served(t, cli, file)
			for _, path := range []string{"/hello", "/", "/hello"} {
				got, err := get(t.Context(), address+path)
				if want := "the page of " + path + "\n"; err != nil || got != want {
					t.Errorf("%s: %q, %v, want %q", path, got, err, want)
				}
			}
		})
	}
}

// served serves a component until the test ends, and returns its address.
func served(t *testing.T, cli, file string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	cmd := exec.CommandContext(ctx, cli, "serve", "-O", "pooling-allocator=y", "--addr", "127.0.0.1:0", file)
	out, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		stop()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // it has been killed
	})
	var said strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, address, ok := strings.Cut(lines.Text(), "Serving HTTP on "); ok {
			return strings.TrimSuffix(address, "/")
		}
		fmt.Fprintln(&said, lines.Text())
	}
	t.Fatalf("it does not serve: %s", said.String())
	return ""
}

// get returns what is served at an address.
func get(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(resp.Body)
	if cerr := resp.Body.Close(); err == nil {
		err = cerr
	}
	return string(body), err
}
