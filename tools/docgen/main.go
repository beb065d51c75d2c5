// Command docgen generates the reference of a Starlark file's public names as Markdown. It evaluates the file, and the
// files it loads, in an interpreter where rule, attr, provider and the like only record their arguments.
//
//	docgen -root=FOLDER -file=rules/defs.bzl -title=TITLE -o=OUT.md
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

func run(args []string, usage io.Writer) error {
	set := flag.NewFlagSet("docgen", flag.ContinueOnError)
	set.SetOutput(usage)
	root := set.String("root", ".", "`FOLDER` that labels //... start from")
	file := set.String("file", "", "Starlark `FILE`, relative to the root")
	title := set.String("title", "", "`TITLE` of the page")
	out := set.String("o", "", "Markdown `FILE` to write")
	if err := set.Parse(args); err != nil {
		return err
	}
	if *file == "" || *out == "" {
		return errors.New("-file and -o are required")
	}
	l := newLoader(os.DirFS(*root))
	globals, doc, err := l.file(*file)
	if err != nil {
		return err
	}
	page, err := render(*title, *file, doc, globals)
	if err != nil {
		return err
	}
	return os.WriteFile(*out, []byte(page), 0o644)
}
