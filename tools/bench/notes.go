package main

// notes say why a bar is missed, by its name, for the summary. "Likely" is what has not been examined.
var notes = map[string]string{
	barRecords.name: "The median of ten processes lies at the bar, from 0.28 to 0.32 by run; the speed of both sides differs by process.",
	barHost.name: "`poll` with one handle: the list is translated to the host's memory, and the result is copied from there by `memory.copy`, a call of the engine. Both are " +
		"three allocations by functions of about 30 instructions, of which each takes a hundredth; 12 processes: median 1.07, a quarter below 1.00. The other calls differ by less than the noise.",
	barCode.name: "Loops run as fast as composed. `chase` calls a function of five instructions in each turn; with `--optimize=none` it is the same, 1.0 to 1.5 by process. " +
		"Its machine code is that of the composition but for one instruction: the memory's address takes two loads that depend on each other, since the memory is imported. " +
		"A memory that the host's functions use must exist before the module that calls them, so only shims could avoid that, which would make each call of the host indirect.",
	barSize.name: "Go: each access of the second memory takes a byte more, which no order of memories removes.",
	barStripped.name: "Met by graphs of which much cannot be reached. Of the others the guests' own code is left, which only an optimiser of such code makes smaller: see " +
		"Beside an optimiser.",
	barCompiled.name:    "Go: likely the accesses of imported memories, whose addresses are loaded in one step more.",
	barInstantiate.name: "Guests that import much of WASI, and Go, with megabytes of data: likely what is the same on both sides outweighs what is saved.",
	barPooled.name:      "As on demand.",
	barTrusted.name: "A quarter to a third is the kernel's time, mostly for 350 to 420 page faults for each megabyte of the inputs and the output: pages of 2 MB for the " +
		"inputs take away a sixth to a third of the faults, and 1 to 8 % of the time. Go collects no garbage. Of JavaScript, 28 % is writing " +
		"bodies, 13 % listing what they refer to, 12 % reading and writing files, 7 % the collector. Of Python, of whose 36 MB 13 are code, 22 % is writing and listing, 10 % " +
		"inlining calls between the interpreter and its libraries, 12 % files, 8 % the collector. Generated code meets the bar from 16 MB.",
	barFuse.name: "As without validation; validating bodies costs 0.2 (Python, whose components contain the same libraries) to 0.3 (JavaScript) of what wasm-tools takes " +
		"for everything.",
	barMemory.name: "Below 20 MB the process itself counts, with 9 MB. Of the 27 MB beside it that Go takes, the inputs are 8.5, the rewritten bodies 5.6 and the lists of " +
		"references and calls about 6; less than 32 MB of heap is not collected, because that costs more time than the memory is worth. The pairs of JavaScript and Python lie at the bar or below; one of their components beside a small one takes 1.5 to 1.9, which has not been examined.",
	barHot.name: "Node 20, by one hundredth; `json` is the slowest kernel, with 1.21.",
}
