package preview1

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBuilt checks that the component has been made of the sources here, by the digests that source/build.sh wrote.
func TestBuilt(t *testing.T) {
	sums, err := os.Open("source/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	defer sums.Close()
	built := map[string]bool{}
	for s := bufio.NewScanner(sums); s.Scan(); {
		digest, name, _ := strings.Cut(s.Text(), "  ")
		name = filepath.Join("source", name)
		content, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
		} else if got := fmt.Sprintf("%x", sha256.Sum256(content)); got != digest {
			t.Errorf("%s has changed: run source/build.sh", name)
		}
		built[name] = true
	}
	for _, pattern := range []string{"source/*.c", "source/*.h", "source/*.wit", "*.wasm"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no files %s (%v)", pattern, err)
		}
		for _, f := range files {
			if !built[f] {
				t.Errorf("%s is new: run source/build.sh", f)
			}
		}
	}
}
