// This file implements the commands extract, replace and wasm-opt.

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/extract"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
	"github.com/wasmfuse/rules_wasm_fuse/tools/wasmfuse/internal/reporting"
)

// moduleFlags are the flags of the commands that concern a core module.
type moduleFlags struct{ output, module string }

func (f *moduleFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.output, "output", "o", "", "`FILE` to write (required), or - for standard output; written only if everything succeeds")
	flags.StringVar(&f.module, "module", "", "number `N` of the core module, or name of the component that contains the fused one, if there are several")
	completeFiles(cmd, "output", "wasm")
}

// check checks the flags.
func (f *moduleFlags) check(std streams) error {
	if f.output == "" {
		return usageError{errors.New("no output file: set one with -o, or -o - for standard output")}
	}
	if f.output == fileio.Std && fileio.IsTerminal(std.out) {
		return usageError{errors.New("the output is binary and would go to a terminal: redirect it, or set a file with -o")}
	}
	return nil
}

// choose returns the core module that the flags choose of those of a file.
func (f *moduleFlags) choose(file string, all []extract.Module) (*extract.Module, error) {
	var fused, named []*extract.Module
	for i := range all {
		m := &all[i]
		if f.module == strconv.Itoa(m.Number) {
			return m, nil
		}
		if m.Fused {
			fused = append(fused, m)
		}
		if m.Fused && f.module != "" && m.Component == f.module {
			named = append(named, m)
		}
	}
	switch {
	case len(named) == 1:
		return named[0], nil
	case f.module == "" && len(fused) == 1:
		return fused[0], nil
	case len(all) == 0:
		return nil, fmt.Errorf("%s: the component has no core module", file)
	case f.module != "":
		return nil, fmt.Errorf("%s: no core module is --module=%s; it has %s", file, f.module, moduleList(all))
	case len(fused) == 0:
		return nil, fmt.Errorf("%s: none of its core modules is a fused one; choose one with --module: %s", file, moduleList(all))
	}
	return nil, fmt.Errorf("%s has %d fused core modules; choose one with --module: %s", file, len(fused), pointerList(fused))
}

// maxListed is the number of core modules that a message lists.
const maxListed = 20

func moduleList(all []extract.Module) string {
	var list []*extract.Module
	for i := range all {
		list = append(list, &all[i])
	}
	return pointerList(list)
}

func pointerList(list []*extract.Module) string {
	var out []string
	for _, m := range list[:min(len(list), maxListed)] {
		out = append(out, m.String())
	}
	if more := len(list) - maxListed; more > 0 {
		out = append(out, fmt.Sprintf("%d more", more))
	}
	return strings.Join(out, ", ")
}

// readFile reads a file for package extract.
func readFile(std streams, file string) (extract.File, error) {
	in, err := readInput(std, file)
	return extract.File{Name: in.Label, Bytes: in.Bytes}, err
}

func extractCommand(std streams) *cobra.Command {
	var f moduleFlags
	cmd := &cobra.Command{
		Use:   "extract FUSED.wasm -o CORE.wasm",
		Short: "Hand out the fused core module of a component",
		Long: `Hand out the fused core module of a component, for a tool that rewrites core modules. The command replace takes it back.
CORE.wasm says in its section target_features what it uses: wasm-opt needs no --enable flags then, and uses no more.
The file name - means standard input.`,
		Example: `  wasmfuse extract fused.wasm -o core.wasm
  wasm-opt -O2 core.wasm -o core.opt.wasm
  wasmfuse replace fused.wasm core.opt.wasm -o out.wasm`,
		ValidArgsFunction: wasmFiles(1),
		Args:              exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(std); err != nil {
				return err
			}
			std, line := std.withLine()
			defer line.clear()
			file, err := readFile(std, args[0])
			if err != nil {
				return err
			}
			all, err := extract.Modules(cmd.Context(), file)
			if err != nil {
				return err
			}
			m, err := f.choose(file.Name, all)
			if err != nil {
				return err
			}
			line.enter(writing)
			n, err := std.write(f.output, m)
			if err == nil {
				std.log.done("extracted core module "+m.String(), slog.String("output", f.output), slog.Int64("outputBytes", n), slog.Int("coreModule", m.Number))
			}
			return err
		},
	}
	f.add(cmd)
	return cmd
}

func replaceCommand(std streams) *cobra.Command {
	var f moduleFlags
	cmd := &cobra.Command{
		Use:   "replace FUSED.wasm CORE.wasm -o OUT.wasm",
		Short: "Take back the core module that extract handed out of a component",
		Long: `Take back the core module that extract handed out of FUSED, after a tool has rewritten it. The module is validated. It
must have the exports of the one that it replaces, with the same types, and no other imports; that it does the same is
not checked. If FUSED is a core module, the output is CORE with the sections with FUSED's world, if CORE lacks them.
The file name - means standard input.`,
		Example:           `  wasmfuse extract fused.wasm -o - | wasmfuse replace fused.wasm - -o out.wasm`,
		ValidArgsFunction: wasmFiles(2),
		Args:              exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(std); err != nil {
				return err
			}
			if args[0] == fileio.Std && args[1] == fileio.Std {
				return usageError{errors.New("standard input is given twice: - can be one input only")}
			}
			std, line := std.withLine()
			defer line.clear()
			file, err := readFile(std, args[0])
			if err != nil {
				return err
			}
			core, err := readFile(std, args[1])
			if err != nil {
				return err
			}
			all, err := extract.Modules(cmd.Context(), file)
			if err != nil {
				return err
			}
			m, err := f.choose(file.Name, all)
			if err != nil {
				return err
			}
			line.enter(validating)
			out, err := extract.Replace(cmd.Context(), file, map[int]extract.File{m.Number: core})
			if err != nil {
				return err
			}
			line.enter(writing)
			return rewritten(std, "replaced core module "+m.String(), f.output, file, out)
		},
	}
	f.add(cmd)
	return cmd
}

