package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// measureCommand makes this program run another one and print what it used. A process counts the memory of the one that
// started it as its own until it has replaced it, so that one must be small.
const measureCommand = "measure-child"

// usage is what a process used.
type usage struct {
	CPU    time.Duration // of all its threads
	Wall   time.Duration
	Memory int // bytes, at the most
}

func measureChild(args []string) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	err := cmd.Run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	r := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	_ = json.NewEncoder(os.Stdout).Encode(usage{cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), time.Since(start), int(r.Maxrss) << 10})
	os.Exit(0)
}

// child runs a program in a fresh process.
func (b *bench) child(args ...string) (u usage, err error) {
	self, err := os.Executable()
	if err != nil {
		return u, err
	}
	text, err := b.output(nil, self, append([]string{measureCommand}, args...)...)
	if err == nil {
		err = json.NewDecoder(strings.NewReader(text)).Decode(&u)
	}
	return u, err
}
