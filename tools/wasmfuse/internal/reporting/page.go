// This file implements reports as a page: one HTML file that contains its style and script.

package reporting

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"sync"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
)

// pageData is what the template of the page shows.
type pageData struct {
	*fusecore.Report
	CSS     template.CSS
	JS      template.JS
	Graph   *pageGraph
	Tiles   []tile
	Classes []classCount
	// Between are the boundaries between components, Outer those with the host.
	Between, Outer []pageBoundary
	Input          int // bytes of all inputs
	Adapters       int // bytes of generated code
	Composed       int // boundaries that go through the engine
}

type classCount struct {
	class
	Count int
}

// pageBoundary is a row of the table of boundaries.
type pageBoundary struct {
	*fusecore.Boundary
	ID      string
	Rank    int // of its class
	Adapter string
	Bytes   int
}

// pageFuncs are functions of the template.
var pageFuncs = template.FuncMap{
	"size": Size[int], "domain": domainName, "owner": owner, "isHost": isHost, "way": func(u fusecore.Needer) string { return userLine(u) },
	"join": strings.Join, "add": func(a, b int) int { return a + b },
}

// pageTemplate is parsed when a page is written, because other commands need none.
var pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Funcs(pageFuncs).Parse(pageHTML)) })

// domainName returns the name of a module of the output, by its number.
func domainName(n int) string {
	if n < 0 {
		return "kept"
	}
	return fmt.Sprintf("module %d", n)
}

// page returns a report as a page.
func page(r *fusecore.Report) ([]byte, error) {
	if r.Details == nil { // nothing was fused
		with := *r
		with.Details = &fusecore.Details{}
		r = &with
	}
	d := &pageData{Report: r, CSS: template.CSS(pageCSS), JS: template.JS(pageJS), Graph: newPageGraph(r), Tiles: tiles(r)}
	counts := map[string]int{}
	for i := range r.Boundaries {
		b := &r.Boundaries[i]
		row := pageBoundary{Boundary: b, ID: fmt.Sprintf("b%d", i), Rank: slices.IndexFunc(classes, func(c class) bool { return c.Name == b.Class })}
		if b.Adapter != nil {
			row.Adapter, row.Bytes = adapterLine(b), b.Adapter.Bytes
		}
		if isHost(b.Caller) || isHost(b.Callee) {
			d.Outer = append(d.Outer, row)
			continue
		}
		d.Between = append(d.Between, row)
		counts[b.Class]++
	}
	for _, c := range classes {
		if n := counts[c.Name]; n > 0 {
			d.Classes = append(d.Classes, classCount{c, n})
		}
	}
	d.Composed = counts[fusecore.ClassComposed]
	for _, in := range r.Sizes.Inputs {
		d.Input += in.Size
	}
	d.Adapters = r.Sizes.Generated.Code
	var out bytes.Buffer
	err := pageTemplate().Execute(&out, d)
	return out.Bytes(), err
}

// tile is a part of the picture of sizes.
type tile struct {
	Name, Kind string
	Size       int
	Rect       template.CSS
	Parts      []tile
}

// mapRatio is the width of the picture of sizes, in heights.
const mapRatio = 2.2

// tiles divides the output among its components, and these by what they consist of.
func tiles(r *fusecore.Report) []tile {
	whole := func(s fusecore.Size) int { return s.Code + s.Data + s.Names + s.Customs }
	parts := func(s fusecore.Size) (out []tile) {
		for _, p := range []tile{{Name: "code", Kind: "code", Size: s.Code}, {Name: "data", Kind: "data", Size: s.Data},
			{Name: "names", Kind: "names", Size: s.Names}, {Name: "custom", Kind: "customs", Size: s.Customs}} {
			if p.Size > 0 {
				out = append(out, p)
			}
		}
		return out
	}
	var all []tile
	for _, in := range r.Instances {
		all = append(all, tile{Name: in.String(), Kind: "guest", Size: whole(in.After), Parts: parts(in.After)})
	}
	all = append(all, tile{Name: "generated", Kind: "generated", Size: whole(r.Sizes.Generated), Parts: parts(r.Sizes.Generated)})
	all = slices.DeleteFunc(all, func(t tile) bool { return t.Size == 0 })
	place(all, rect{0, 0, 100, 100}, mapRatio)
	return all
}

// place lays tiles out in a rectangle, and sorts them by size.
func place(all []tile, in rect, ratio float64) {
	slices.SortStableFunc(all, func(a, b tile) int { return cmp.Compare(b.Size, a.Size) })
	var sizes []float64
	for i := range all {
		sizes = append(sizes, float64(all[i].Size))
	}
	for i, r := range squarify(sizes, in, ratio) {
		all[i].Rect = template.CSS(fmt.Sprintf("left:%.3f%%;top:%.3f%%;width:%.3f%%;height:%.3f%%", r.X, r.Y, r.W, r.H))
		if len(all[i].Parts) > 0 {
			place(all[i].Parts, rect{0, 0, 100, 100}, ratio*r.W/r.H)
		}
	}
}
