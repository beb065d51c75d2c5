package main

import _ "example.com/repo/greet/exports/wit_exports"

func main() {}
