// Command witpackage checks the name of a WIT package: its files must declare the same name, at least one of them must
// declare it, and it must be the name that the target states.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/witdecl"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "witpackage:", err)
		os.Exit(1)
	}
}

func run(args []string, usage io.Writer) error {
	set := flag.NewFlagSet("witpackage", flag.ContinueOnError)
	set.SetOutput(usage)
	target := set.String("target", "", "`LABEL` that messages speak of")
	want := set.String("package", "", "`NAME` that the files must declare; if empty, they need only agree")
	out := set.String("o", "", "`FILE` to write the name to")
	if err := set.Parse(args); err != nil {
		return err
	}
	if *out == "" {
		return errors.New("-o is missing")
	}
	var files []file
	for _, name := range set.Args() {
		data, err := fileio.Read(name, os.Stdin)
		if err != nil {
			return err
		}
		files = append(files, file{name, data})
	}
	name, err := check(*want, files)
	if err != nil {
		return fmt.Errorf("%s: %w", *target, err)
	}
	return fileio.Write(*out, []byte(name+"\n"), os.Stdout)
}

// file is one file of the package, in text or binary form.
type file struct {
	name string
	data []byte
}

// check returns the name that the files declare.
func check(want string, files []file) (string, error) {
	name, from := "", ""
	for _, f := range files {
		declared, line, err := witdecl.Of(f.name, f.data)
		at := f.name
		if line > 0 {
			at = fmt.Sprintf("%s:%d", f.name, line)
		}
		switch {
		case err != nil && line == 0:
			return "", err // the error names the file
		case err != nil:
			return "", fmt.Errorf("%s: %w", at, err)
		case witdecl.IsBinary(f.name) && len(files) > 1:
			return "", fmt.Errorf("%s: a WIT package in binary form is complete: make the other files among srcs a wit_library of their own", f.name)
		case declared == "":
		case name == "":
			name, from = declared, at
		case declared != name:
			return "", fmt.Errorf("%s: the file is of package %s, but %s is of %s: put the files of each package into a wit_library of its own",
				at, declared, from, name)
		}
	}
	switch {
	case name == "":
		return "", errors.New("no file among srcs declares a package: begin one of them with `package namespace:name;`")
	case want != "" && name != want:
		return "", fmt.Errorf("%s: the file is of package %s, but the target says package = %q: correct one of the two", from, name, want)
	}
	return name, nil
}
