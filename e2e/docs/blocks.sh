# shellcheck shell=bash
# Sourced by `run` beside it and by e2e/source/run, after e2e/lib.sh: reads the blocks of the guides, rules/docs/*.md.
#
#   <!-- package: NAME; components of FOLDER... -->  the block of Starlark that follows is the BUILD file of package NAME, in which
#                                                    the components of these folders are targets
#   <!-- package: .; files of FOLDER -->             the same of the module's own package, with the folder's files only
#   <!-- in: NAME...; FILE -->                       the block that follows is a part of FILE, in each of these packages, which
#                                                    e2e/source builds
#   <!-- not run: Bazel; e2e/docs runs it -->        the block that follows has commands

# blocks COMMENT: the comments that begin so in the guides, each with the lines of the block after it, as bash arrays: COMMENTS and
# BLOCKS.
blocks() {
  local page line comment="" block="" inside=""
  COMMENTS=() BLOCKS=()
  for page in "$root"/rules/docs/*.md; do
    while IFS= read -r line; do
      if [[ -z $inside && $line == "<!-- $1"* ]]; then
        comment=${line#"<!-- $1"}
        comment=${comment%" -->"}
        comment=${comment:- }
      elif [[ $line == '```'* && -n $inside ]]; then
        if [[ $inside == wanted ]]; then
          COMMENTS+=("$comment")
          BLOCKS+=("$block")
        fi
        comment="" inside=""
      elif [[ $line == '```'* ]]; then
        inside=${comment:+wanted}
        inside=${inside:-other}
        block=""
      elif [[ -n $inside ]]; then
        block+=$line$'\n'
      fi
    done <"$page"
  done
}

# write_packages FOLDER: writes the blocks with a comment "in" into their packages, below a folder.
write_packages() {
  local i name names
  blocks "in: "
  for i in "${!BLOCKS[@]}"; do
    read -ra names <<<"${COMMENTS[i]%%;*}"
    for name in "${names[@]}"; do
      mkdir -p "$(dirname "$1/$name/${COMMENTS[i]#*; }")"
      printf '%s\n' "${BLOCKS[i]}" >>"$1/$name/${COMMENTS[i]#*; }"
    done
  done
}
