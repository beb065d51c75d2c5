// This file divides a rectangle into parts with areas in proportion to sizes.

package reporting

import "slices"

// rect is a part of a rectangle, in per cent of its width and height.
type rect struct{ X, Y, W, H float64 }

// squarify divides a rectangle, of which width is so many times height, into a part for each size, in order: sizes must descend
// and be positive. Parts are as square as they can be when they are laid in rows one after the other (Bruls, Huizing, van Wijk:
// Squarified Treemaps).
func squarify(sizes []float64, in rect, ratio float64) []rect {
	total := 0.0
	for _, s := range sizes {
		total += s
	}
	out := make([]rect, 0, len(sizes))
	for len(sizes) > 0 {
		wide := in.W*ratio >= in.H // the row is a column on the left
		n, best := 1, worst(sizes[:1], total, in, ratio, wide)
		for n < len(sizes) {
			next := worst(sizes[:n+1], total, in, ratio, wide)
			if next > best {
				break
			}
			n, best = n+1, next
		}
		sum := 0.0
		for _, s := range sizes[:n] {
			sum += s
		}
		row, rest := in, in
		if wide {
			row.W = in.W * sum / total
			rest.X, rest.W = in.X+row.W, in.W-row.W
		} else {
			row.H = in.H * sum / total
			rest.Y, rest.H = in.Y+row.H, in.H-row.H
		}
		for _, s := range sizes[:n] {
			part := row
			if wide {
				part.H = row.H * s / sum
				row.Y += part.H
				row.H -= part.H
			} else {
				part.W = row.W * s / sum
				row.X += part.W
				row.W -= part.W
			}
			sum -= s
			out = append(out, part)
		}
		for _, s := range sizes[:n] {
			total -= s
		}
		sizes, in = sizes[n:], rest
	}
	return out
}

// worst returns the greatest ratio of sides of the parts of a row.
func worst(row []float64, total float64, in rect, ratio float64, wide bool) float64 {
	sum := 0.0
	for _, s := range row {
		sum += s
	}
	w, h := in.W*ratio, in.H
	if !wide {
		w, h = h, w
	}
	across := w * sum / total // of the row
	most := 0.0
	for _, s := range []float64{slices.Max(row), slices.Min(row)} {
		along := h * s / sum
		most = max(most, across/along, along/across)
	}
	return most
}
