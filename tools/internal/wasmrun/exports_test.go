package wasmrun

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
)

func TestSuggest(t *testing.T) {
	wasm, err := os.ReadFile("../../../examples/kv/provider-utf8.wasm")
	if err != nil {
		t.Fatal(err)
	}
	cause := errors.New("there is none")
	for call, want := range map[string]string{
		`demo:kv/store@0.1.0#gret("you")`: "The component exports demo:kv/store@0.1.0#greet, ",
		`revers([])`:                      "demo:kv/store@0.1.0#reverse",
	} {
		got := suggest(cause, wasm, call)
		if !errors.Is(got, cause) || !strings.Contains(got.Error(), want) {
			t.Errorf("%s: %v, want %q", call, got, want)
		}
	}
	if got := suggest(cause, wasm, `demo:kv/store@0.1.0#greet(1)`); got != cause {
		t.Errorf("for a function that exists: %v", got)
	}
	if got := suggest(cause, []byte("no component"), "f()"); got != cause {
		t.Errorf("for a file that is no component: %v", got)
	}
}

// TestMissing checks the advice about functions that the host does not have, and about what is not a command.
func TestMissing(t *testing.T) {
	wasm, err := os.ReadFile("../../../examples/kv/consumer-utf8.wasm")
	if err != nil {
		t.Fatal(err)
	}
	got := missing(wasm, nil)
	if !strings.Contains(got, "The host does not have demo:kv/store@0.1.0#") || !strings.Contains(got, `set host = {"demo:kv/store@0.1.0#`) {
		t.Errorf("a component that lacks a supplier: %q", got)
	}
	all := map[string]runner.HostFunc{}
	for _, name := range functions("", describe(wasm).Imports) {
		all[name] = func([]string) (string, error) { return "", nil }
	}
	if got := missing(wasm, all); got != "" {
		t.Errorf("a component whose host has everything: %q", got)
	}
	if got := missing([]byte("no component"), nil); got != "" {
		t.Errorf("no component: %q", got)
	}
	if got := noCommand(wasm).Error(); !strings.Contains(got, "it exports no wasi:cli/run@0.2, but run; ") {
		t.Errorf("a library as a command: %s", got)
	}
}

func TestMisspelt(t *testing.T) {
	imports := []string{"a:b/c#put", "a:b/c#get", "a:b/c#put"}
	if got := misspelt(map[string]string{"a:b/c#get": "1", "a:b/c#put": "", "a:b/other#f": ""}, imports); got != nil {
		t.Errorf("more than is imported: %q", got)
	}
	if got := misspelt(map[string]string{"a:b/c#get": "1"}, imports); got != nil {
		t.Errorf("less than is imported: %q", got)
	}
	want := "host: the component does not import a:b/c#gett, but a:b/c#get, a:b/c#put, which host does not have: correct the name, or remove it"
	if got := misspelt(map[string]string{"a:b/c#gett": "1"}, imports); len(got) != 1 || got[0] != want {
		t.Errorf("a misspelt name: %q", got)
	}
}

func TestShard(t *testing.T) {
	status := t.TempDir() + "/status"
	t.Setenv("TEST_SHARD_STATUS_FILE", status)
	t.Setenv("TEST_TOTAL_SHARDS", "3")
	for index, want := range map[string]bool{"0": true, "1": false, "2": false} {
		t.Setenv("TEST_SHARD_INDEX", index)
		got, err := shard()
		if err != nil || got != want {
			t.Errorf("shard %s: %v, %v", index, got, err)
		}
	}
	if _, err := os.Stat(status); err != nil {
		t.Errorf("the status file is missing: %v", err)
	}
	t.Setenv("TEST_SHARD_STATUS_FILE", "")
	t.Setenv("TEST_TOTAL_SHARDS", "")
	t.Setenv("TEST_SHARD_INDEX", "")
	if got, err := shard(); !got || err != nil {
		t.Errorf("without shards: %v, %v", got, err)
	}
}

func TestFilter(t *testing.T) {
	whole := spec{Calls: []string{"a#f()", "a#g()", "b#f()"}, Expected: []string{"1", "2", "3"}}
	for _, c := range []struct {
		filters  []string
		only     string
		expected string
		err      string
	}{
		{expected: "1 2 3"},
		{filters: []string{"a#"}, expected: "1 2"},
		{filters: []string{"b#", "g("}, expected: "2 3"},
		{only: "f()", expected: "1 3"},
		{filters: []string{"h"}, err: `no call contains "h"; the calls are a#f(), a#g(), b#f()`},
	} {
		t.Setenv("TESTBRIDGE_TEST_ONLY", c.only)
		s := whole
		err := s.filter(c.filters)
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%v: %v, want %q", c.filters, err, c.err)
			}
			continue
		}
		if got := strings.Join(s.Expected, " "); err != nil || got != c.expected || len(s.Calls) != len(s.Expected) {
			t.Errorf("%v %s: calls %v, expected %s, %v; want %s", c.filters, c.only, s.Calls, got, err, c.expected)
		}
	}
	server := spec{Requests: []string{"GET /a", "GET /b"}, Expected: []string{"200 a", "200 b"}}
	if err := server.filter([]string{"/c"}); err == nil || err.Error() != `no request contains "/c"; the requests are GET /a, GET /b` {
		t.Error(err)
	}
	if err := server.filter([]string{"/b"}); err != nil || len(server.Requests) != 1 || server.Expected[0] != "200 b" {
		t.Errorf("%v: %v", server, err)
	}
	command := spec{}
	if err := command.filter([]string{"x"}); err == nil {
		t.Error("a command has no calls to choose from, but there is no error")
	}
}
