# Makes fish's completion of tables of help.awk. Variable: name.
BEGIN { FS = "\t"; print "# fish completion for " name ", made of its --help." }
function quoted(text) { gsub(/\\/, "\\\\", text); gsub(/'/, "\\'", text); return "'" text "'" }
$1 == "command" { print "complete -c " name " -n __fish_use_subcommand -f -a " $2 " -d " quoted($3) }
$1 == "option" {
  line = "complete -c " name
  if ($2 != "") line = line " -n '__fish_seen_subcommand_from " $2 "'"
  count = split($3, names, ",")
  for (i = 1; i <= count; ++i) line = line (names[i] ~ /^--/ ? " -l " substr(names[i], 3) : " -s " substr(names[i], 2))
  choices = $4
  if (choices ~ /\{.*\}/) { gsub(/^.*\{|\}.*$/, "", choices); gsub(/,/, " ", choices); line = line " -x -a '" choices "'" }
  else if (choices ~ /\|/) { gsub(/\|/, " ", choices); line = line " -x -a '" choices "'" }
  else if (choices ~ /^(DIR|FILE)/) line = line " -r"
  else if (choices != "") line = line " -x"
  print line " -d " quoted($5)
}
