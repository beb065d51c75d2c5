package iface_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
)

func TestRead(t *testing.T) {
	const kv, words, stats = "demo:kv/store", "demo:three/words", "demo:three/stats"
	for file, want := range map[string][2][]iface.Extern{
		"kv/consumer-utf8.wasm": {
			{{Name: kv + "@0.1.0", ID: kv, Version: "0.1.0"}},
			{{Name: "run"}},
		},
		"three/stats.wasm": {
			{{Name: words + "@0.1.0", ID: words, Version: "0.1.0"}},
			{{Name: stats + "@0.1.0", ID: stats, Version: "0.1.0"}},
		},
	} {
		b, err := os.ReadFile("../../examples/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if !iface.IsComponent(b[:8]) {
			t.Errorf("%s: not taken for a component", file)
		}
		got, err := iface.Read(file, b)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(iface.Surface{Imports: want[0], Exports: want[1], Memories: 1}, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", file, d)
		}
		for _, n := range []int{0, 7, 8, 20, len(b) / 2} {
			if _, err := iface.Read(file, b[:n]); n != 8 && err == nil {
				t.Errorf("%s: the first %d bytes give no error", file, n)
			}
		}
	}
}

func TestVersions(t *testing.T) {
	for _, c := range []struct {
		a, b         string
		older, track bool
	}{
		{"1.0.0", "1.2.0", true, true}, {"1.2.0", "1.0.0", false, true}, {"0.2.0", "0.2.1", true, true},
		{"0.1.0", "0.2.0", true, false}, {"1.0.0", "1.0.0", false, true}, {"", "1.0.0", true, false},
		{"1.0.0", "", false, false}, {"1.0.0-a", "1.0.0-b", false, false},
	} {
		if got := iface.VersionOlder(c.a, c.b); got != c.older {
			t.Errorf("VersionOlder(%q, %q) = %v", c.a, c.b, got)
		}
		if got := iface.VersionTrack(c.a) == iface.VersionTrack(c.b); got != c.track {
			t.Errorf("%q and %q on one track: %v", c.a, c.b, got)
		}
	}
}
