package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestAddVersion(t *testing.T) {
	const empty = "# Text.\nWASMFUSE = {}\n"
	one, err := addVersion(empty, "0.1.0", "        \"linux_amd64\": \"sha256-a\",\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := "# Text.\nWASMFUSE = {\n    \"0.1.0\": {\n        \"linux_amd64\": \"sha256-a\",\n    },\n}\n"; one != want {
		t.Errorf("got %q, want %q", one, want)
	}
	two, err := addVersion(one, "0.2.0", "")
	if err != nil {
		t.Fatal(err)
	}
	if want := "WASMFUSE = {\n    \"0.2.0\": {\n    },\n    \"0.1.0\": {\n"; !strings.Contains(two, want) {
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
	if err := run("v1.0.0", t.TempDir(), "x", nil); err == nil || !strings.Contains(err.Error(), "1.2.3") {
		t.Errorf("a version with v: %v", err)
	}
	if err := run("1.0.0", t.TempDir(), "x", []string{"plan9_amd64"}); err == nil || !strings.Contains(err.Error(), "plan9_amd64") {
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
	var programs [2][]byte
	for i := range programs {
		dir := t.TempDir()
		table := filepath.Join(dir, "versions.bzl")
		if err := os.WriteFile(table, []byte("WASMFUSE = {}\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := run("9.8.7-rc.1", dir, table, []string{platform}); err != nil {
			t.Fatal(err)
		}
		program := filepath.Join(dir, programFile(platform))
		programs[i], _ = os.ReadFile(program)
		if out, err := exec.Command(program, "version").CombinedOutput(); string(out) != "wasmfuse 9.8.7-rc.1\n" {
			t.Errorf("version prints %q (%v)", out, err)
		}
		if sums, _ := os.ReadFile(filepath.Join(dir, "SHA256SUMS")); !strings.Contains(string(sums), programFile(platform)) {
			t.Errorf("SHA256SUMS holds %q", sums)
		}
	}
	if len(programs[0]) == 0 || !bytes.Equal(programs[0], programs[1]) {
		t.Error("two builds differ")
	}
}
