package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test binary act as the tool, for tests that need a separate process.
func TestMain(m *testing.M) {
	if os.Getenv("RUN_WASMFUSE") != "" {
		main()
	}
	if to := os.Getenv(peakTo); to != "" {
		os.Exit(runMeasured(to))
	}
	os.Exit(m.Run())
}

// shell runs a script in a new folder and returns the folder. wasmfuse is the tool, c.wasm a consumer and p.wasm its
// provider, and fused.wasm the result of fusing them.
func shell(t *testing.T, script string) (dir, stdout, stderr string, err error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for to, from := range map[string]string{"c.wasm": "c-pair/consumer-utf8.wasm", "p.wasm": "c-pair/provider-utf16.wasm"} {
		b, err := os.ReadFile(examples + from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, stderr := wasmfuse("fuse", filepath.Join(dir, "c.wasm"), filepath.Join(dir, "p.wasm"), "-o", filepath.Join(dir, "fused.wasm")); code != 0 {
		t.Fatal(stderr)
	}
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "RUN_WASMFUSE=1")
	if err := os.Symlink(self, filepath.Join(dir, "wasmfuse")); err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(cmd.Env, "PATH="+dir+":"+os.Getenv("PATH"))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return dir, out.String(), errs.String(), err
}

// TestBazelRun runs the tool as `bazel run` does.
func TestBazelRun(t *testing.T) {
	_, stdout, stderr, err := shell(t, `here=$PWD; mkdir runfiles; cd runfiles
		WASMFUSE_BAZEL_RUN=1 BUILD_WORKING_DIRECTORY=$here wasmfuse inspect c.wasm --format=json >by-bazel &&
		BUILD_WORKING_DIRECTORY=$here wasmfuse inspect ../c.wasm --format=json >otherwise &&
		cmp by-bazel otherwise && ! WASMFUSE_BAZEL_RUN=1 BUILD_WORKING_DIRECTORY=$here/none wasmfuse inspect c.wasm`)
	if err != nil || stdout != "" || !strings.Contains(stderr, "none: no such file or directory") {
		t.Errorf("%v: %s%s", err, stdout, stderr)
	}
}

// saidOfTwo is what fuse prints about two components that become one module.
const saidOfTwo = "fused 2 of 2 components into 1 module: SIZE (inputs SIZE)\n"

// composedTwo is what compose prints about two components.
const composedTwo = "composed 2 files: SIZE (inputs SIZE)\n"

// TestStreams checks that every way to pass the output on yields the bytes of a plain output file.
func TestStreams(t *testing.T) {
	for _, c := range []struct{ name, script string }{
		{"root from standard input", "wasmfuse fuse - p.wasm -o out < c.wasm"},
		{"dependency from a pipe", "cat p.wasm | wasmfuse fuse c.wasm - -o out"},
		{"named standard input", "wasmfuse fuse - p.wasm --name c=- --plug c:demo:pair/calc@0.1.0=p -o out < c.wasm"},
		{"standard input as a device", "wasmfuse fuse /dev/stdin p.wasm --name c=/dev/stdin -o out < c.wasm"},
		{"standard output to a file", "wasmfuse fuse c.wasm p.wasm -o - > out"},
		{"standard output to a pipe", "wasmfuse fuse c.wasm p.wasm -o - | cat > out"},
		{"/dev/stdout to a file", "wasmfuse fuse c.wasm p.wasm -o /dev/stdout > out"},
		{"/dev/stdout to a pipe", "wasmfuse fuse c.wasm p.wasm -o /dev/stdout | cat > out"},
		{"another descriptor", "wasmfuse fuse c.wasm p.wasm -o /dev/fd/7 7> out"},
		{"in the midst of a file", "{ printf before; wasmfuse fuse c.wasm p.wasm -o /dev/stdout; printf after; } > all; tail -c +7 all | head -c -5 > out"},
		{"a named pipe", "mkfifo pipe; cat pipe > out & wasmfuse fuse c.wasm p.wasm -o pipe; wait"},
		{"a link", "ln -s out link; wasmfuse fuse c.wasm p.wasm -o link; test -h link"},
		{"a link over an old file", "echo old > out; ln -s out link; wasmfuse fuse c.wasm p.wasm -o link; test -h link"},
		{"over the root", "wasmfuse fuse c.wasm p.wasm -o c.wasm; mv c.wasm out"},
		{"over a dependency", "wasmfuse fuse c.wasm p.wasm -o p.wasm; mv p.wasm out"},
		{"through a pipe of tools", "wasmfuse compose c.wasm p.wasm -o - | wasmfuse fuse - -o - > again; wasmfuse fuse c.wasm p.wasm -o out; test -s again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, stdout, stderr, err := shell(t, "set -e; "+c.script)
			if err != nil || stdout != "" || strings.ReplaceAll(strings.ReplaceAll(general(stderr), saidOfTwo, ""), composedTwo, "") != "" {
				t.Fatalf("%v, standard output %q, standard error %q", err, stdout, stderr)
			}
			want, _ := os.ReadFile(filepath.Join(dir, "fused.wasm"))
			got, err := os.ReadFile(filepath.Join(dir, "out"))
			if err != nil {
				t.Fatal(err)
			}
			if c.name == "root from standard input" || c.name == "dependency from a pipe" {
				// The name inside the output differs, also in length.
				if !bytes.Contains(got, []byte("stdin")) {
					t.Error("the output does not name the instance stdin")
				}
				return
			}
			if !bytes.Equal(got, want) {
				t.Errorf("the output has %d bytes, want those %d of fused.wasm", len(got), len(want))
			}
		})
	}
}

