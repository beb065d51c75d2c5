package abi

import "strconv"

// Milli writes a number with three decimals, rounded toward zero.
func Milli(f float64) string {
	n := int64(f * 1000)
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return sign + strconv.FormatInt(n/1000, 10) + "." + strconv.FormatInt(n%1000+1000, 10)[1:]
}
