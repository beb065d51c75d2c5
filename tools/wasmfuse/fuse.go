// This file implements the command fuse.

package main

import (
	"encoding"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
	"github.com/wasmfuse/rules_wasm_fuse/tools/wasmfuse/internal/reporting"
)

// fuseFlags are the flags of fuse.
type fuseFlags struct {
	linkFlags
	emit, abi, memory, reserve, require string
	wasi                                string
	leave                               []string
	noNetwork                           bool
	noSIMD                              bool
	reports                             []string
	optimize, strip, dwarf              string
	noShake                             bool
	provenance                          bool
	sbom                                string
}

// oneModule is the only value of --require.
const oneModule = "one-module"

func (f *fuseFlags) add(cmd *cobra.Command) {
	f.linkFlags.add(cmd)
	f.addOptions(cmd)
}

// addOptions adds the flags that say what is made of the graph.
func (f *fuseFlags) addOptions(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.emit, "emit", "component", "`FORM` of the output: component, or module (a bare core module, for engines without support for components)")
	flags.StringVar(&f.wasi, "wasi", "host", "`WHO` supplies imports of WASI 0.2: host, or preview1 (code in a bare module, by the functions of wasi_snapshot_preview1)")
	flags.BoolVar(&f.noNetwork, "no-network", false, "let --wasi also supply wasi:sockets, whose sockets cannot be created")
	flags.StringArrayVar(&f.leave, "leave", nil, "`INTERFACE` of WASI that stays imported with --wasi: wasi:cli/environment, or all of a package: wasi:sockets/*")
	flags.StringVar(&f.abi, "abi", "wit", "`NAMES` of a bare module's imports and exports: wit (as wasm-tools component new reads them), or cm32p2")
	flags.StringVar(&f.memory, "memory", "multi", "`MEMORIES` of the output: multi (those of the components), or single (one, of which each component has a part)")
	flags.StringVar(&f.reserve, "reserve", "", "limit `SIZE` of the growth of components' memories in a single one, as 16M, but for the topmost; without it they move others")
	flags.BoolVar(&f.noSIMD, "no-simd", false, "do not use vector instructions in generated code")
	flags.StringVar(&f.optimize, "optimize", "speed", "`GOAL` that the output is optimised for: speed, size, or none; all behave the same")
	flags.BoolVar(&f.noShake, "no-shake", false, "keep functions, data and the like of the components that nothing can reach")
	flags.StringVar(&f.strip, "strip", "none", "`WHAT` to leave out of the output: none, names, or all (names and all other custom sections, but those with a bare module's world)")
	flags.BoolVar(&f.provenance, "provenance", false, "add a custom section that says what the output was made of, for wasmfuse verify: digests of the inputs, options, and this version")
	flags.StringVar(&f.dwarf, "dwarf", "strip", "`WHAT` becomes of debug information: strip (leave it out), or keep (make that of the output of it, for backtraces with files and lines)")
	flags.StringVar(&f.require, "require", "", "`WHAT` the output must be, or the command fails: "+oneModule+" (nothing stays composed)")
	flags.StringArrayVar(&f.reports, "report", nil, "`FILE` for a report, as FILE.json, FILE.html or FILE.txt, or - for JSON on standard output: what was fused, what each call between components does, and why")
	completeValues(cmd, "emit", "component", "module")
	completeValues(cmd, "wasi", "host", "preview1")
	completeValues(cmd, "abi", "wit", "cm32p2")
	completeValues(cmd, "memory", "multi", "single")
	completeValues(cmd, "optimize", "speed", "size", "none")
	completeValues(cmd, "strip", "none", "names", "all")
	completeValues(cmd, "dwarf", "keep", "strip")
	completeValues(cmd, "require", oneModule)
	flags.StringVar(&f.sbom, "sbom", "", "`FILE` for a bill of materials in JSON, as CycloneDX 1.6, or - for standard output: what the output was made of")
	completeFiles(cmd, "report", "json", "html", "txt")
	completeFiles(cmd, "sbom", "json")
}

