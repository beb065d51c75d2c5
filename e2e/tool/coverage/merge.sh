#!/usr/bin/env bash
# Stands for Bazel's merger of coverage data and for its generator of reports, which Bazel would download: it joins the data that
# there is.
set -euo pipefail
for argument in "$@"; do
  case $argument in
    --coverage_dir=*) folder=${argument#*=} ;;
    --reports_file=*) reports=${argument#*=} ;;
    --output_file=*) out=${argument#*=} ;;
  esac
done
if [[ -n ${folder:-} ]]; then
  find "$folder" -name '*.dat' ! -path "$out" -exec cat {} + >"$out"
else
  xargs cat <"$reports" >"$out"
fi
