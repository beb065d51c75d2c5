package main

// notes say why a bar is missed, by its name, for the summary.
var notes = map[string]string{}
