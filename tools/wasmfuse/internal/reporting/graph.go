// This file draws the components of a report and their boundaries.

package reporting

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// pageGraph is a picture of the components.
type pageGraph struct {
	Width, Height float64
	Nodes         []pageNode
	Edges         []pageEdge
	Domains       int
}

type pageNode struct {
	Name, Full, Domain, Class, Href string
	X, Y, W, H                      float64 // of the corner on the top left
}

// Half returns half of the width.
func (n pageNode) Half() float64 { return n.W / 2 }

// pageEdge is all boundaries from one component to another.
type pageEdge struct {
	Class, Path, Label, Title string
	Href                      string
	Width                     float64
	X, Y                      float64 // of the label
}

// Sizes of nodes in pixels. Text of the page's font has at most glyph pixels a character.
const (
	nodeHeight = 50.0
	nodeMin    = 116.0
	nodeMax    = 260.0
	glyph      = 9.2
)

// Nodes that stand for the host: it calls exports, and imports call it.
const exportsNode, importsNode = "exports", "imports"

// graphBuilder makes a picture.
type graphBuilder struct {
	d     drawing
	nodes []pageNode
	at    map[string]int // of a path, or a node of the host
	pairs []pair
	of    map[[2]int]int // in pairs
}

// pair is the boundaries from one node to another.
type pair struct {
	boundaries []int
	worst      int // class
}

// newPageGraph draws the components of a report.
func newPageGraph(r *fusecore.Report) *pageGraph {
	g := &graphBuilder{at: map[string]int{}, of: map[[2]int]int{}}
	for i := range r.Boundaries {
		if isHost(r.Boundaries[i].Caller) {
			g.node(exportsNode, pageNode{Name: "exports", Full: "the host, by exports", Class: "host"})
			break
		}
	}
	for i := range r.Instances {
		in := &r.Instances[i]
		n := pageNode{Name: in.String(), Full: in.String(), Domain: domainName(in.Domain), Class: "kept", Href: fmt.Sprintf("#i%d", i)}
		if in.Domain >= 0 {
			n.Class = fmt.Sprintf("m%d", in.Domain%domainColours)
		}
		g.node(in.Path, n)
	}
	for i := range r.Boundaries {
		b := &r.Boundaries[i]
		from, to := b.Caller.Path, b.Callee.Path
		if isHost(b.Caller) {
			from = exportsNode
		}
		if isHost(b.Callee) {
			to = importsNode
			g.node(importsNode, pageNode{Name: "imports", Full: "the host, by imports", Class: "host"})
		}
		g.boundary(i, from, to, slices.IndexFunc(classes, func(c class) bool { return c.Name == b.Class }))
	}
	g.d.layout()
	return g.picture(r)
}

// domainColours is the number of colours for modules, which repeat.
const domainColours = 6

// node adds a node, unless there is one with the key.
func (g *graphBuilder) node(key string, n pageNode) {
	if _, known := g.at[key]; known {
		return
	}
	g.at[key] = len(g.nodes)
	n.W, n.H = min(max(sumOfProduct(28, glyph, utf8.RuneCountInString(n.Name)), nodeMin), nodeMax), nodeHeight
	if room := int((n.W - 28) / glyph); utf8.RuneCountInString(n.Name) > room {
		n.Name = string([]rune(n.Name)[:room-1]) + "…"
	}
	if n.Class == "host" {
		n.H = nodeHeight * 0.7
	}
	g.nodes = append(g.nodes, n)
	g.d.nodes = append(g.d.nodes, node{width: n.W, height: n.H})
}

func (g *graphBuilder) boundary(i int, from, to string, class int) {
	a, ok := g.at[from]
	b, too := g.at[to]
	if !ok || !too {
		return
	}
	key := [2]int{a, b}
	at, known := g.of[key]
	if !known {
		at = len(g.pairs)
		g.of[key] = at
		g.pairs = append(g.pairs, pair{})
		g.d.edges = append(g.d.edges, edge{from: a, to: b})
	}
	p := &g.pairs[at]
	p.boundaries = append(p.boundaries, i)
	p.worst = max(p.worst, class)
}

// picture converts the places of nodes and edges.
func (g *graphBuilder) picture(r *fusecore.Report) *pageGraph {
	out := &pageGraph{Width: g.d.width, Height: g.d.height, Domains: len(r.Domains)}
	for i, n := range g.nodes {
		at := &g.d.nodes[i]
		n.X, n.Y = at.x-n.W/2, at.y-n.H/2
		out.Nodes = append(out.Nodes, n)
	}
	for i := range g.pairs {
		p, e := &g.pairs[i], &g.d.edges[i]
		c := classes[p.worst]
		if g.nodes[e.from].Class == "host" || g.nodes[e.to].Class == "host" {
			c.Name = "host" // whose classes only say whether there is a check
		}
		pe := pageEdge{Class: c.Name, Href: fmt.Sprintf("#b%d", p.boundaries[0]), Label: fmt.Sprint(len(p.boundaries))}
		pe.Width = min(sumOfProduct(1.3, 0.3, len(p.boundaries)), 3.5)
		pe.Path, pe.X, pe.Y = curve(e.points)
		var counts []string
		for k := range classes {
			n := 0
			for _, b := range p.boundaries {
				if r.Boundaries[b].Class == classes[k].Name {
					n++
				}
			}
			if n > 0 {
				counts = append(counts, fmt.Sprintf("%d %s", n, classes[k].Name))
			}
		}
		pe.Title = fmt.Sprintf("%s to %s: %s", g.nodes[e.from].Full, g.nodes[e.to].Full, strings.Join(counts, ", "))
		out.Edges = append(out.Edges, pe)
	}
	return out
}

// curve returns the path of an edge through points, and where its label is.
func curve(points []point) (path string, x, y float64) {
	var b strings.Builder
	fmt.Fprintf(&b, "M%.1f %.1f", points[0].x, points[0].y)
	for i := 1; i < len(points); i++ {
		p, q := points[i-1], points[i]
		bend := (q.y - p.y) / 2
		fmt.Fprintf(&b, "C%.1f %.1f %.1f %.1f %.1f %.1f", p.x, p.y+bend, q.x, q.y-bend, q.x, q.y)
	}
	if n := len(points); n > 2 {
		return b.String(), points[n/2].x, points[n/2].y
	}
	return b.String(), (points[0].x + points[1].x) / 2, (points[0].y + points[1].y) / 2
}