func wasmOptCommand(std streams) *cobra.Command {
	var output, tool string
	cmd := &cobra.Command{
		Use:   "wasm-opt FUSED.wasm -o OUT.wasm [-- WASM-OPT-FLAG...]",
		Short: "Optimise the fused core modules of a component with binaryen's wasm-opt",
		Long: `Optimise all fused core modules of a component with binaryen's wasm-opt: extract, wasm-opt and replace in one command.
wasm-opt gets the flags behind --, by default -O2. With -g it keeps names, but not those of traps, which it inlines, and
debug information up to DWARF 4, with lines of what it has not inlined. It optimises such code less.`,
		Example:           `  wasmfuse wasm-opt fused.wasm -o out.wasm -- -Oz -g`,
		ValidArgsFunction: wasmFiles(1),
		Args: func(cmd *cobra.Command, args []string) error {
			if n := cmd.ArgsLenAtDash(); n != 1 && (n >= 0 || len(args) != 1) {
				return usageError{errors.New("expected 1 file; flags for wasm-opt follow --")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := (&moduleFlags{output: output}).check(std); err != nil {
				return err
			}
			flags := args[1:]
			if len(flags) == 0 {
				flags = []string{"-O2"}
			}
			file, err := readFile(std, args[0])
			if err != nil {
				return err
			}
			out, n, err := optimized(cmd.Context(), std, file, tool, flags)
			if err != nil {
				return err
			}
			return rewritten(std, "optimised "+plural(n, "core module"), output, file, out)
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; flags for wasm-opt follow --", err)}
	})
	flags := cmd.Flags()
	flags.StringVarP(&output, "output", "o", "", "`FILE` to write (required), or - for standard output; written only if everything succeeds")
	flags.StringVar(&tool, "tool", "wasm-opt", "the wasm-opt to run: a `FILE`, or a name on the PATH")
	completeFiles(cmd, "output", "wasm")
	return cmd
}

// rewritten writes an output that was made of a file, and says what was done.
func rewritten(std streams, what, output string, from extract.File, out *extract.Output) error {
	n, err := std.write(output, out)
	if err == nil {
		std.log.done(fmt.Sprintf("%s: %s (before %s)", what, reporting.Size(n), reporting.Size(len(from.Bytes))),
			slog.String("output", output), slog.Int("inputBytes", len(from.Bytes)), slog.Int64("outputBytes", n))
	}
	return err
}

// optDWARF is the highest version of debug information that wasm-opt rewrites. It aborts for others.
const optDWARF = 4

// keepsDebug reports whether wasm-opt rewrites debug information with a flag. Otherwise it leaves it as it is, with addresses of
// code that it has moved.
func keepsDebug(flag string) bool { return flag == "-g" || flag == "--debuginfo" }

// optimized returns a file with all fused core modules optimised by wasm-opt, and their number.
func optimized(ctx context.Context, std streams, file extract.File, tool string, flags []string) (*extract.Output, int, error) {
	path, err := exec.LookPath(tool)
	if wrapped := (*exec.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if err != nil {
		return nil, 0, fmt.Errorf("cannot run %s: %w; install binaryen, or name its wasm-opt with --tool", tool, err)
	}
	all, err := extract.Modules(ctx, file)
	if err != nil {
		return nil, 0, err
	}
	all = slices.DeleteFunc(all, func(m extract.Module) bool { return !m.Fused })
	dir, err := os.MkdirTemp("", "wasmfuse")
	if err != nil {
		return nil, 0, err
	}
	defer os.RemoveAll(dir)
	with := map[int]extract.File{}
	for i := range all {
		m := &all[i]
		if version := m.DWARF(); version > 0 && (!slices.ContainsFunc(flags, keepsDebug) || version > optDWARF) {
			if slices.ContainsFunc(flags, keepsDebug) {
				std.log.warn(fmt.Errorf("%s: core module %v: debug information is left out: it is in DWARF %d, and wasm-opt knows versions up to %d; build with -gdwarf-%[4]d",
					file.Name, m, version, optDWARF))
			}
			without := m.WithoutDebug()
			m = &without
		}
		in, out := filepath.Join(dir, "in.wasm"), filepath.Join(dir, "out.wasm")
		if err := fileio.WriteFrom(in, m, nil); err != nil {
			return nil, 0, err
		}
		run := exec.CommandContext(ctx, path, slices.Concat(flags, []string{in, "-o", out})...)
		run.Stdout, run.Stderr = std.err, std.err
		if err := run.Run(); err != nil {
			return nil, 0, fmt.Errorf("%s: wasm-opt %s failed for core module %v: %w", file.Name, strings.Join(flags, " "), m, err)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			return nil, 0, fmt.Errorf("%s: wasm-opt %s wrote no core module: %w", file.Name, strings.Join(flags, " "), err)
		}
		with[m.Number] = extract.File{Name: fmt.Sprintf("wasm-opt's output for core module %v", m), Bytes: b}
	}
	out, err := extract.Replace(ctx, file, with)
	return out, len(all), err
}
