package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

func gcSettings() (percent, limit uint64) {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/gomemlimit:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64(), s[1].Value.Uint64()
}

// TestCollectLate checks that only the limit starts a collection, and that normal collection resumes after the first.
func TestCollectLate(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	oldPercent, oldLimit := debug.SetGCPercent(77), debug.SetMemoryLimit(3<<30)
	defer func() {
		debug.SetGCPercent(oldPercent)
		debug.SetMemoryLimit(oldLimit)
	}()
	collectLate()
	if percent, limit := gcSettings(); percent == 77 || limit != readingBytes {
		t.Errorf("before a collection: GOGC %d, limit %d; want it off and %d", percent, limit, readingBytes)
	}
	for inputs, want := range map[int]uint64{1000: smallBytes, 100 << 20: 300<<20 - ownBytes} {
		collectAfter(inputs)
		if percent, limit := gcSettings(); percent == 77 || limit != want {
			t.Errorf("%d bytes of inputs: GOGC %d, limit %d; want it off and %d", inputs, percent, limit, want)
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		runtime.GC()
		percent, limit := gcSettings()
		if percent == laterPercent && limit == 3<<30 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("after a collection: GOGC %d, limit %d; want %d and %d", percent, limit, laterPercent, 3<<30)
		}
		time.Sleep(time.Millisecond)
	}
	collectAfter(100 << 20)
	if percent, limit := gcSettings(); percent != laterPercent || limit != 3<<30 {
		t.Errorf("inputs that are read later change GOGC to %d and the limit to %d", percent, limit)
	}
}

// TestCollectLateYields checks that settings in the environment stay in force.
func TestCollectLateYields(t *testing.T) {
	old := debug.SetGCPercent(55)
	defer debug.SetGCPercent(old)
	t.Setenv("GOGC", "55")
	collectLate()
	if percent, _ := gcSettings(); percent != 55 {
		t.Errorf("GOGC is %d, want what the environment says", percent)
	}
}