// options returns the options that the flags set.
func (f *fuseFlags) options() (o fusecore.FuseOptions, err error) {
	o = fusecore.FuseOptions{SkipBodyValidation: f.trust, NoShake: f.noShake, Attributes: f.attributes(), OneModule: f.require == oneModule, Imports: f.allowed(), Details: len(f.reports) > 0}
	if f.noSIMD {
		o.Features = fusecore.Baseline
	}
	o.Version, o.Provenance = version, f.provenance
	o.Leave, o.NoNetwork = f.leave, f.noNetwork
	for _, flag := range []struct {
		value encoding.TextUnmarshaler
		text  string
		wrong string // the message about another text, without a hint
	}{
		{&o.Emit, f.emit, "--emit=%s: the forms of output are component and module"},
		{&o.WASI, f.wasi, "--wasi=%s: the values are host and preview1"},
		{&o.ABI, f.abi, "--abi=%s: the names are wit and cm32p2"},
		{&o.Memory, f.memory, "--memory=%s: the values are multi and single"},
		{&o.Optimize, f.optimize, "--optimize=%s: the values are speed, size and none" + optimizeHint(f.optimize)},
		{&o.Strip, f.strip, "--strip=%s: the values are none, names and all"},
		{&o.DWARF, f.dwarf, "--dwarf=%s: the values are keep and strip"},
	} {
		if flag.value.UnmarshalText([]byte(flag.text)) != nil {
			return o, usageError{fmt.Errorf(flag.wrong, flag.text)}
		}
	}
	if f.reserve != "" {
		var ok bool
		if o.Reserve, ok = parseSize(f.reserve); !ok {
			return o, usageError{fmt.Errorf("--reserve=%s is not a size from 64K to 4095M, as 16M", f.reserve)}
		}
	}
	for _, file := range f.reports {
		if _, err := reporting.FormatOf(file); err != nil {
			return o, usageError{fmt.Errorf("--report: %w", err)}
		}
	}
	switch {
	case o.Reserve != 0 && o.Memory != fusecore.SingleMemory:
		err = usageError{errors.New("--reserve is about a single memory: set --memory=single, too")}
	case o.ABI != fusecore.WITNames && o.Emit != fusecore.EmitModule:
		err = usageError{fmt.Errorf("--abi=%s names the imports and exports of a bare module: set --emit=module, too", f.abi)}
	case o.WASI != fusecore.ImportWASI && o.Emit != fusecore.EmitModule:
		err = usageError{fmt.Errorf("--wasi=%s is for bare modules: set --emit=module, too", f.wasi)}
	case o.NoNetwork && o.WASI == fusecore.ImportWASI:
		err = usageError{errors.New("--no-network is about what --wasi supplies: set --wasi=preview1, too")}
	case len(o.Leave) > 0 && o.WASI == fusecore.ImportWASI:
		err = usageError{errors.New("--leave names interfaces that --wasi would supply, but without it all stay imported: set --wasi=preview1, too")}
	case o.DWARF == fusecore.KeepDWARF && o.Strip == fusecore.StripAll:
		err = usageError{errors.New("--strip=all leaves out debug information, and --dwarf=keep keeps it: remove one of them, or set --strip=names")}
	case f.require != "" && !o.OneModule:
		err = usageError{fmt.Errorf("--require=%s: what can be required is %s", f.require, oneModule)}
	case slices.Contains(f.reports, fileio.Std) && f.output == fileio.Std:
		err = usageError{errors.New("the output and the report cannot both go to standard output: set a file with --report")}
	case f.sbom == fileio.Std && (f.output == fileio.Std || slices.Contains(f.reports, fileio.Std)):
		err = usageError{errors.New("only one of the output, the report and the bill of materials can go to standard output: set a file with --sbom")}
	}
	return o, err
}

// optimizeHint returns advice for a level of wasm-opt, with which --optimize may be confused.
func optimizeHint(level string) string {
	if len(level) == 2 && level[0] == 'O' {
		return "; for wasm-opt -" + level + ", hand out the core module with wasmfuse extract, and take it back with wasmfuse replace"
	}
	return ""
}

// parseSize parses a number of bytes with an optional unit: K, M or G.
func parseSize(text string) (uint64, bool) {
	unit := uint64(1)
	if n := len(text); n > 0 {
		if shift := strings.IndexByte("KMG", text[n-1]); shift >= 0 {
			unit, text = 1<<(10*(shift+1)), text[:n-1]
		}
	}
	n, err := strconv.ParseUint(text, 10, 32)
	return n * unit, err == nil && n*unit >= 64<<10 && n*unit <= 4095<<20
}

