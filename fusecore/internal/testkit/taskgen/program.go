package taskgen

import "math/rand/v2"

// program returns a random program of at most size bytes for a node.
func (w *World) program(rng *rand.Rand, i, size, depth int) []int {
	n := &w.nodes[i]
	type choice struct {
		op, weight int
		from       []int // whose function it calls with a program
	}
	has := func(b bool, weight int) int {
		if b {
			return weight
		}
		return 0
	}
	async, calls := n.tasks(), 4
	if depth > 3 {
		calls = 0
	}
	choices := []choice{
		{opYield, has(n.yields, 2) + has(async, 4), nil}, {opWait, has(async, 6), nil}, {opBlock, has(async, 2), nil}, {opPoll, has(async, 1), nil},
		{opLog, 2, nil}, {opReturn, has(async, 1), nil}, {opContextSet, has(n.contexts, 1), nil}, {opContextGet, has(n.contexts, 2), nil},
		{opBackpressureInc, has(n.backpressure, 1), nil}, {opBackpressureDec, has(n.backpressure, 3), nil},
		{opPlay, has(len(n.plays) > 0, calls), n.plays}, {opText, has(len(n.texts) > 0, 2), nil}, {opPairs, has(len(n.pairs) > 0, 2), nil},
		{opRun, has(len(n.runs) > 0, 2*calls), n.runs}, {opWaitRun, has(len(n.waits) > 0, calls/2), n.waits},
		{opPipe, has(len(n.pipes) > 0, calls), n.pipes},
		{opLend, has(len(n.lends) > 0, calls), n.lends}, {opWide, has(len(n.wides) > 0, 2), nil},
		{opSay, has(len(n.says) > 0, 2), nil}, {opMake, has(len(n.things) > 0, 3), nil}, {opGet, has(len(n.things) > 0, 2), nil}, {opTake, has(len(n.things) > 0, 1), nil},
		{opDrop, has(len(n.things) > 0, 1), nil}, {opHold, has(len(n.holds) > 0, 6), nil}, {opFetch, has(len(n.holds) > 0, 8), nil}, {opSet, has(n.sets, 1), nil}, {opCount, 1, nil},
	}
	for op := opStreamNew; op <= opStreamDropWritable; op++ {
		choices = append(choices, choice{op, has(async && n.streams, []int{2, 4, 4, 1, 1, 1, 1}[op-opStreamNew]), nil})
	}
	for op := opFutureNew; op <= opFutureDropWritable; op++ {
		choices = append(choices, choice{op, has(async && n.futures, []int{2, 3, 3, 1, 1, 1, 1}[op-opFutureNew]), nil})
	}
	for op := opCancel; op <= opCancelAsync; op++ {
		choices = append(choices, choice{op, has(async && n.cancels, 1), nil})
	}
	total := 0
	for _, c := range choices {
		total += c.weight
	}
	var out []int
	for count := 1 + rng.IntN(14); count > 0 && len(out)+2 <= size; count-- {
		if rng.IntN(2000) == 0 {
			out = append(out, []int{opTrap, opWild, opWild, opWild}[rng.IntN(4)], rng.IntN(256))
			continue
		}
		k, pick := 0, rng.IntN(total)
		for ; pick >= choices[k].weight; k++ {
			pick -= choices[k].weight
		}
		c, arg := choices[k], rng.IntN(256)
		out = append(out, c.op, arg)
		if c.from != nil {
			sub := w.program(rng, c.from[arg%len(c.from)], (size-len(out))*2/3, depth+1)
			out = append(append(out, len(sub)), sub...)
		}
	}
	return out
}
