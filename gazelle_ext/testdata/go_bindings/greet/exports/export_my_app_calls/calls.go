package export_my_app_calls

import "example.com/repo/greet/imports/my_app_names"

func Run() { println(my_app_names.First()) }
