package pieces

import (
	"bytes"
	"errors"
	"testing"
)

func TestBuffer(t *testing.T) {
	big := bytes.Repeat([]byte{7}, long)
	var w Buffer
	w.B = append(w.B, 1, 2)
	w.Sized(func() {
		w.B = append(w.B, 3)
		w.Bytes(big)
		w.Sized(func() {})
		w.Bytes([]byte{4})
	})
	w.B = append(w.B, 5)
	p := w.Finish()
	want := append([]byte{1, 2, 0x83, 0x20, 3}, big...)
	want = append(want, 0, 4, 5)
	if got := p.Join(); !bytes.Equal(got, want) || p.Len() != len(want) {
		t.Errorf("% x of length %d, want % x", got, p.Len(), want)
	}
	var out bytes.Buffer
	if n, err := p.WriteTo(&out); err != nil || n != int64(len(want)) || !bytes.Equal(out.Bytes(), want) {
		t.Errorf("wrote %d, %v: % x", n, err, out.Bytes())
	}
	shared := false
	for _, b := range p {
		shared = shared || len(b) == long && &b[0] == &big[0]
	}
	if !shared {
		t.Error("a long piece was copied")
	}
}

type full struct{}

var errFull = errors.New("full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteToGivesTheError(t *testing.T) {
	if _, err := (Pieces{{1}}).WriteTo(full{}); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}
