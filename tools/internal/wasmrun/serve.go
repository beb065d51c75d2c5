// This file implements tests of HTTP handlers, which wasmtime's own program serves.

package wasmrun

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
)

// answer is the response to a request.
type answer struct {
	text    string // the status and the body, as in `200 hello`
	headers string // in alphabetical order, one a line
}

// request is a request as a test states it: `GET /path`, or `POST /path BODY`.
type request struct{ method, path, body string }

func parseRequest(text string) (r request, err error) {
	var rest string
	r.method, rest, _ = strings.Cut(text, " ")
	r.path, r.body, _ = strings.Cut(rest, " ")
	if r.method == "" || !strings.HasPrefix(r.path, "/") {
		return r, fmt.Errorf("request %q: it is not METHOD /PATH, or METHOD /PATH BODY", text)
	}
	return r, nil
}

// served are the words by which the server reports its address.
var served = regexp.MustCompile(`Serving HTTP on (http://127\.0\.0\.1:[0-9]+)`)

// startTime limits how long the server takes to compile the component.
const startTime = 5 * time.Minute

// longestLine limits the lines of the server's log.
const longestLine = 1 << 20

// serve starts a server of a component, makes requests in their order, and stops the server.
func serve(server, file string, precompiled bool, env [][2]string, requests []string) (answers []answer, err error) {
	// Of the interfaces that programs have, servers are only given those of commands for this option.
	args := []string{"serve", "--addr", "127.0.0.1:0", "-S", "cli=y"}
	if precompiled {
		args = append(args, "--allow-precompiled")
	}
	for _, kv := range env {
		args = append(args, "--env", kv[0]+"="+kv[1])
	}
	cmd := exec.Command(server, append(args, file)...)
	said, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	address, log := make(chan string, 1), make(chan string, 1)
	go func() {
		all, found := &strings.Builder{}, false
		lines := bufio.NewScanner(said)
		for lines.Buffer(nil, longestLine); lines.Scan(); {
			fmt.Fprintln(all, lines.Text())
			if m := served.FindStringSubmatch(lines.Text()); m != nil && !found {
				found = true
				address <- m[1]
			}
		}
		log <- all.String()
	}()
	stop := func() string {
		_ = cmd.Process.Kill() // it may have ended
		all := <-log
		_ = cmd.Wait()
		return all
	}
	var base string
	select {
	case base = <-address:
	case all := <-log:
		log <- all
		return nil, fmt.Errorf("server: it has ended:\n%s", stop())
	case <-time.After(startTime):
		return nil, fmt.Errorf("server: it does not say that it serves after %v:\n%s", startTime, stop())
	}
	for _, text := range requests {
		a, err := ask(base, text)
		if err != nil {
			return nil, fmt.Errorf("%w\nThe server says:\n%s", err, stop())
		}
		answers = append(answers, a)
	}
	stop()
	return answers, nil
}

// client follows no redirections, and takes what the server sends as it is.
var client = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// ask makes a request.
func ask(base, text string) (a answer, err error) {
	r, err := parseRequest(text)
	if err != nil {
		return a, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), runner.DefaultTimeout)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, r.method, base+r.path, strings.NewReader(r.body))
	if err != nil {
		return a, fmt.Errorf("request %q: %w", text, err)
	}
	got, err := client.Do(q)
	if err != nil {
		return a, fmt.Errorf("request %q: %w", text, err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		return a, fmt.Errorf("request %q: %w", text, err)
	}
	var headers []string
	for name, values := range got.Header {
		if name != "Date" { // the server's
			headers = append(headers, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(headers)
	return answer{fmt.Sprintf("%d %s", got.StatusCode, body), strings.Join(headers, "\n")}, nil
}

// testServer runs a wasm_fuse_test of an HTTP handler.
func (t *target) testServer(wasi *runner.WASI) error {
	s := t.Test
	for _, text := range s.Requests {
		if _, err := parseRequest(text); err != nil {
			return fmt.Errorf("requests: %w", err)
		}
	}
	server, err := t.files.find(s.Server)
	if err != nil {
		return fmt.Errorf("server: %w", err)
	}
	play := func(file string, precompiled bool) ([]answer, error) {
		place, err := t.files.find(file)
		if err != nil {
			return nil, err
		}
		return serve(server, place, precompiled, wasi.Env, s.Requests)
	}
	got, err := play(t.Component, t.Precompiled)
	if err != nil {
		return fmt.Errorf("component: %w", err)
	}
	var failures []string
	for i, a := range got {
		fmt.Printf("%s = %s\n", s.Requests[i], a.text)
		if s.Expected != nil && a.text != s.Expected[i] {
			failures = append(failures, fmt.Sprintf("%s = %q; expected %q", s.Requests[i], a.text, s.Expected[i]))
		}
	}
	if s.Composed != "" {
		want, err := play(s.Composed, false)
		if err != nil {
			return fmt.Errorf("composed: %w", err)
		}
		for i, a := range got {
			if a != want[i] {
				failures = append(failures, fmt.Sprintf("%s: fused %q with headers %q, composed %q with headers %q",
					s.Requests[i], a.text, a.headers, want[i].text, want[i].headers))
			}
		}
	}
	if len(failures) > 0 {
		return errors.New(strings.Join(failures, "\n"))
	}
	return nil
}
