// This file implements what fuse and compose share: the graph on the command line, and its output; and the command compose.

package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
	"github.com/wasmfuse/rules_wasm_fuse/tools/wasmfuse/internal/reporting"
)

// linkFlags are the flags that fuse and compose share.
type linkFlags struct {
	output  string
	plugs   []string
	names   []string
	labels  []string
	supply  []string
	imports []string
	wac     string
	trust   bool
}

func (f *linkFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "`FILE` to write (required), or - for standard output; written only if everything succeeds")
	completeFiles(cmd, "output", "wasm")
	f.addGraph(cmd)
}

// addGraph adds the flags that say what is linked, and how.
func (f *linkFlags) addGraph(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.plugs, "plug", nil,
		"wire an import explicitly, by a `WIRING` IMPORTER:IMPORT=PROVIDER[:EXPORT]; IMPORTER and PROVIDER are names given by --name, or files: the path, its base name, or its base name without extension")
	flags.StringArrayVar(&f.names, "name", nil,
		"name an input, for wirings, messages and inside the output: `NAME=FILE`, with FILE as in the arguments; a file with several names is instantiated once for each")
	// For build rules, so that messages name targets and attributes.
	flags.StringArrayVar(&f.labels, "label", nil, "name an input in messages: `LABEL=FILE`")
	if err := flags.MarkHidden("label"); err != nil {
		panic(err)
	}
	flags.StringArrayVar(&f.supply, "supply", nil, supplyHelp)
	flags.StringVar(&f.wac, "wac", "", wacHelp)
	flags.StringArrayVar(&f.imports, "imports", nil,
		"allow only imports of the output with a `PATTERN`, given several times or as --imports= for none: wasi:*, ns:pkg, ns:pkg/iface, or a plain name; @ and a version or track such as 0.2 may follow")
	flags.BoolVar(&f.trust, "trust-code", false, "do not validate the function bodies of the inputs")
	completeFiles(cmd, "wac", "wac")
}

// attributes reports whether a build rule runs the command, as only rules give labels. Messages then advise attributes,
// and success is silent.
func (f *linkFlags) attributes() bool { return len(f.labels) > 0 }

// allowed returns the patterns of --imports, or nil if the flag is not given. An empty one allows nothing.
func (f *linkFlags) allowed() []string {
	if f.imports == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(f.imports), func(s string) bool { return s == "" })
}

// checkOutput checks that there is an output file.
func (f *linkFlags) checkOutput() error {
	if f.output == "" {
		return usageError{errors.New("no output file: set one with -o, or -o - for standard output")}
	}
	return nil
}

// parsePlugs checks the flags against the names of the input files.
func (f *linkFlags) parsePlugs(files []string) (plugs []fusecore.Plug, err error) {
	for _, p := range f.plugs {
		plug, err := parsePlug(p, files)
		if err != nil {
			return nil, usageError{err}
		}
		plugs = append(plugs, plug)
	}
	return plugs, nil
}

// parsePlug parses IMPORTER:IMPORT=PROVIDER[:EXPORT]. Import names contain colons, and file names may contain any
// character: the importer is the longest file that the text begins with, or else the text before the first colon.
func parsePlug(s string, files []string) (p fusecore.Plug, err error) {
	component := func(s string) (name, rest string) {
		for _, f := range files {
			if r, ok := strings.CutPrefix(s, f); ok && (r == "" || r[0] == ':') && len(f) > len(name) {
				name, rest = f, strings.TrimPrefix(r, ":")
			}
		}
		if name == "" {
			name, rest, _ = strings.Cut(s, ":")
		}
		return name, rest
	}
	var right string
	ok := false
	p.Importer, right = component(s)
	p.Import, right, ok = strings.Cut(right, "=")
	p.Provider, p.Export = component(right)
	if !ok || p.Importer == "" || strings.Contains(p.Importer, "=") && !slices.Contains(files, p.Importer) || p.Import == "" || p.Provider == "" {
		return p, fmt.Errorf("--plug %q is not IMPORTER:IMPORT=PROVIDER[:EXPORT]", s)
	}
	if p.Export == "" {
		p.Export = p.Import
	}
	for _, name := range []*string{&p.Importer, &p.Provider} {
		if *name == fileio.Std {
			*name = stdin
		}
	}
	return p, nil
}

