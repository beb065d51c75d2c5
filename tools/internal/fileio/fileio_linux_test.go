package fileio

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func put(t *testing.T, name, text string, mode fs.FileMode) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestModes(t *testing.T) {
	for _, umask := range []int{0o022, 0o077, 0o002} {
		old := syscall.Umask(umask)
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, "new")
		err := Write(name, []byte("x"), nil)
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil || info.Mode() != 0o666&^fs.FileMode(umask) {
			t.Errorf("umask %o: a new file has mode %v, %v", umask, info.Mode(), err)
		}
		only(t, dir, "new")
	}
	for _, mode := range []fs.FileMode{0o600, 0o640, 0o755, 0o666} {
		dir := t.TempDir()
		name := put(t, filepath.Join(dir, "old"), "long content", mode)
		if err := Write(name, []byte("x"), nil); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil || info.Mode() != mode || content(t, name) != "x" {
			t.Errorf("a file of mode %v has mode %v and content %q, %v", mode, info.Mode(), content(t, name), err)
		}
		only(t, dir, "old")
	}
}

func TestLinks(t *testing.T) {
	for _, c := range []struct{ name, to string }{
		{"absolute", "/ABS/far/target"},
		{"relative", "../far/target"},
		{"of a link", "second"},
	} {
		for _, exists := range []bool{true, false} {
			dir := t.TempDir()
			near, far := filepath.Join(dir, "near"), filepath.Join(dir, "far")
			for _, d := range []string{near, far} {
				if err := os.Mkdir(d, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			target := filepath.Join(far, "target")
			if exists {
				put(t, target, "old", 0o640)
			}
			link := filepath.Join(near, "link")
			if err := errors.Join(os.Symlink(strings.Replace(c.to, "/ABS", dir, 1), link), os.Symlink("../far/target", filepath.Join(near, "second"))); err != nil {
				t.Fatal(err)
			}
			// The folder that contains the link is reached through a link as well.
			if err := os.Symlink("near", filepath.Join(dir, "way")); err != nil {
				t.Fatal(err)
			}
			if err := Write(filepath.Join(dir, "way", "link"), []byte("new"), nil); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
				t.Errorf("%s: the link was replaced", c.name)
			}
			if info, err := os.Lstat(target); err != nil || !info.Mode().IsRegular() || content(t, target) != "new" || exists && info.Mode() != 0o640 {
				t.Errorf("%s: the file behind the link: %v, %v", c.name, info, err)
			}
			only(t, near, "link", "second")
			only(t, far, "target")
		}
	}
	loop := filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	if err := Write(loop, nil, nil); err == nil || !strings.Contains(err.Error(), "too many levels of symbolic links") {
		t.Errorf("a loop of links: %v", err)
	}
}

func TestPipe(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string)
	go func() { got <- content(t, fifo) }()
	if err := Write(fifo, []byte("through"), nil); err != nil {
		t.Fatal(err)
	}
	if s := <-got; s != "through" {
		t.Errorf("the reader got %q", s)
	}
	go func() { got <- string(must(Read(fifo, nil))) }()
	if err := Write(fifo, []byte("and back"), nil); err != nil {
		t.Fatal(err)
	}
	if s := <-got; s != "and back" {
		t.Errorf("Read got %q", s)
	}
	only(t, dir, "fifo")
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// TestDescriptor checks that a descriptor is written at its offset, and that existing content stays.
func TestDescriptor(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.WriteString("before ")
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("/dev/fd/"+strconv.Itoa(fd), link); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, []byte("inside "), nil); err != nil {
		t.Fatal(err)
	}
	f.WriteString("after")
	if got := content(t, name); got != "before inside after" {
		t.Errorf("the file holds %q", got)
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	readOnly := put(t, filepath.Join(dir, "read-only"), "old", 0o444)
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"folder", Write(dir, nil, nil), "cannot write " + dir + ": it is a folder, not a file"},
		{"no folder", Write(filepath.Join(dir, "no", "f"), nil, nil), "no such file or directory"},
		{"full device", Write("/dev/full", []byte("x"), nil), "cannot write /dev/full: no space left on device"},
		{"full stream", Write(Std, []byte("x"), full(t)), "cannot write standard output: no space left on device"},
		{"a folder to read", second(Read(dir, nil)), "cannot read " + dir + ": it is a folder, not a file"},
		{"nothing to read", second(Read(filepath.Join(dir, "no"), nil)), "no: no such file or directory"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, c.err, c.want)
		}
	}
	secret := put(t, filepath.Join(dir, "secret"), "old", 0)
	unprivileged(t)
	if err := Write(readOnly, []byte("new"), nil); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("a file without permission to write: %v", err)
	}
	want := "cannot read " + secret + ": permission denied"
	if _, err := Read(secret, nil); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a file without permission to read: %v, want %q", err, want)
	}
	only(t, dir, "read-only", "secret")
}

// TestInPlace tests a file in a folder in which no other can be created.
func TestInPlace(t *testing.T) {
	dir := t.TempDir()
	name := put(t, filepath.Join(dir, "f"), "something long", 0o600)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o755)
	unprivileged(t)
	if err := Write(name, []byte("new"), nil); err != nil || content(t, name) != "new" {
		t.Errorf("%v, content %q", err, content(t, name))
	}
}

// unprivileged makes file permissions apply to the rest of the test even for the superuser: the test's thread drops the
// capabilities to override them.
func unprivileged(t *testing.T) {
	t.Helper()
	runtime.LockOSThread() // capabilities belong to threads
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var all [2]unix.CapUserData
	if err := unix.Capget(&header, &all[0]); err != nil {
		t.Fatal(err)
	}
	fewer := all
	fewer[0].Effective &^= 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH
	if err := unix.Capset(&header, &fewer[0]); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Capset(&header, &all[0]); err != nil {
			t.Fatal(err)
		}
		runtime.UnlockOSThread()
	})
}

func second[T any](_ T, err error) error { return err }

func TestStd(t *testing.T) {
	var out bytes.Buffer
	if err := Write(Std, []byte("bytes"), &out); err != nil || out.String() != "bytes" {
		t.Errorf("%v, %q", err, out.String())
	}
	if b, err := Read(Std, strings.NewReader("text")); err != nil || string(b) != "text" {
		t.Errorf("%v, %q", err, b)
	}
}

// full is a device without space.
func full(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestStream(t *testing.T) {
	full := full(t)
	s := &Stream{W: full}
	s.Write([]byte("x"))
	s.W = &bytes.Buffer{}
	s.Write([]byte("y"))
	if !errors.Is(s.Err, syscall.ENOSPC) {
		t.Errorf("the first error is lost: %v", s.Err)
	}
	if IsTerminal(s) || IsTerminal(full) {
		t.Error("a device is taken for a terminal")
	}
}
