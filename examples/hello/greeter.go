// Package export_demo_hello_greeter is a greeter in Go.
package export_demo_hello_greeter

// Greet greets somebody.
func Greet(name string) string { return "hello, " + name + "!" }
