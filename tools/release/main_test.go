package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestAddVersion(t *testing.T) {
	const empty = "# Text.\nRELEASES = {}\n"
	one, err := addVersion(empty, "0.1.0", "        \"wasmfuse-linux-amd64\": \"aa\",\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := "# Text.\nRELEASES = {\n    \"0.1.0\": {\n        \"wasmfuse-linux-amd64\": \"aa\",\n    },\n}\n"; one != want {
		t.Errorf("got %q, want %q", one, want)
	}
	two, err := addVersion(one, "0.2.0", "")
	if err != nil {
		t.Fatal(err)
	}
	if want := "RELEASES = {\n    \"0.2.0\": {\n    },\n    \"0.1.0\": {\n"; !strings.Contains(two, want) {
		t.Errorf("got %q without %q", two, want)
	}
	if _, err := addVersion(two, "0.1.0", ""); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("the same version twice: %v", err)
	}
	if _, err := addVersion("x", "0.1.0", ""); err == nil {
		t.Error("a file that is no table is accepted")
	}
}

func TestRefusals(t *testing.T) {
	if err := run("v1.0.0", t.TempDir(), "x", nil, ""); err == nil || !strings.Contains(err.Error(), "1.2.3") {
		t.Errorf("a version with v: %v", err)
	}
	if err := run("1.0.0", t.TempDir(), "x", []string{"plan9_amd64"}, ""); err == nil || !strings.Contains(err.Error(), "plan9_amd64") {
		t.Errorf("an unknown platform: %v", err)
	}
}

// TestBuildTwice checks that releases built from and to different folders are identical, and that the program reports
// its version.
func TestBuildTwice(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("SKIPPED: no go on the PATH")
	}
	if testing.Short() {
		t.Skip("SKIPPED: builds programs")
	}
	if _, err := os.Stat("../../go.mod"); err != nil {
		t.Skip("SKIPPED: not in the source tree")
	}
	t.Chdir("../..")
	platform := runtime.GOOS + "_" + runtime.GOARCH
	var built [2][]byte
	for i := range built {
		dir := t.TempDir()
		table := filepath.Join(dir, "versions.bzl")
		if err := os.WriteFile(table, []byte("RELEASES = {}\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := run("9.8.7-rc.1", dir, table, []string{platform}, ""); err != nil {
			t.Fatal(err)
		}
		program := filepath.Join(dir, programFile("wasmfuse", platform))
		built[i], _ = os.ReadFile(program)
		if out, err := exec.Command(program, "version").CombinedOutput(); string(out) != "wasmfuse 9.8.7-rc.1\n" {
			t.Errorf("version prints %q (%v)", out, err)
		}
		sums, _ := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
		digests, _ := os.ReadFile(table)
		for _, name := range []string{"componentize", "wasmfuse", "wazerun", "witpackage"} {
			file := programFile(name, platform)
			b, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			sum := fmt.Sprintf("%x", sha256.Sum256(b))
			if want := sum + "  " + file + "\n"; !strings.Contains(string(sums), want) {
				t.Errorf("SHA256SUMS holds %q without %q", sums, want)
			}
			if want := fmt.Sprintf("        %q: %q,\n", file, sum); !strings.Contains(string(digests), want) {
				t.Errorf("the table holds %q without %q", digests, want)
			}
		}
	}
	if len(built[0]) == 0 || !bytes.Equal(built[0], built[1]) {
		t.Error("two builds differ")
	}
}