// parseNames parses the NAME=FILE values of a flag, and returns the names by file, in order.
func parseNames(flag string, given, files []string) (map[string][]string, error) {
	names := map[string][]string{}
	for _, s := range given {
		name, file := "", ""
		// Either may contain "=", so look for one of the inputs.
		for _, f := range files {
			if n, ok := strings.CutSuffix(s, "="+f); ok && len(f) > len(file) {
				name, file = n, f
			}
		}
		if file == "" {
			if _, file, _ = strings.Cut(s, "="); file != "" {
				return nil, fmt.Errorf("%s %s: %s is not among the inputs", flag, s, file)
			}
		}
		if name == "" {
			return nil, fmt.Errorf("%s %q is not NAME=FILE", flag, s)
		}
		for other, taken := range names {
			if slices.Contains(taken, name) {
				return nil, fmt.Errorf("%s %s: %s is already the name of %s; use a different name for each input", flag, s, name, other)
			}
		}
		names[file] = append(names[file], name)
	}
	return names, nil
}

// parseLabels parses --label flags, and returns the labels by file.
func (f *linkFlags) parseLabels(files []string) (map[string][]string, error) {
	labels, err := parseNames("--label", f.labels, files)
	for file, l := range labels {
		if len(l) > 1 {
			err = fmt.Errorf("--label %s=%s: %s already has a label", l[1], file, file)
		}
	}
	return labels, err
}

func composeCommand(std streams) *cobra.Command {
	var f linkFlags
	cmd := &cobra.Command{
		Use:   "compose ROOT.wasm DEP.wasm... -o OUT.wasm",
		Short: "Link components into one ordinary component, without fusing",
		Long: `Link ROOT with its dependencies into one ordinary component, without fusing. The output is the composition of what
fuse would fuse. With --wac, a document says which components are instantiated, how they are linked and what is
exported. The file name - means standard input.`,
		Example:           `  wasmfuse compose app.wasm calc.wasm -o composed.wasm`,
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
			std, line := std.withLine()
			defer line.clear()
			o := fusecore.ComposeOptions{Imports: f.allowed(), SkipBodyValidation: f.trust, Attributes: f.attributes(), Progress: line.enter}
			out, err := f.produce(std, line, args, plugs, func(g fusecore.Graph) (*fusecore.Result, error) { return fusecore.Compose(cmd.Context(), g, o) })
			if err == nil && !f.attributes() {
				std.log.done("composed "+plural(out.files, "file")+out.sizes(), out.fields(f.output)...)
			}
			return err
		},
	}
	f.add(cmd)
	return cmd
}

// product is an output that was written.
type product struct {
	*fusecore.Result
	files         int   // that were read
	read, written int64 // bytes
}

// sizes returns the sizes as the end of a message.
func (p *product) sizes() string {
	return fmt.Sprintf(": %s (inputs %s)", reporting.Size(p.written), reporting.Size(p.read))
}

// fields returns the sizes for programs.
func (p *product) fields(output string) []slog.Attr {
	return []slog.Attr{slog.String("output", output), slog.Int64("inputBytes", p.read), slog.Int64("outputBytes", p.written)}
}

// produce reads the inputs, makes the output and writes it.
func (f *linkFlags) produce(std streams, line *progressLine, files []string, plugs []fusecore.Plug, make func(fusecore.Graph) (*fusecore.Result, error)) (*product, error) {
	g, err := f.graph(std, files)
	if err != nil {
		return nil, err
	}
	g.Plugs = plugs
	p := &product{}
	seen := map[string]bool{"": true} // a document needs no root
	for _, in := range append([]fusecore.Input{g.Root}, g.Deps...) {
		if !seen[in.File] { // one file may be several inputs
			seen[in.File] = true
			p.files++
			p.read += int64(len(in.Bytes))
		}
	}
	collectAfter(int(p.read))
	if p.Result, err = make(g); err != nil {
		return nil, err
	}
	for _, w := range p.Warnings {
		std.log.warn(w)
	}
	line.enter(writing)
	p.written, err = std.write(f.output, p.Result)
	return p, err
}

