package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
)

// TestDocs runs the commands of the guides. UPDATE_GOLDEN=1 rewrites what they print, and testdata/docs.txt, which counts the
// blocks of commands, lists those that are not run, and counts those that e2e/docs and e2e/source build, with a comment as
// e2e/docs/blocks.sh reads it, and those of Starlark that they do not.
//
// A block of the language console has commands after "$ ", a "\" at the end of a line continues one, and what they print. It
// runs in a folder with the files of the last comment <!-- folder: FOLDER -->, a folder of this repository, and those of blocks
// with a comment <!-- file: NAME -->. Any other block of commands needs a comment <!-- not run: REASON -->.
func TestDocs(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("../../rules/docs/*.md")
	if err != nil || len(pages) < 4 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	bin := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "wasmfuse")); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "RUN_WASMFUSE=1", "PATH="+bin+":"+os.Getenv("PATH"), "XDG_CACHE_HOME="+t.TempDir(), "LC_ALL=C")
	var summary strings.Builder
	pages = append(pages, "../../README.md", "../../examples/README.md", "../../fusecore/MODULE.md", "../../fusecore/TRAPS.md", "../../gazelle_ext/README.md")
	for _, file := range pages {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(string(text), "<!-- Generated") {
			continue
		}
		name := strings.TrimPrefix(filepath.ToSlash(file), "../../")
		t.Run(name, func(t *testing.T) {
			p := &page{t: t, root: root, env: env}
			got := p.play(string(text))
			fmt.Fprintf(&summary, "%s: %d run\n", name, p.ran)
			if p.built > 0 {
				fmt.Fprintf(&summary, "  built: %d blocks\n", p.built)
			}
			if p.unbuilt > 0 {
				fmt.Fprintf(&summary, "  not built: %d blocks of Starlark\n", p.unbuilt)
			}
			for _, reason := range p.left {
				fmt.Fprintf(&summary, "  not run: %s\n", reason)
			}
			if golden.Update {
				golden.Check(t, file, got)
			} else if d := cmp.Diff(general(string(text)), general(got)); d != "" {
				t.Errorf("UPDATE_GOLDEN=1 go test rewrites %s (-want +got):\n%s", file, d)
			}
		})
	}
	golden.Check(t, "testdata/docs.txt", summary.String())
}

// page plays a page.
type page struct {
	t    *testing.T
	root string // of the repository
	env  []string
	dir  string   // in which commands run
	ran  int      // blocks
	left []string // reasons of blocks that are not run

	built, unbuilt int // blocks
}

// commandLanguages are the languages of blocks of commands that do not run without a reason.
var commandLanguages = []string{"sh", "bash", "shell", "powershell", "bat"}

// play returns the page with what its commands print.
func (p *page) play(text string) string {
	var out strings.Builder
	lines := strings.SplitAfter(text, "\n")
	comment := "" // the last one, if nothing but blank lines is between it and the block
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], "\n")
		out.WriteString(lines[i])
		language, fence := strings.CutPrefix(line, "```")
		if !fence {
			if c, ok := strings.CutPrefix(line, "<!-- "); ok {
				comment = strings.TrimSuffix(c, " -->")
				if folder, ok := strings.CutPrefix(comment, "folder: "); ok {
					p.enter(folder)
				}
			} else if line != "" {
				comment = ""
			}
			if strings.HasPrefix(line, "    ") && i > 0 && lines[i-1] == "\n" {
				p.t.Errorf("line %d: a block without fences: write ``` and its language before it, and ``` after it", i+1)
			}
			continue
		}
		end := i + 1
		for end < len(lines) && strings.TrimRight(lines[end], "\n") != "```" {
			end++
		}
		if end == len(lines) {
			p.t.Fatalf("line %d: the block has no end", i+1)
		}
		block := strings.Join(lines[i+1:end], "")
		switch {
		case strings.HasPrefix(comment, "in: ") || strings.HasPrefix(comment, "package: "):
			p.built++
		case language == "starlark":
			p.unbuilt++
		}
		switch reason, skip := strings.CutPrefix(comment, "not run: "); {
		case skip:
			p.left = append(p.left, reason)
		case language == "console":
			p.ran++
			block = p.run(block)
		case slices.Contains(commandLanguages, language):
			p.t.Errorf("line %d: a block of commands that is not run needs a comment <!-- not run: REASON -->", i+1)
		}
		if name, ok := strings.CutPrefix(comment, "file: "); ok {
			p.write(name, []byte(block))
		}
		out.WriteString(block + "```\n")
		comment, i = "", end
	}
	return out.String()
}

// enter begins a new folder with the files of a folder of the repository.
func (p *page) enter(folder string) {
	p.dir = p.t.TempDir()
	from := filepath.Join(p.root, filepath.FromSlash(folder))
	entries, err := os.ReadDir(from)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			p.t.Fatal(err)
		}
		p.write(e.Name(), b)
	}
}

func (p *page) write(name string, b []byte) {
	if p.dir == "" {
		p.dir = p.t.TempDir()
	}
	if err := os.WriteFile(filepath.Join(p.dir, name), b, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// run runs the commands of a block, and returns it with what they print.
func (p *page) run(block string) string {
	if p.dir == "" {
		p.t.Fatalf("no comment <!-- folder: ... --> before the commands\n%s", block)
	}
	var out strings.Builder
	lines := strings.Split(strings.TrimSuffix(block, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		command, ok := strings.CutPrefix(lines[i], "$ ")
		if !ok {
			continue // what an earlier command printed
		}
		out.WriteString(lines[i] + "\n")
		for strings.HasSuffix(lines[i], `\`) && i+1 < len(lines) {
			i++
			out.WriteString(lines[i] + "\n")
			command += "\n" + lines[i]
		}
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir, cmd.Env = p.dir, p.env
		said, err := cmd.CombinedOutput()
		if err != nil && !strings.Contains(string(said), "error") {
			p.t.Errorf("%s: %v, without a message: %s", command, err, said)
		}
		text := strings.ReplaceAll(string(said), version, "VERSION")
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		out.WriteString(text)
	}
	return out.String()
}
