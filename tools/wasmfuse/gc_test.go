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

// TestCollectLate checks that nothing but the limit starts a collection, and that the first one restores the settings.
func TestCollectLate(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	oldPercent, oldLimit := debug.SetGCPercent(77), debug.SetMemoryLimit(3<<30)
	defer func() {
		debug.SetGCPercent(oldPercent)
		debug.SetMemoryLimit(oldLimit)
	}()
	collectLate()
	if percent, limit := gcSettings(); percent == 77 || limit != lazyBytes {
		t.Errorf("before a collection: GOGC %d, limit %d; want it off and %d", percent, limit, lazyBytes)
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		runtime.GC()
		percent, limit := gcSettings()
		if percent == 77 && limit == 3<<30 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("after a collection: GOGC %d, limit %d; want 77 and %d", percent, limit, 3<<30)
		}
		time.Sleep(time.Millisecond)
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
