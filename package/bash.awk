# Makes bash's completion of tables of help.awk. Variable: name.
BEGIN { FS = "\t"; of = name; gsub(/-/, "_", of) }
$1 == "command" { commands = commands " " $2 }
$1 == "option" {
  count = split($3, names, ",")
  for (i = 1; i <= count; ++i) words[$2] = words[$2] " " names[i]
  if (!($2 in is_seen)) { is_seen[$2] = 1; order[++known] = $2 }
  if ($4 ~ /\|/) { choices = $4; gsub(/\|/, " ", choices); values[names[count]] = choices }
  if ($4 ~ /\{.*\}/) { choices = $4; gsub(/^.*\{|\}.*$/, "", choices); gsub(/,/, " ", choices); values[names[count]] = choices }
  if ($4 ~ /^DIR/) folders = folders (folders == "" ? "" : "|") names[count]
}
END {
  gsub(/(^|\|)--root/, "", folders)
  print "# bash completion for " name ", made of its --help.\n"
  print "_" of "() {"
  print "  local word command= words= cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}"
  print "  COMPREPLY=()"
  print "  case $prev in"
  print "    --root" (folders == "" ? "" : "|" folders) ") mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"); return ;;"
  for (option in values) print "    " option ") mapfile -t COMPREPLY < <(compgen -W \"" values[option] "\" -- \"$cur\"); return ;;"
  print "  esac"
  if (commands != "") {
    print "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do"
    print "    case \"" commands " \" in *\" $word \"*) command=$word; break ;; esac"
    print "  done"
  }
  print "  case $command in"
  for (i = 1; i <= known; ++i) {
    key = order[i]
    print "    " (key == "" ? "''" : key) ") words=\"" substr(words[key], 2) (key == "" ? commands : "") "\" ;;"
  }
  print "  esac"
  print "  # Without a dash it is a file's name, which readline knows; a command's name is one of ours."
  print "  [[ $cur == -* || -z $command ]] && mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")"
  print "}"
  print "complete -o default -F _" of " " name
}
