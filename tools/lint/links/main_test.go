package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"folder/other.md": "# C and C++\n\n## Twice\n\n## `--flag` _and_ more\n\n## Twice\n",
		"picture.svg":     "<svg/>",
		"page.md": strings.Join([]string{
			"# Page",
			"[here](#page) [there](folder/other.md) [headings](folder/other.md#c-and-c) (folder/other.md#twice-1)",
			"[flag](folder/other.md#--flag-and-more) [twice](folder/other.md#twice-1) [folder](folder) ![picture](picture.svg)",
			"[outside](https://example.org/nothing) [reference]",
			"[gone](gone.md) [no heading](folder/other.md#gone) [not here](#gone) [picture](picture.svg#part)",
			"`[code](gone-too.md)`",
			"",
			"| [table](gone-from-table.md) |",
			"|---|",
			"",
			"[reference]: gone-reference.md",
		}, "\n"),
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := checker{pages: map[string]*page{}}
	problems, err := c.check(filepath.Join(dir, "page.md"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, strings.SplitN(p, ":", 2)[0])
	}
	want := []string{"gone-reference.md", "gone.md", "folder/other.md#gone", "#gone", "picture.svg#part", "gone-from-table.md"}
	if !slices.Equal(got, want) {
		t.Errorf("problems %q, want %q", problems, want)
	}
}
