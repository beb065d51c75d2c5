package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTroubleshooting checks that each heading of rules/docs/troubleshooting.md is a message of the command or of the rules, and
// that it has each message of testdata/messages about inputs.
func TestTroubleshooting(t *testing.T) {
	page, err := os.ReadFile("../../rules/docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	said := inputMessages(t)
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

// ruleMessages returns the strings of the rules' sources, with those that "+" joins on one line.
func ruleMessages(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("../../rules/private/*.bzl")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	var all strings.Builder
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return regexp.MustCompile(`"\s*\+\s*"`).ReplaceAllString(all.String(), "")
}
