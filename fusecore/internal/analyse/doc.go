// Package analyse finds out what follows from an instantiated graph, without deciding anything: which references lead past
// functions that only forward a call ([Devirtualise]), which parts take part in the result ([Live]), what a function can
// end up calling ([Reach]), which instances throw and which context slots they use, how calls lead from one instance to
// another ([Entries]), and what start functions can see ([Sight]).
//
// All of it is conservative in one direction, which each type states: what is not known counts as what costs code, never
// as what saves it. Answers that justify code can say why: [Live.Why] and [Reachable.Path] list the steps that led there.
package analyse
