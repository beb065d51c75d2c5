package fileio

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// interrupted names the folder in which a process of this test is interrupted while it writes a file.
const interrupted = "FILEIO_TEST_INTERRUPTED"

func TestMain(m *testing.M) {
	if dir := os.Getenv(interrupted); dir != "" {
		g := removeOnSignal(filepath.Join(dir, tempName()))
		f, err := g.create()
		if err == nil {
			_, err = f.WriteString("half of it")
		}
		if err != nil {
			panic(err)
		}
		g.signals <- os.Interrupt
		time.Sleep(time.Minute)
	}
	os.Exit(m.Run())
}

// TestInterrupted checks that an interrupt removes the temporary file, which is open then.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), interrupted+"="+dir)
	out, err := cmd.CombinedOutput()
	if !errors.As(err, new(*exec.ExitError)) || strings.Contains(string(out), "panic") {
		t.Errorf("the process ended with %v, %s", err, out)
	}
	only(t, dir)
}

// TestWrite checks what holds on all platforms.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "f")
	for _, text := range []string{"a new file", "over it", ""} {
		if err := Write(name, []byte(text), nil); err != nil || content(t, name) != text {
			t.Errorf("%q: %v, the file has %q", text, err, content(t, name))
		}
	}
	// Windows does not rename over a file that somebody reads.
	reader, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(name, []byte("over an open one"), nil); err != nil || content(t, name) != "over an open one" {
		t.Errorf("over an open file: %v, the file has %q", err, content(t, name))
	}
	reader.Close()
	if err := Write(os.DevNull, []byte("nothing"), nil); err != nil {
		t.Errorf("to the null device: %v", err)
	}
	if err := Write(dir, nil, nil); !errors.Is(err, errFolder) {
		t.Errorf("over a folder: %v", err)
	}
	if err := Write(filepath.Join(dir, "no", "f"), nil, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a folder: %v", err)
	}
	only(t, dir, "f")
}

// TestWhole checks that those who read a file while it is replaced get one content or the other.
func TestWhole(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "f")
	texts := []string{strings.Repeat("a", 1<<20), strings.Repeat("b", 1<<19)}
	if err := Write(name, []byte(texts[0]), nil); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	wrong := make(chan string, 1)
	go func() {
		defer close(wrong)
		for {
			select {
			case <-stop:
				return
			default:
			}
			got, err := os.ReadFile(name)
			if err == nil && string(got) != texts[0] && string(got) != texts[1] {
				wrong <- "a reader gets a part"
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	for i := range 50 {
		if err := Write(name, []byte(texts[i%2]), nil); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	for text := range wrong {
		t.Error(text)
	}
	only(t, dir, "f")
}

func TestArgs(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"after":  "'a'b\n",
		"crlf":   "fuse\r\nx",
		"empty":  "",
		"half":   `'a'\'`,
		"lines":  "fuse\n-o\na b.wasm\n\n@more\n",
		"open":   "fuse\n'a\n",
		"quoted": "fuse\n'a b'\n'it'\\''s\nhere'\r\n''\nx'y\n''\\'''\n'end'",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stdin, err := os.Open("crlf")
	if err != nil {
		t.Fatal(err)
	}
	defer func(old *os.File) { os.Stdin = old }(os.Stdin)
	defer stdin.Close()
	os.Stdin = stdin
	for _, c := range []struct{ given, want []string }{
		{[]string{"@lines"}, []string{"fuse", "-o", "a b.wasm", "", "@more"}},
		{[]string{"@crlf"}, []string{"fuse", "x"}},
		{[]string{"@empty"}, []string{}},
		{[]string{"@quoted"}, []string{"fuse", "a b", "it's\nhere", "", "x'y", "'", "end"}},
		{[]string{"lines"}, []string{"lines"}},
		{[]string{"@"}, []string{"@"}},
		{[]string{"@-"}, []string{"fuse", "x"}},
		{[]string{"--label", "@lines"}, []string{"--label", "@lines"}},
		{nil, nil},
	} {
		if got, err := Args(c.given); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q stands for %q, %v; want %q", c.given, got, err, c.want)
		}
	}
	for name, number := range map[string]int{"open": 2, "after": 1, "half": 1} {
		want := fmt.Sprintf("%s: argument %d begins with an apostrophe: ", name, number)
		if got, err := Args([]string{"@" + name}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("@%s stands for %q, %v; want an error %q", name, got, err, want)
		}
	}
	if _, err := Args([]string{"@none"}); err == nil || !strings.HasPrefix(err.Error(), "cannot read none: ") {
		t.Errorf("a file that does not exist: %v", err)
	}
}

func content(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// only checks that a folder contains exactly these files, so that nothing was left behind.
func only(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}
