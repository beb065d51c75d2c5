package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// commands returns the commands that help lists, and the root.
func commands(t *testing.T) (all []*cobra.Command) {
	t.Helper()
	root := newRoot(streams{log: newLogger(nil)})
	all = append(all, root)
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			all = append(all, c)
		}
	}
	return all
}

// TestExamples runs the examples of help in a shell, in a folder with the inputs of TestMessages.
func TestExamples(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	inputs, err := filepath.Abs("testdata/inputs")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	makeInputs(t, inputs)
	if err := os.MkdirAll("bin", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, "bin/wasmfuse"); err != nil {
		t.Fatal(err)
	}
	// It copies its input: the commands around it are what is tested.
	copies := "#!/bin/sh\nset -e\nwhile [ \"$2\" != -o ]; do shift; done\ncp \"$1\" \"$3\"\n"
	if err := os.WriteFile("bin/wasm-opt", []byte(copies), 0o755); err != nil {
		t.Fatal(err)
	}
	bin, err := filepath.Abs("bin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range commands(t) {
		t.Run(c.Name(), func(t *testing.T) {
			if c.Name() == "completion" {
				return // its examples change the user's files; TestCompletionScripts runs the scripts
			}
			if !strings.Contains(c.Example, c.CommandPath()) {
				t.Fatalf("help has no example of %s", c.CommandPath())
			}
			for line := range strings.Lines(c.Example) {
				if len(line) > 121 || !strings.HasPrefix(line, "  ") && line != "\n" {
					t.Errorf("a line is longer than 120 characters, or not indented: %q", line)
				}
			}
			cmd := exec.Command("sh", "-e", "-c", c.Example)
			cmd.Env = append(os.Environ(), "RUN_WASMFUSE=1", "PATH="+bin+":"+os.Getenv("PATH"), "XDG_CACHE_HOME="+t.TempDir())
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// TestCompletions asks for completions as shells do. The last line is a sum of cobra's directives: 4 for no files, 8 for
// files with the extensions before it, 16 for folders.
func TestCompletions(t *testing.T) {
	for _, c := range []struct {
		args string // the last word is to be completed; "." is an empty one
		want []string
	}{
		{"fuse --emit .", []string{"component", "module", ":4"}},
		{"fuse --emit=m", []string{"component", "module", ":4"}}, // the shell chooses those that fit
		{"fuse --wasi .", []string{"host", "preview1", ":4"}},
		{"fuse --abi .", []string{"cm32p2", "wit", ":4"}},
		{"fuse --memory .", []string{"multi", "single", ":4"}},
		{"fuse --optimize .", []string{"none", "size", "speed", ":4"}},
		{"fuse --strip .", []string{"all", "names", "none", ":4"}},
		{"fuse --require .", []string{"one-module", ":4"}},
		{"inspect --log .", []string{"json", "text", ":4"}},
		{"fuse --wac .", []string{"wac", ":8"}},
		{"fuse a.wasm .", []string{"wasm", ":8"}},
		{"extract a.wasm .", []string{":4"}},
		{"replace a.wasm .", []string{"wasm", ":8"}},
		{"run --dir .", []string{":16"}},
		{"completion .", []string{"bash", "fish", "powershell", "zsh", ":4"}},
		{"completion fish .", []string{":4"}},
		{"version .", []string{":4"}},
	} {
		t.Run(c.args, func(t *testing.T) {
			args := append([]string{cobra.ShellCompNoDescRequestCmd}, strings.Fields(c.args)...)
			if last := &args[len(args)-1]; *last == "." {
				*last = ""
			}
			code, stdout, stderr := wasmfuse(args...)
			if got := strings.Fields(stdout); code != 0 || !slices.Equal(got, c.want) {
				t.Errorf("exit code %d, %q, want %q; %s", code, got, c.want, stderr)
			}
		})
	}
}

// TestCompletionScripts checks that shells accept the scripts, where they are installed.
func TestCompletionScripts(t *testing.T) {
	for _, shell := range valuesOf(shells) {
		t.Run(shell, func(t *testing.T) {
			code, stdout, stderr := wasmfuse("completion", shell)
			if code != 0 || stderr != "" || !strings.Contains(stdout, "wasmfuse") {
				t.Fatalf("exit code %d, %s", code, stderr)
			}
			path, err := exec.LookPath(shell)
			if err != nil || shell == "powershell" { // which has no flag for this
				return
			}
			cmd := exec.Command(path, "-n")
			cmd.Stdin = strings.NewReader(stdout)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}
