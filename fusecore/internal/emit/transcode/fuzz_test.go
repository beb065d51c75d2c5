package transcode

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
)

// FuzzPass compares with the model on arbitrary bytes. Mode selects the pair, the configuration and the tag.
func FuzzPass(f *testing.F) {
	var machines []*machine
	for _, c := range configs {
		machines = append(machines, newMachine(f, c))
	}
	for mode := range uint16(18 * len(configs)) {
		f.Add(mode, uint16(16), uint16(0), uint16(64), []byte("caf\u00e9 \u20ac \U0001f600, and plain ASCII after it"))
		f.Add(mode, uint16(16), uint16(0), uint16(64), []byte("h\x00\xe9\x00\xac\x20\x3d\xd8\x00\xdea\x00b\x00c\x00"))
	}
	f.Fuzz(func(t *testing.T, mode, ptr, more, at uint16, data []byte) {
		if len(data) > 4096 {
			return
		}
		m := machines[int(mode/18)%len(configs)]
		in := input{from: encodings[mode%3], to: encodings[mode/3%3], ptr: uint64(ptr)}
		copy(m.mem(t, "src")[ptr:], data)
		tagged := in.from == cabi.Latin1UTF16 && mode/9%2 != 0
		units := uint64(len(data))
		if in.from == cabi.UTF16 || tagged {
			units /= 2
		}
		in.length = length(units+uint64(more), tagged, m.c.src64)
		in.script = bump(len(data))
		for i := range in.script {
			in.script[i].ptr += uint64(at)
			in.script[i].copy = in.script[i].copy && in.script[2].ptr+uint64(4*len(data)) < page && more == 0
		}
		m.check(t, in)
	})
}
