// Package pieces represents an encoding as a list of byte slices, so that long parts need not be copied into one
// buffer.
package pieces

import (
	"bufio"
	"io"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// long is the length from which bytes are aliased rather than copied.
const long = 4 << 10

// Pieces are consecutive parts of one encoding. They may share memory with their sources.
type Pieces [][]byte

// Len returns the total length of the pieces.
func (p Pieces) Len() (n int) {
	for _, b := range p {
		n += len(b)
	}
	return n
}

// Join copies the pieces into one slice.
func (p Pieces) Join() []byte { return slices.Concat(p...) }

// WriteTo implements io.WriterTo. It writes short pieces together.
func (p Pieces) WriteTo(w io.Writer) (n int64, err error) {
	b := bufio.NewWriterSize(w, 64<<10)
	for _, piece := range p {
		k, err := b.Write(piece)
		n += int64(k)
		if err != nil {
			return n, err
		}
	}
	return n, b.Flush()
}

// Buffer builds pieces. Bytes may be appended to B directly.
type Buffer struct {
	B    []byte
	done Pieces
}

// Bytes adds bytes, which must not change afterwards.
func (w *Buffer) Bytes(b []byte) {
	if len(b) < long {
		w.B = append(w.B, b...)
		return
	}
	w.flush()
	w.done = append(w.done, b)
}

// Pieces adds the pieces of another encoding.
func (w *Buffer) Pieces(p Pieces) {
	for _, b := range p {
		w.Bytes(b)
	}
}

// Sized adds what fill adds, preceded by its length, and returns the length.
func (w *Buffer) Sized(fill func()) int {
	w.flush()
	at := len(w.done)
	w.done = append(w.done, nil)
	fill()
	w.flush()
	n := w.done[at+1:].Len()
	w.done[at] = leb128.AppendU64(nil, uint64(n))
	return n
}

// Finish returns the pieces.
func (w *Buffer) Finish() Pieces {
	w.flush()
	return w.done
}

// flush turns B into a piece, and continues in the room after it.
func (w *Buffer) flush() {
	if n := len(w.B); n > 0 {
		w.done = append(w.done, w.B[:n:n])
		w.B = w.B[n:]
	}
}