// graph checks the inputs on the command line and reads them.
func (f *linkFlags) graph(std streams, files []string) (g fusecore.Graph, err error) {
	if f.wac != "" {
		return f.document(std, files)
	}
	p := supplyParser{files: files, names: f.names}
	supplies, err := p.parse(f.supply)
	if err != nil {
		return g, usageError{err}
	}
	public := len(files)
	files = p.inputs()
	names, err := parseNames("--name", f.names, files)
	if err != nil {
		return g, usageError{err}
	}
	labels, err := f.parseLabels(files)
	if err != nil {
		return g, usageError{err}
	}
	if err := f.checkStreams(std, files); err != nil {
		return g, err
	}
	first := func(file string) string {
		if n := names[file]; len(n) > 0 {
			return n[0]
		}
		if file == fileio.Std {
			return stdin
		}
		return file
	}
	for _, s := range supplies {
		g.Supplies = append(g.Supplies, fusecore.Supply{Importer: first(s.Importer), Provider: first(s.Provider)})
	}
	var all []fusecore.Input
	for i, file := range files {
		named := slices.Contains(files[:i], file) && len(names[file]) > 0
		if n := count(files[:i], file); named && n < len(names[file]) {
			continue // one of its names is this mention of the file
		}
		input, err := readInput(std, file)
		if err != nil {
			return g, err
		}
		input.Private = i >= public
		if label, ok := labels[file]; ok {
			input.Label = label[0]
		}
		if named || len(names[file]) == 0 {
			all = append(all, input)
			continue
		}
		for _, name := range names[file] {
			instance := input
			instance.Name = name
			instance.Label += " (" + name + ")"
			all = append(all, instance)
		}
	}
	g.Root, g.Deps = all[0], all[1:]
	return g, nil
}

// checkStreams checks that standard input is one input at most, and that the output does not go to a terminal.
func (f *linkFlags) checkStreams(std streams, files []string) error {
	if i := slices.Index(files, fileio.Std); i >= 0 && slices.Contains(files[i+1:], fileio.Std) {
		return usageError{errors.New("standard input is given twice: - can be one input only")}
	}
	if f.output == fileio.Std && fileio.IsTerminal(std.out) {
		return usageError{errors.New("the output is binary and would go to a terminal: redirect it, or set a file with -o")}
	}
	return nil
}

// count returns the number of times that a file is mentioned.
func count(files []string, file string) (n int) {
	for _, f := range files {
		if f == file {
			n++
		}
	}
	return n
}

// stdin is the default name of an input from standard input.
const stdin = "stdin"

// readInput reads one input.
func readInput(std streams, file string) (fusecore.Input, error) { return readLabelled(std, file, "") }

// addLabel adds the flag for the second argument of [readLabelled], which Bazel's rules set to the label of a target.
func addLabel(flags *pflag.FlagSet, label *string) {
	flags.StringVar(label, "label", "", "name of the file in messages")
	must(flags.MarkHidden("label"))
}

// readLabelled is like [readInput], of a file with a name in messages, if that is not "".
func readLabelled(std streams, file, label string) (fusecore.Input, error) {
	b, err := fileio.Read(file, std.in)
	in := fusecore.Input{Name: file, Label: file, File: file, Bytes: b}
	if file == fileio.Std {
		in.Name, in.Label = stdin, "standard input"
	}
	in.Label = cmp.Or(label, in.Label)
	if err == nil {
		std.log.detail(fmt.Sprintf("read %s: %s", in.Label, reporting.Size(len(b))), slog.String("file", in.Label), slog.Int("bytes", len(b)))
	}
	return in, err
}
