package wasmrun

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// compiler is a program whose engine writes down how it was called.
func compiler() *Program {
	return &Program{Name: "wasmrun", Check: fusecore.CheckComponent, Precompile: func(wasm []byte, target string, extensions []string) ([]byte, error) {
		if len(wasm) > 8 {
			return nil, errors.New("refused")
		}
		return fmt.Appendf(nil, "%s %v", target, extensions), nil
	}}
}

func TestCompile(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, content := range map[string]string{"core.wasm": coreModule, "bad.wasm": coreModule + "x", "text.wasm": "(component)"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct{ args, want, message string }{
		{"-o out core.wasm", " []", ""},
		{"--target=x86_64-unknown-linux-gnu -o out core.wasm", "x86_64-unknown-linux-gnu []", ""},
		{"--target riscv64 -C cranelift-has_avx2,cranelift-has_fma=y -C cranelift-has_lzcnt -o out core.wasm", "riscv64 [has_avx2 has_fma has_lzcnt]", ""},
		{"core.wasm", "", "expected a file, and the output with -o"},
		{"-o out", "", "expected a file, and the output with -o"},
		{"-C inlining=y -o out core.wasm", "", "wasmtime's own command has further options"},
		{"-C cranelift-has_avx2=n -o out core.wasm", "", "to turn on an extension"},
		{"-o out missing.wasm", "", "cannot read missing.wasm"},
		{"-o out text.wasm", "", "text.wasm: this is the text format of a component"},
		{"-o out bad.wasm", "", "bad.wasm: refused"},
	} {
		os.Remove("out")
		err := compiler().compile(strings.Fields(x.args))
		got, _ := os.ReadFile("out")
		switch {
		case x.message == "" && (err != nil || string(got) != x.want):
			t.Errorf("%s: %q, %v", x.args, got, err)
		case x.message != "" && (err == nil || !strings.Contains(err.Error(), x.message) || got != nil):
			t.Errorf("%s: %q, %v", x.args, got, err)
		}
	}
	without := compiler()
	without.Precompile = nil
	if err := without.compile([]string{"-o", filepath.Join(t.TempDir(), "out"), "core.wasm"}); err == nil || !strings.Contains(err.Error(), "keeps no machine code") {
		t.Error(err)
	}
}
