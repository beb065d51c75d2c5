// Package analyse draws conclusions from an instantiated graph, without making decisions: which references can bypass
// functions that only forward a call ([Devirtualise]), which parts are needed in the result ([Live]), what a function
// can reach ([Reach]), which instances throw and which context slots they use, how calls lead from one instance to
// another ([Entries]), and what start functions can see ([Sight]).
//
// All of it is conservative: the unknown counts as whatever requires more code. Conclusions that require code can be
// explained: [Live.Why] and [Reachable.Path] list the steps that lead to them.
package analyse
