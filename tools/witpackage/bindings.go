package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/internal/witbindgen"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/witworlds"
)

// bindings generates bindings of a world.
func bindings(ctx context.Context, args []string, usage io.Writer) error {
	set := flag.NewFlagSet("witpackage bindings", flag.ContinueOnError)
	set.SetOutput(usage)
	target := set.String("target", "", "`LABEL` that messages speak of")
	world := set.String("world", "", "`NAME` of the world")
	language := set.String("language", "c", "`LANGUAGE` of the bindings: c, go or rust")
	var options []string
	set.Func("option", "`NAME=VALUE`: an option of the language; repeatable", func(s string) error {
		options = append(options, s)
		return nil
	})
	rule := goRule{imports: map[string][]string{}}
	set.StringVar(&rule.importpath, "importpath", "", "for Go, the import `PATH` of the folder of the packages")
	set.Func("import", "for Go, `NAME=NAME,...`: a generated package, and those that it uses; repeatable", func(s string) error {
		name, used, _ := strings.Cut(s, "=")
		rule.imports[name] = strings.FieldsFunc(used, func(r rune) bool { return r == ',' })
		return nil
	})
	set.Func("export", "for Go, `NAME` of a package that the user completes; repeatable", func(s string) error {
		rule.exports = append(rule.exports, s)
		return nil
	})
	outs := map[string]string{}
	set.Func("o", "`NAME=FILE`: where to write the generated file of a name; repeatable", func(s string) error {
		name, file, ok := strings.Cut(s, "=")
		if !ok {
			return errors.New("expected NAME=FILE")
		}
		outs[name] = file
		return nil
	})
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() != 1 {
		return errors.New("expected one WIT package in binary form")
	}
	if strings.ContainsAny(*world, ":/@") { // names of files are made of it
		return fmt.Errorf("%s: world = %q: expected the name of a world of the package, without the package's", *target, *world)
	}
	wit, err := fileio.Read(set.Arg(0), os.Stdin)
	if err != nil {
		return err
	}
	if rule.importpath != "" {
		options = append(options, "package="+rule.importpath)
	}
	files, err := witbindgen.Generate(ctx, witbindgen.Language(*language), wit, *world, options...)
	if wrong := witbindgen.Error(""); errors.As(err, &wrong) {
		if missing := witworlds.Missing(*world, map[string][]byte{"package.wasm": wit}); missing != "" {
			return fmt.Errorf("%s: %s", *target, missing)
		}
		return fmt.Errorf("%s: world = %q: %s", *target, *world, rustError(string(wrong)))
	}
	if err != nil {
		return err
	}
	switch witbindgen.Language(*language) {
	case witbindgen.Go:
		rule.target = *target
		if files, err = rule.files(files); err != nil {
			return fmt.Errorf("%s: %w", *target, err)
		}
	case witbindgen.Rust:
		for i := range files {
			files[i] = rustModule(files[i], *target, *world)
		}
	}
	for _, f := range files {
		if outs[f.Name] == "" {
			return fmt.Errorf("%s: %s is generated, and there is no -o for it", *target, f.Name)
		}
	}
	if len(outs) != len(files) {
		return fmt.Errorf("%s: there are %d -o for %d files", *target, len(outs), len(files))
	}
	for _, f := range files {
		if err := fileio.Write(outs[f.Name], f.Content, os.Stdout); err != nil {
			return err
		}
	}
	return nil
}
