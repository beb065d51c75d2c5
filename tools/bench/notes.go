package main

// notes say why a bar is missed, by its name, for the summary.
var notes = map[string]string{
	barRecords.name: "The median of ten processes lies at the bar, from 0.28 to 0.31 by run: the copy of each string of a record dominates, and the speed of both sides differs by process.",
	barHost.name: "`poll` with one handle: the list is copied to the host's memory, and each handle is looked up in the table of its owner, which the runtime's own " +
		"adapter does at once. The other calls differ by less than the noise.",
	barCode.name: "Loops run as fast as composed. `chase` calls a function of five instructions in each turn, which loads its memory's address by one load more since the " +
		"memory is imported, also with `--optimize=none`: 1.0 to 1.5 by process.",
	barSize.name: "Go's accesses of the second memory take a byte more each, and its memories are too different to be ordered better; `trio` passes floats, flags and handles " +
		"among three components, whose adapters the engine makes for the composition at run time.",
	barStripped.name: "Met by graphs of which much is unreachable. What is left of the others is code of the guests that can be reached: without names on both sides, only an " +
		"optimiser of guests' code makes it smaller (see Beside an optimiser).",
	barCompiled.name:    "The machine code of Go's second memory: its address is loaded through a pointer.",
	barInstantiate.name: "Examples with few imports of WASI are far below. In those with many, instantiating the host's functions, the same on both sides, outweighs what is saved.",
	barPooled.name:      "As on demand.",
	barTrusted.name:     "Guests of many small items: Go has 99,000 data segments, each a value of its own in the fuser. Generated code, with few items, meets the bar.",
	barFuse.name:        "As without validation; validating bodies costs 0.6 to 0.8 of what wasm-tools takes for everything. Generated code meets the bar.",
	barMemory.name: "Bodies, data and names are not copied, but every item is a value of its own: 99,000 data segments of Go, 3.7 times. Large files meet the bar, and below " +
		"10 MB the process itself counts.",
	barHot.name: "Node 20, by one hundredth: its code for `json`, at a base that is not zero.",
}
