// This file places the nodes of a directed graph in layers, so that most edges lead downwards. CONTRIBUTING.md says why no
// library does so.

package reporting

import (
	"cmp"
	"math"
	"slices"
)

// drawing is a graph and, once layout has run, its places. Lengths are in pixels.
type drawing struct {
	nodes         []node
	edges         []edge
	width, height float64
}

type node struct {
	width, height float64
	x, y          float64 // of the centre
}

type edge struct {
	from, to int
	points   []point // from the border of the first node to that of the second one
}

type point struct{ x, y float64 }

// Distances between nodes of a layer, and between layers.
const (
	nodeGap  = 28.0
	layerGap = 64.0
	sweeps   = 12
)

// layout places nodes and edges. It is the method of Sugiyama, Tagawa and Toda: layers by longest paths, places in a layer by the
// mean of neighbours, and coordinates by least squares. Equal graphs get equal places.
func (d *drawing) layout() {
	l := &layers{d: d, rank: make([]int, len(d.nodes))}
	l.rankNodes()
	l.fill()
	for i := range sweeps {
		l.order(i%2 == 0)
	}
	l.pack()
	for i := range sweeps {
		l.align(i%2 == 0)
	}
	l.finish()
}

// cell is a node, or a bend of an edge that crosses a layer.
type cell struct {
	node     int // or -1
	width    float64
	x        float64
	up, down []*cell
}

type layers struct {
	d     *drawing
	rank  []int
	cells [][]*cell // by layer
	bends [][]*cell // of each edge, downwards
	flip  []bool    // edges that lead upwards, because they close a cycle
}

// rankNodes assigns nodes to layers. Edges that close a cycle are turned round.
func (l *layers) rankNodes() {
	d := l.d
	l.flip = make([]bool, len(d.edges))
	out := make([][]int, len(d.nodes))
	for i, e := range d.edges {
		if e.from != e.to {
			out[e.from] = append(out[e.from], i)
		}
	}
	state, order := make([]int, len(d.nodes)), []int{} // 1 is on the way, 2 is done
	var visit func(n int)
	visit = func(n int) {
		state[n] = 1
		for _, i := range out[n] {
			switch to := d.edges[i].to; state[to] {
			case 0:
				visit(to)
			case 1:
				l.flip[i] = true
			}
		}
		state[n] = 2
		order = append(order, n)
	}
	for n := range d.nodes {
		if state[n] == 0 {
			visit(n)
		}
	}
	// An edge leads from what is later in order to what is earlier, unless it is turned round.
	slices.Reverse(order)
	down := make([][]int, len(d.nodes))
	for i, e := range d.edges {
		if from, to := l.ends(i); e.from != e.to {
			down[from] = append(down[from], to)
		}
	}
	for range d.nodes { // until nothing changes: turned edges may lead to what is earlier
		changed := false
		for _, n := range order {
			for _, to := range down[n] {
				if l.rank[to] <= l.rank[n] {
					l.rank[to], changed = l.rank[n]+1, true
				}
			}
		}
		if !changed {
			break
		}
	}
}

// ends returns the upper and the lower node of an edge.
func (l *layers) ends(i int) (from, to int) {
	e := &l.d.edges[i]
	if l.flip[i] {
		return e.to, e.from
	}
	return e.from, e.to
}

// fill makes the cells of all layers.
func (l *layers) fill() {
	d := l.d
	l.cells = make([][]*cell, slices.Max(append(l.rank, 0))+1)
	of := make([]*cell, len(d.nodes))
	for n := range d.nodes {
		of[n] = &cell{node: n, width: d.nodes[n].width}
		l.cells[l.rank[n]] = append(l.cells[l.rank[n]], of[n])
	}
	l.bends = make([][]*cell, len(d.edges))
	for i := range d.edges {
		from, to := l.ends(i)
		if from == to {
			continue
		}
		last := of[from]
		join := func(c *cell) {
			last.down, c.up = append(last.down, c), append(c.up, last)
			last = c
		}
		for r := l.rank[from] + 1; r < l.rank[to]; r++ {
			c := &cell{node: -1, width: 8}
			l.cells[r], l.bends[i] = append(l.cells[r], c), append(l.bends[i], c)
			join(c)
		}
		join(of[to])
	}
}

// order sorts each layer by the mean places of the neighbours in the layer above, or below.
func (l *layers) order(down bool) {
	place := map[*cell]float64{}
	for _, layer := range l.cells {
		for i, c := range layer {
			place[c] = float64(i)
		}
	}
	l.eachLayer(down, func(layer []*cell) {
		want := map[*cell]float64{}
		for _, c := range layer {
			want[c] = mean(c.neighbours(down), place[c], func(n *cell) float64 { return place[n] })
		}
		slices.SortStableFunc(layer, func(a, b *cell) int { return cmp.Compare(want[a], want[b]) })
		for i, c := range layer {
			place[c] = float64(i)
		}
	})
}

func (l *layers) eachLayer(down bool, do func([]*cell)) {
	if down {
		for _, layer := range l.cells {
			do(layer)
		}
		return
	}
	for _, layer := range slices.Backward(l.cells) {
		do(layer)
	}
}

