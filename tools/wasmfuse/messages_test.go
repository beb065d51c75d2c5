package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
)

// TestMessages plays testdata/messages/*.txt. Each is a misuse, or something to review: command lines ("$ wasmfuse
// ...") with the tool's output and exit status, which UPDATE_GOLDEN=1 rewrites. Commands after the first follow the
// advice of the previous message, and must succeed. Lines that begin with # describe the case.
//
// The commands run in a folder with the files of testdata/inputs and those of makeInputs.
func TestMessages(t *testing.T) {
	messages, err := filepath.Abs("testdata/messages")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(messages, "*.txt"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	inputs, err := filepath.Abs("testdata/inputs")
	if err != nil {
		t.Fatal(err)
	}
	separateCache(t, t.TempDir())
	old := now
	now = func() time.Time { return time.Time{} }
	t.Cleanup(func() { now = old })
	t.Chdir(t.TempDir())
	makeInputs(t, inputs)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden.Check(t, file, play(t, string(want)))
		})
	}
}

// play runs the commands of a script, and returns the script with their output.
func play(t *testing.T, script string) string {
	var out strings.Builder
	commands := 0
	for line := range strings.Lines(script) {
		if strings.HasPrefix(line, "#") {
			out.WriteString(line)
		}
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "$ wasmfuse")
		if !ok {
			continue
		}
		commands++
		code, stdout, stderr := wasmfuse(fields(t, command)...)
		fmt.Fprintf(&out, "$ wasmfuse%s\n%s%sexit status %d\n", command, strings.ReplaceAll(stdout, "wasmfuse "+version, "wasmfuse VERSION"), general(stderr), code)
		for line := range strings.Lines(stderr) {
			if strings.HasPrefix(line, `{"level"`) {
				checkFields(t, line)
			}
		}
		if code != 0 && !strings.Contains(command, "--log") {
			checkJSON(t, append([]string{"--log=json"}, fields(t, command)...), code)
		}
		if commands > 1 && code != 0 {
			t.Errorf("the advice does not help: %s", stderr)
		}
		for _, useless := range []string{"offset 0x0:", "abstract resource", "internal error"} {
			if strings.Contains(stderr, useless) {
				t.Errorf("the message says %q: %s", useless, stderr)
			}
		}
		if strings.ContainsFunc(stderr, func(r rune) bool { return r != '\n' && !strconv.IsPrint(r) }) || len(stderr) > 10_000 {
			t.Errorf("not fit for a terminal: %q", stderr)
		}
	}
	return out.String()
}

// checkJSON checks that a command that fails writes nothing but JSON, of which the last object is the error.
func checkJSON(t *testing.T, args []string, want int) {
	t.Helper()
	code, _, stderr := wasmfuse(args...)
	var m struct {
		Level, Message, Expected, Found string
		Status                          int
	}
	for line := range strings.Lines(stderr) {
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Errorf("%q is not JSON: %v", line, err)
		}
		checkFields(t, line)
	}
	if code != want || m.Level != "error" || m.Message == "" || m.Status != want {
		t.Errorf("exit code %d, want %d; the last message is %+v", code, want, m)
	}
	if saysBoth.MatchString(m.Message) && (m.Expected == "" || m.Found == "") {
		t.Errorf("the message says what was expected and found, and the fields do not: %+v", m)
	}
}

// saysBoth matches a message that says what was expected, and what there was in its place.
var saysBoth = regexp.MustCompile(`\bexpect(s|ed) .*\b(found|got|exports|remain)\b|\bunexpected .*\bexpected\b`)

// checkFields checks that the guide describes the fields of a message in JSON.
func checkFields(t *testing.T, line string) {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(line), &fields); err != nil {
		return
	}
	for f := range fields {
		if !bytes.Contains(jsonGuide, []byte("`"+f+"`")) {
			t.Errorf("the table of rules/docs/debug.md has no field %q", f)
		}
	}
}

// jsonGuide is the guide to messages. Tests change the working directory, so it is read before they start.
var jsonGuide, _ = os.ReadFile("../../rules/docs/debug.md")

var sizes = regexp.MustCompile(`\b(?:\d+ |\d+\.\d [KM])B\b|(putBytes":|"bytes":)\d+`)

// general replaces what changes with the version and the optimiser in messages.
func general(said string) string {
	said = strings.NewReplacer("wasmfuse "+version+": ", "wasmfuse VERSION: ", fmt.Sprintf("%q", version), `"VERSION"`).Replace(said)
	return sizes.ReplaceAllString(said, "${1}SIZE")
}

// fields splits a command line at spaces. Quoted parts are Go strings.
func fields(t *testing.T, s string) (out []string) {
	for s = strings.TrimLeft(s, " "); s != ""; s = strings.TrimLeft(s, " ") {
		if s[0] != '"' {
			var f string
			f, s, _ = strings.Cut(s, " ")
			out = append(out, f)
			continue
		}
		q, err := strconv.QuotedPrefix(s)
		if err != nil {
			t.Fatal(err)
		}
		f, _ := strconv.Unquote(q)
		out, s = append(out, f), s[len(q):]
	}
	return out
}