// writeReports writes the report to its files.
func (f *fuseFlags) writeReports(std streams, r *fusecore.Report) error {
	for _, file := range f.reports {
		format, err := reporting.FormatOf(file)
		if err != nil {
			return err
		}
		text, err := reporting.Write(r, format)
		if err != nil {
			return err
		}
		if err := fileio.Write(file, text, std.out); err != nil {
			return err
		}
	}
	return nil
}

// say says in one line what was fused. Builds are told only what stays composed.
func (f *fuseFlags) say(std streams, p *product) {
	r := p.Report
	if f.attributes() && r.OneModule() {
		return
	}
	text := r.Outcome() + p.sizes()
	if remarks := r.Remarks(); remarks != "" {
		text += "; " + remarks
	}
	std.log.done(text, append(p.fields(f.output), slog.Int("components", r.Components), slog.Int("fused", r.Fused), slog.Int("modules", r.Modules),
		slog.Any("reasons", append([]string{}, r.Reasons()...)))...)
}

// sayMore says what --verbose shows: the components of each module, and what the host has to supply.
func sayMore(std streams, r *fusecore.Report) {
	for i, d := range r.Domains {
		var names []string
		for _, c := range d.Members {
			names = append(names, c.String())
		}
		std.log.detail(fmt.Sprintf("module %d: %s", i+1, strings.Join(names, ", ")), slog.Int("module", i+1), slog.Any("members", names))
	}
	if r.Details == nil {
		return
	}
	users := map[string][]string{} // of each interface, in the order of the output
	var order []string
	for _, im := range r.Details.Imports {
		name, _, _ := strings.Cut(im.Name, "#")
		if users[name] == nil {
			order = append(order, name)
			users[name] = []string{}
		}
		for _, u := range im.Users {
			if c := u.String(); !slices.Contains(users[name], c) {
				users[name] = append(users[name], c)
			}
		}
	}
	for _, name := range order {
		std.log.detail(fmt.Sprintf("left to the host: %s, for %s", name, strings.Join(users[name], ", ")), slog.String("import", name), slog.Any("importers", users[name]))
	}
}

func fuseCommand(std streams) *cobra.Command {
	var f fuseFlags
	cmd := &cobra.Command{
		Use:   "fuse ROOT.wasm [DEP.wasm...] -o OUT.wasm",
		Short: "Link components and fuse them into one core module",
		Long: `Link ROOT with its dependencies and fuse them into a component around one core module. The output behaves like the
un-fused composition, and has the exports of ROOT. Imports that no dependency supplies remain imports of the output.
What cannot be fused without a difference stays composed. One line on standard error says what, and why.
With --wac, a document says which components are instantiated, how they are linked and what is exported.
The file name - means standard input.`,
		Example: `  wasmfuse fuse app.wasm calc.wasm -o fused.wasm

  # a bare core module, for an engine without components and with one memory
  wasmfuse fuse app.wasm calc.wasm --emit=module --memory=single -o fused.core.wasm

  # fail if something stays composed, or is left over for the host
  wasmfuse fuse app.wasm calc.wasm --require=one-module --imports='wasi:*' -o fused.wasm

  # wire what names do not: here, another version
  wasmfuse fuse app-two.wasm calc.wasm --plug app-two:demo:calc/api@2.1.0=calc:demo:calc/api@1.2.0 -o fused.wasm

  # in a pipe
  cat app.wasm | wasmfuse fuse - calc.wasm -o - > fused.wasm`,
		ValidArgsFunction: wasmFiles(-1),
		Args:              f.inputs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.checkOutput(); err != nil {
				return err
			}
			plugs, err := f.parsePlugs(args)
			if err != nil {
				return err
			}
			o, err := f.options()
			if err != nil {
				return err
			}
			std, line := std.withLine()
			defer line.clear()
			o.Details = o.Details || std.log.verbose
			o.Progress = line.enter
			out, err := f.produce(std, line, args, plugs, func(g fusecore.Graph) (*fusecore.Result, error) {
				out, err := fusecore.Fuse(cmd.Context(), g, o)
				if err == nil && len(f.reports) > 0 {
					line.clear() // the report may go to the same terminal
					out.Report.Provenance = fusecore.NewProvenance(g, o)
					err = f.writeReports(std, out.Report)
				}
				if err == nil && f.sbom != "" {
					line.clear()
					err = f.writeSBOM(std, g, o, out)
				}
				return out, err
			})
			if err == nil {
				sayMore(std, out.Report)
				f.say(std, out)
			}
			return err
		},
	}
	f.add(cmd)
	return cmd
}
