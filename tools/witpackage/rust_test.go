package main

import (
	"io"
	"os"
	"strings"
	"testing"
)

const rustWIT = `package a:b;
interface slow { wait: async func(); }
interface flow { pass: func(s: stream<u8>); }
interface types { record point { x: u32 } }
world plain { import types; export run: func(); }
world slow-maker { export slow; }
world flow-user { import flow; }`

func TestRust(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("a.wit", []byte(rustWIT), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"-o=wit.wasm", "a.wit"}, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, args, part, err string
	}{
		{name: "plain", args: "-world=plain -o=plain.rs=own.rs"},
		{name: "asynchronous function", args: "-world=slow-maker -o=slow_maker.rs=own.rs",
			part: `compile_error!("//x:y: world = \"slow-maker\" has asynchronous functions`},
		{name: "stream", args: "-world=flow-user -o=flow_user.rs=own.rs", part: `compile_error!("//x:y: world = \"flow-user\" has `},
		{name: "remap", args: "-world=plain -option=with=a:b/type=x -o=plain.rs=own.rs",
			err: `//x:y: world = "plain": remap has what the world does not import: ["a:b/type"]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := append([]string{"-target=//x:y", "-language=rust"}, strings.Fields(c.args)...)
			err := bindings(t.Context(), append(args, "wit.wasm"), io.Discard)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, want one that contains %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile("own.rs")
			if err != nil {
				t.Fatal(err)
			}
			if has := strings.Contains(string(text), "compile_error!"); has != (c.part != "") || !strings.Contains(string(text), c.part) {
				t.Errorf("want %q in:\n%s", c.part, text)
			}
		})
	}
}
