// Command witpackage checks a WIT package, and writes its binary form. Its files must declare the same name, at least one of
// them must declare it, and it must be the name that the target states. All names in it and in the packages that it uses must
// resolve. It also writes its files without comments, for those that use the package: they then need not do so anew when only
// comments have changed.
//
// With "bindings" as the first argument, it generates bindings of a world of a package in binary form instead.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/internal/componentnew"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/witdecl"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/witfolder"
)

func main() {
	args, err := fileio.Args(os.Args[1:])
	if err == nil {
		command := run
		if len(args) > 0 && args[0] == "bindings" {
			command, args = bindings, args[1:]
		}
		err = command(context.Background(), args, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "witpackage:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, usage io.Writer) error {
	set := flag.NewFlagSet("witpackage", flag.ContinueOnError)
	set.SetOutput(usage)
	target := set.String("target", "", "`LABEL` that messages speak of")
	want := set.String("package", "", "`NAME` that the files must declare; if empty, they need only agree")
	out := set.String("o", "", "`FILE` to write the binary form to")
	plain := map[string]string{} // by base name
	set.Func("plain", "`FILE` to write: the file of that base name, in text form, without comments; repeatable", func(s string) error {
		plain[filepath.Base(s)] = s
		return nil
	})
	var deps []string
	set.Func("dep", "`PLACE=FILE`: a file of a package that this one uses, and its place in the folder deps; repeatable", func(s string) error {
		deps = append(deps, "deps/"+s)
		return nil
	})
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
	if err := check(*want, files); err != nil {
		return fmt.Errorf("%s: %w", *target, err)
	}
	binary, err := resolve(ctx, files, deps)
	if err != nil {
		return fmt.Errorf("%s: %w", *target, err)
	}
	for _, f := range files {
		if to := plain[filepath.Base(f.name)]; to != "" {
			if err := fileio.Write(to, witsyntax.Plain(f.data), os.Stdout); err != nil {
				return err
			}
		}
	}
	return fileio.Write(*out, binary, os.Stdout)
}

// resolve returns the binary form of a package. One that is in that form has been resolved by the tool that made it.
func resolve(ctx context.Context, files []file, deps []string) ([]byte, error) {
	if witdecl.IsBinary(files[0].name) {
		return files[0].data, nil
	}
	list := deps
	for _, f := range files {
		place := strings.ReplaceAll(path.Base(filepath.ToSlash(f.name)), "=", ",3d") // as rules/private/wit_place.bzl writes it
		list = append(list, place+"="+f.name)
	}
	folder, err := witfolder.Read(list)
	if err != nil {
		return nil, err
	}
	encoder, err := componentnew.Start(ctx, false)
	if err != nil {
		return nil, err
	}
	defer encoder.Close(ctx)
	binary, err := encoder.Package(ctx, folder.Root, folder.Files)
	if errors.As(err, new(componentnew.WITError)) {
		return nil, fmt.Errorf("the package does not resolve: %s\n%s", folder.Locate(err.Error()), cure(err.Error(), folder))
	}
	return binary, err
}

// file is one file of the package, in text or binary form.
type file struct {
	name string
	data []byte
}

// check checks the name that the files declare.
func check(want string, files []file) error {
	name, from := "", ""
	for _, f := range files {
		declared, line, err := witdecl.Of(f.name, f.data)
		at := f.name
		if line > 0 {
			at = fmt.Sprintf("%s:%d", f.name, line)
		}
		switch {
		case err != nil && line == 0:
			return err // the error names the file
		case err != nil:
			return fmt.Errorf("%s: %w", at, err)
		case witdecl.IsBinary(f.name) && len(files) > 1:
			return fmt.Errorf("%s: a WIT package in binary form is complete: make the other files among srcs a wit_library of their own", f.name)
		case declared == "":
		case name == "":
			name, from = declared, at
		case declared != name:
			return fmt.Errorf("%s: the file is of package %s, but %s is of %s: put the files of each package into a wit_library of its own",
				at, declared, from, name)
		}
	}
	switch {
	case name == "":
		return errors.New("no file among srcs declares a package: begin one of them with `package namespace:name;`")
	case want != "" && name != want:
		return fmt.Errorf("%s: the file is of package %s, but the target says package = %q: correct one of the two", from, name, want)
	}
	return nil
}
