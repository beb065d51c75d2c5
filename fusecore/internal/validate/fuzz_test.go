package validate

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
)

// FuzzValidate checks that validation of anything that decodes does not panic or take long, and returns the same error
// twice.
func FuzzValidate(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.wasm")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := decode.Component(data)
		if err != nil {
			return
		}
		start := time.Now()
		first := Component(c)
		if d := time.Since(start); d > 30*time.Second {
			t.Errorf("validation took %v for %d bytes", d, len(data))
		}
		second := Component(c)
		if (first == nil) != (second == nil) || first != nil && first.Error() != second.Error() {
			t.Errorf("first %v, then %v", first, second)
		}
	})
}
