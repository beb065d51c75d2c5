package wasmrun

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
)

// fakeServer answers with the content of the file that it is to serve, and what it knows of the request. A file "end" ends it.
func fakeServer(args []string) {
	text, err := os.ReadFile(args[len(args)-1])
	if err != nil || string(text) == "end" {
		fmt.Fprintln(os.Stderr, "no such component", err)
		os.Exit(1)
	}
	l, err := net.Listen("tcp", args[slices.Index(args, "--addr")+1])
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(os.Stderr, "Serving HTTP on http://%s/\n", l.Addr())
	n := 0
	panic(http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/break" {
			panic(http.ErrAbortHandler)
		}
		body, _ := io.ReadAll(r.Body)
		n++
		if r.URL.Path == "/header" {
			w.Header().Set("Kind", string(text))
			return
		}
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, "%s%d %s %s %s %v", text, n, r.Method, r.RequestURI, body, args[2:len(args)-1])
	})))
}

func TestServer(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "server")); err != nil {
		t.Fatal(err)
	}
	put(t, "same", dir, "fused")
	put(t, "same", dir, "composed")
	put(t, "other", dir, "other")
	put(t, "end", dir, "broken")
	for _, c := range []struct {
		name   string
		target target
		want   string // of the error
	}{
		{"same", target{Component: "fused", Test: &spec{Composed: "composed", Requests: []string{"GET /", "POST /a?b=c hello you", "HEAD /away", "GET /header"},
			Expected: []string{"202 same1 GET /  [-S cli=y --env A=1]", "202 same2 POST /a?b=c hello you [-S cli=y --env A=1]", "302 ", "200 "}}}, ""},
		{"machine code", target{Component: "fused", Precompiled: true, Test: &spec{Requests: []string{"GET /"},
			Expected: []string{"202 same1 GET /  [-S cli=y --allow-precompiled --env A=1]"}}}, ""},
		{"unexpected", target{Component: "fused", Test: &spec{Requests: []string{"GET /"}, Expected: []string{"200 x"}}}, `GET / = "202 same1 GET /  [-S cli=y --env A=1]"; expected "200 x"`},
		{"another body", target{Component: "fused", Test: &spec{Composed: "other", Requests: []string{"GET /"}}}, `GET /: fused "202 same1`},
		{"another header", target{Component: "fused", Test: &spec{Composed: "other", Requests: []string{"GET /header"}}}, `headers "Content-Length: 0\nKind: same", composed`},
		{"no method", target{Component: "fused", Test: &spec{Requests: []string{"/a"}}}, `requests: request "/a": it is not METHOD /PATH`},
		{"no path", target{Component: "fused", Test: &spec{Requests: []string{"GET a"}}}, `requests: request "GET a": it is not METHOD /PATH`},
		{"broken", target{Component: "broken", Test: &spec{Requests: []string{"GET /"}}}, "component: server: it has ended:\nno such component"},
		{"broken composition", target{Component: "fused", Test: &spec{Composed: "broken", Requests: []string{"GET /"}}}, "composed: server: it has ended:\nno such component"},
		{"no answer", target{Component: "fused", Test: &spec{Requests: []string{"GET /break"}}}, "component: request \"GET /break\": "},
	} {
		c.target.files, c.target.Test.Server = runfiles{folders: []string{dir}}, "server"
		err := c.target.test(nil, &runner.WASI{Env: [][2]string{{"A", "1"}}}, nil)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want) && !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
