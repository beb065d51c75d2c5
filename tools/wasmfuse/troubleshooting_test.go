package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTroubleshooting checks that each heading of rules/docs/troubleshooting.md is a message of the command, of the rules, of their
// other programs, or one of testdata/other_messages.txt, and that the page has each message of testdata/messages about inputs and
// each of that file.
func TestTroubleshooting(t *testing.T) {
	page, err := os.ReadFile("../../rules/docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	said := append(inputMessages(t), otherMessages(t)...)
	rules := ruleMessages(t)
	known := make([]bool, len(said))
	for _, m := range regexp.MustCompile("(?m)^### `(.*)`$").FindAllStringSubmatch(string(page), -1) {
		var parts []string
		for _, part := range strings.Split(m[1], "…") {
			parts = append(parts, regexp.QuoteMeta(part))
		}
		heading := regexp.MustCompile(strings.Join(parts, ".*"))
		found := heading.MatchString(rules)
		for i, message := range said {
			if heading.MatchString(message) {
				found, known[i] = true, true
			}
		}
		if !found {
			t.Errorf("no message is %q: correct the heading, or remove it", m[1])
		}
	}
	for i, message := range said {
		if !known[i] {
			t.Errorf("rules/docs/troubleshooting.md has no heading for the message: %s", message)
		}
	}
}

// inputMessages returns the warnings and errors of testdata/messages, without those about the command line.
func inputMessages(t *testing.T) (all []string) {
	t.Helper()
	files, err := filepath.Glob("testdata/messages/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(b), "\n")
		for i, line := range lines {
			_, message, ok := strings.Cut(line, "wasmfuse VERSION: ")
			if ok && !strings.HasPrefix(lines[i+1], "Run '") {
				all = append(all, message)
			}
		}
	}
	if len(all) < 80 {
		t.Fatalf("%d messages", len(all))
	}
	return all
}

// otherMessages returns the messages of engines, compilers and other programs that builds and runs may show.
func otherMessages(t *testing.T) (all []string) {
	t.Helper()
	b, err := os.ReadFile("testdata/other_messages.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		_, message, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if !ok {
			t.Fatalf("testdata/other_messages.txt: %q has no program before the message", line)
		}
		all = append(all, message)
	}
	return all
}

// ruleMessages returns the sources of the rules and of the programs that make components, check worlds and generate bindings for them,
// with strings that "+" joins.
func ruleMessages(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for pattern, least := range map[string]int{
		"../../rules/private/*.bzl":      10,
		"../../internal/witbindgen/*.go": 1,
		"../componentize/*.go":           1,
		"../internal/witworlds/*.go":     1,
		"../witpackage/*.go":             3,
	} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) < least {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(b)
		}
	}
	return regexp.MustCompile(`"\s*\+\s*"`).ReplaceAllString(all.String(), "")
}
