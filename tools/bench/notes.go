package main

// notes say why a bar is missed, for the summary.
var notes = map[*bar]string{}
