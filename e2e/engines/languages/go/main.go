// demo:guests/guest in Go, for TinyGo. A string or list that comes in is only the call's: what is kept or given back is
// copied.
package main

import (
	"crypto/rand"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"go.bytecodealliance.org/cm"

	"guest/internal/demo/guests/guest"
)

var (
	tallies = map[cm.Rep]int32{}
	next    cm.Rep
)

func init() {
	e := &guest.Exports
	e.Tally.Constructor = func(start int32) guest.Tally {
		next++
		tallies[next] = start
		return guest.TallyResourceNew(next)
	}
	e.Tally.Destructor = func(self cm.Rep) { delete(tallies, self) }
	e.Tally.Add = func(self cm.Rep, n int32) int32 {
		tallies[self] += n
		return tallies[self]
	}
	e.Greet = func(name string) string { return "Hello " + name + " from Go" }
	e.Sort = func(items cm.List[guest.Item]) cm.List[guest.Item] {
		var kept []guest.Item
		for _, item := range items.Slice() {
			if item.Count > 0 {
				kept = append(kept, guest.Item{Name: strings.Clone(item.Name), Count: item.Count})
			}
		}
		sort.Slice(kept, func(i, j int) bool { return kept[i].Name < kept[j].Name })
		return cm.ToList(kept)
	}
	e.Parse = func(text string) cm.Result[string, int64, string] {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return cm.Err[cm.Result[string, int64, string]]("not a number")
		}
		return cm.OK[cm.Result[string, int64, string]](n)
	}
	e.Say = func(line string) { os.Stdout.WriteString(line + "\n") }
	e.Read = func(path string) cm.Result[string, string, string] {
		data, err := os.ReadFile(path)
		if err != nil {
			return cm.Err[cm.Result[string, string, string]](err.Error())
		}
		return cm.OK[cm.Result[string, string, string]](string(data))
	}
	e.Plausible = func() bool {
		start := time.Now()
		time.Sleep(2 * time.Millisecond)
		var a, b [16]byte
		rand.Read(a[:])
		rand.Read(b[:])
		return time.Since(start) >= 2*time.Millisecond && start.Unix() > 1_700_000_000 && a != b
	}
}

func main() {}