// TestWriteErrors checks that failed writes are reported.
func TestWriteErrors(t *testing.T) {
	for _, c := range []struct{ name, command, want string }{
		{"inspect", "wasmfuse inspect c.wasm > /dev/full", "cannot write standard output: no space left on device"},
		{"version", "wasmfuse version > /dev/full", "cannot write standard output: no space left on device"},
		{"version flag", "wasmfuse --version > /dev/full", "cannot write standard output: no space left on device"},
		{"help", "wasmfuse help > /dev/full", "cannot write standard output: no space left on device"},
		{"help flag", "wasmfuse fuse --help > /dev/full", "cannot write standard output: no space left on device"},
		{"fuse to standard output", "wasmfuse fuse c.wasm p.wasm -o - > /dev/full", "cannot write standard output: no space left on device"},
		{"fuse to /dev/stdout", "wasmfuse fuse c.wasm p.wasm -o /dev/stdout > /dev/full", "cannot write /dev/stdout: no space left on device"},
		{"fuse to a device", "wasmfuse fuse c.wasm p.wasm -o /dev/full", "cannot write /dev/full: no space left on device"},
		{"compose to a device", "wasmfuse compose c.wasm p.wasm -o /dev/full", "cannot write /dev/full: no space left on device"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, stdout, stderr, err := shell(t, c.command)
			if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 1 {
				t.Errorf("%v, want exit code 1", err)
			}
			if want := "wasmfuse " + version + ": error: " + c.want + "\n"; stderr != want || stdout != "" {
				t.Errorf("standard error %q, want %q; standard output %q", stderr, want, stdout)
			}
		})
	}
}

// TestReaderGoesAway checks that the tool ends silently, like others, if its reader goes away.
func TestReaderGoesAway(t *testing.T) {
	_, stdout, stderr, err := shell(t, "wasmfuse inspect c.wasm | true; wasmfuse fuse -q c.wasm p.wasm -o - | head -c 4; echo; ls")
	if err != nil || stderr != "" || !strings.HasSuffix(stdout, "c.wasm\nfused.wasm\np.wasm\nwasmfuse\n") {
		t.Errorf("%v, standard output %q, standard error %q", err, stdout, stderr)
	}
}

// TestInterrupt checks that an interrupted write leaves neither a partial output nor other files.
func TestInterrupt(t *testing.T) {
	dir, stdout, stderr, err := shell(t, `
mkdir to; echo precious > to/out
for signal in INT TERM HUP; do
  for delay in 0 0.02 0.05 0.1; do
    wasmfuse fuse c.wasm p.wasm -o to/out & sleep $delay; kill -$signal $! 2> /dev/null; wait $! 2> /dev/null
    cmp -s to/out fused.wasm || grep -q precious to/out || { echo a part was written; exit 1; }
  done
done`)
	if err != nil {
		t.Fatalf("%v, %q, %q", err, stdout, stderr)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "to")); len(left) != 1 {
		t.Errorf("files were left behind: %v", left)
	}
}

func TestVersionFlags(t *testing.T) {
	for _, flag := range []string{"version", "--version", "-V"} {
		if code, stdout, stderr := wasmfuse(flag); code != 0 || stdout != "wasmfuse "+version+"\n" || stderr != "" {
			t.Errorf("%s: exit code %d, %q, %q", flag, code, stdout, stderr)
		}
	}
}

func TestStandardInputTwice(t *testing.T) {
	code, _, stderr := wasmfuse("fuse", "-", "-", "-o", "x")
	if code != 2 || !strings.Contains(stderr, "standard input is given twice") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}
