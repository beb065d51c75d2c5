package fileio

import "syscall"

const getTermios = syscall.TIOCGETA