// makeInputs creates inputs in the current folder.
func makeInputs(t *testing.T, from string) {
	t.Helper()
	put := func(name string, b []byte) {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	binaries, err := filepath.Glob(filepath.Join(from, "*.wa*"))
	if err != nil || len(binaries) == 0 {
		t.Fatalf("no inputs in %s: %v", from, err)
	}
	read := map[string][]byte{}
	for _, f := range binaries {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		read[filepath.Base(f)] = b
		put(filepath.Base(f), b)
	}
	app, calc := read["app.wasm"], read["calc.wasm"]
	put("folder/app.wasm", app)
	put("one/calc.wasm", calc)
	put("two/calc.wasm", calc)
	put("a space/calc two.wasm", read["calc-older.wasm"])
	put("evil\x1b[31m\n.wasm", calc)
	put("nothing.wasm", nil)
	put("cut-preamble.wasm", app[:5])
	put("cut-section.wasm", app[:len(app)/2])
	put("old.wasm", []byte("\x00asm\x0a\x00\x01\x00"))
	put("unknown.wasm", []byte("\x00asm\x07\x00\x00\x00"))
	put("app.json", []byte("{\"version\": 0}\n"))
	put("cut.json", []byte("{\"version\""))
	put("text.wasm", []byte(" ;; a comment\n(; and (; another ;) ;)\n(component)"))
	put("api.wit", []byte("// An interface.\npackage demo:calc@1.2.0;\ninterface api { add: func(a: u32, b: u32) -> u32; }\n"))
	put("bad.wac", []byte("package demo:bad;\nlet x = new demo:apps {};\nexport x...;\n"))
	put("lfs.wasm", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"))
	put("page.wasm", []byte("<!DOCTYPE html>\n<title>404</title>"))
	put("image.wasm", []byte("\x89PNG\r\n"))
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(calc)
	w.Close()
	put("packed.wasm", z.Bytes())
	// The same type, asynchronous, which no released text format can express.
	add := []byte("\x40\x02\x01a\x79\x01b\x79")
	if bytes.Count(app, add) != 1 {
		t.Fatal("app.wasm has no such type")
	}
	if code, _, said := wasmfuse("fuse", "app.wasm", "calc.wasm", "-o", "fused.wasm", "-q"); code != 0 {
		t.Fatal(said)
	}
	if code, _, said := wasmfuse("extract", "fused.wasm", "-o", "fused.core.wasm"); code != 0 {
		t.Fatal(said)
	}
	if code, _, said := wasmfuse("fuse", "app.wasm", "calc.wasm", "-o", "recorded.wasm", "--provenance", "-q"); code != 0 {
		t.Fatal(said)
	}
	if code, _, said := wasmfuse("compose", "app.wasm", "calc.wasm", "-o", "composed.wasm", "-q"); code != 0 {
		t.Fatal(said)
	}
	fused, err := os.ReadFile("fused.wasm")
	if err != nil {
		t.Fatal(err)
	}
	recorded := func(provenance string) []byte {
		content := append([]byte{byte(len(fusecore.ProvenanceSection))}, fusecore.ProvenanceSection+provenance...)
		return append(binary.AppendUvarint(append(fused[:len(fused):len(fused)], 0), uint64(len(content))), content...)
	}
	const control = `\n\u001b[31m` // begins a line, in red
	put("forged.wasm", recorded(fmt.Sprintf(`{"format": 1, "tool": "sed%s", "inputs": [{"name": "app%[1]s.wasm", "sha256": "%[2]x"}, {"name": "calc.wasm", "sha256": "%[3]x"}]}`,
		control, sha256.Sum256(app), sha256.Sum256(calc))))
	put("unreadable.wasm", recorded(`{"format": 2}`))
	put("async-app.wasm", bytes.Replace(app, add, append([]byte{0x43}, add[1:]...), 1))
}

// TestInputsBuilt checks that every text has a binary made from it, and that there are no other binaries.
func TestInputsBuilt(t *testing.T) {
	files, err := filepath.Glob("testdata/inputs/*.wa*")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%x  %s", sha256.Sum256(b), filepath.Base(f)))
	}
	sums, err := os.ReadFile("testdata/inputs/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(sums)), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("run fusecore/testdata/build.sh: found\n%s\nbuilt\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestConversions runs the commands with wasm-tools that messages advise.
func TestConversions(t *testing.T) {
	tool := os.Getenv("WASM_TOOLS")
	if tool == "" {
		if tool, _ = exec.LookPath("wasm-tools"); tool == "" {
			t.Skip("there is no wasm-tools: see tools/guests/get-wasm-tools.sh")
		}
	}
	inputs, err := filepath.Abs("testdata/inputs")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	makeInputs(t, inputs)
	if err := os.WriteFile("w.wit", []byte("package demo:w;\nworld app { export run: func(); }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, file string
		result     string // what can be fused in the end
	}{
		{"component", "app.wat", "app.wasm"},
		{"component in another file", "text.wasm", "COMPONENT.wasm"},
		{"core module", "core.wasm", "COMPONENT.wasm"},
		{"text of a core module", "core.wat", "COMPONENT.wasm"},
	} {
		code, _, stderr := wasmfuse("fuse", c.file, "-o", "out.wasm")
		if code != 1 {
			t.Errorf("%s: exit code %d: %s", c.name, code, stderr)
		}
		parts := strings.Split(stderr, "`")
		for i := 1; i < len(parts); i += 2 {
			command := strings.NewReplacer("WIT-FOLDER", "w.wit", "WORLD", "app").Replace(parts[i])
			args := strings.Fields(command)
			if args[0] != "wasm-tools" {
				t.Fatalf("%s: %s", c.name, command)
			}
			if out, err := exec.Command(tool, args[1:]...).CombinedOutput(); err != nil {
				t.Fatalf("%s: %s: %v: %s", c.name, command, err, out)
			}
		}
		if code, _, stderr := wasmfuse("fuse", c.result, "-o", "out.wasm"); code != 0 {
			t.Errorf("%s: the advice does not help: %s", c.name, stderr)
		}
	}
}