func (c *cell) neighbours(up bool) []*cell {
	if up {
		return c.up
	}
	return c.down
}

func mean(cells []*cell, none float64, of func(*cell) float64) float64 {
	if len(cells) == 0 {
		return none
	}
	sum := 0.0
	for _, c := range cells {
		sum += of(c)
	}
	return sum / float64(len(cells))
}

// sumOfProduct returns a + b*n, with the product rounded. Without the conversion, Go may leave that out, which it does for the
// processors that have an instruction for both, and pages would depend on where they are made. Halves are exact either way.
func sumOfProduct(a, b float64, n int) float64 { return a + float64(b*float64(n)) }

// pack places the cells of each layer side by side, around 0.
func (l *layers) pack() {
	for _, layer := range l.cells {
		x := 0.0
		for _, c := range layer {
			c.x = x + c.width/2
			x += c.width + nodeGap
		}
		for _, c := range layer {
			c.x -= (x - nodeGap) / 2
		}
	}
}

// align moves the cells of each layer to the mean of their neighbours, as far as others leave room: to the places with the
// least sum of squares of distances. Those are found by joining neighbours that would overlap (pool adjacent violators).
func (l *layers) align(down bool) {
	l.eachLayer(down, func(layer []*cell) {
		type block struct {
			from  int
			sum   float64 // of what its cells want, less their offsets in the layer
			count float64
		}
		var blocks []block
		offset := make([]float64, len(layer))
		for i, c := range layer {
			if i > 0 {
				offset[i] = offset[i-1] + (layer[i-1].width+c.width)/2 + nodeGap
			}
			want := mean(c.neighbours(down), c.x, func(n *cell) float64 { return n.x })
			blocks = append(blocks, block{i, want - offset[i], 1})
			for n := len(blocks); n > 1 && blocks[n-2].sum/blocks[n-2].count > blocks[n-1].sum/blocks[n-1].count; n-- {
				blocks[n-2].sum += blocks[n-1].sum
				blocks[n-2].count += blocks[n-1].count
				blocks = blocks[:n-1]
			}
		}
		for i, b := range blocks {
			to := len(layer)
			if i+1 < len(blocks) {
				to = blocks[i+1].from
			}
			for k := b.from; k < to; k++ {
				layer[k].x = b.sum/b.count + offset[k]
			}
		}
	})
}

// finish moves everything to positive coordinates and draws the edges.
func (l *layers) finish() {
	d := l.d
	left, right := math.Inf(1), math.Inf(-1)
	y := make([]float64, len(l.cells))
	at := nodeGap / 2
	for r, layer := range l.cells {
		height := 0.0
		for _, c := range layer {
			left, right = min(left, c.x-c.width/2), max(right, c.x+c.width/2)
			if c.node >= 0 {
				height = max(height, d.nodes[c.node].height)
			}
		}
		y[r] = at + height/2
		at += height + layerGap
	}
	shift := nodeGap/2 - left
	for r, layer := range l.cells {
		for _, c := range layer {
			c.x += shift
			if c.node >= 0 {
				d.nodes[c.node].x, d.nodes[c.node].y = c.x, y[r]
			}
		}
	}
	if len(d.nodes) > 0 {
		d.width, d.height = right-left+nodeGap, at-layerGap+nodeGap/2
	}
	l.route(y)
}

// route draws the edges, with ports side by side at the borders of nodes.
func (l *layers) route(y []float64) {
	d := l.d
	type end struct {
		edge  int
		other float64 // where the edge leads
	}
	upper, lower := make([][]end, len(d.nodes)), make([][]end, len(d.nodes))
	for i := range d.edges {
		from, to := l.ends(i)
		if from == to {
			continue
		}
		first, last := d.nodes[to].x, d.nodes[from].x
		if n := len(l.bends[i]); n > 0 {
			first, last = l.bends[i][0].x, l.bends[i][n-1].x
		}
		lower[from] = append(lower[from], end{i, first})
		upper[to] = append(upper[to], end{i, last})
	}
	ports := func(ends [][]end) []float64 { // by edge
		out := make([]float64, len(d.edges))
		for n := range ends {
			slices.SortStableFunc(ends[n], func(a, b end) int { return cmp.Compare(a.other, b.other) })
			step := d.nodes[n].width / float64(len(ends[n])+1)
			for k, e := range ends[n] {
				out[e.edge] = sumOfProduct(d.nodes[n].x-d.nodes[n].width/2, step, k+1)
			}
		}
		return out
	}
	start, finish := ports(lower), ports(upper)
	for i := range d.edges {
		e := &d.edges[i]
		from, to := l.ends(i)
		a, b := &d.nodes[from], &d.nodes[to]
		if from == to { // a loop on the right
			x := a.x + a.width/2
			e.points = []point{{x, a.y - a.height/4}, {x + nodeGap*0.8, a.y}, {x, a.y + a.height/4}}
			continue
		}
		e.points = []point{{start[i], a.y + a.height/2}}
		for k, c := range l.bends[i] {
			e.points = append(e.points, point{c.x, y[l.rank[from]+1+k]})
		}
		e.points = append(e.points, point{finish[i], b.y - b.height/2})
		if l.flip[i] {
			slices.Reverse(e.points)
		}
	}
}
