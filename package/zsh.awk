# Makes zsh's completion of tables of help.awk. Variable: name.
BEGIN { FS = "\t" }
function quoted(text) { gsub(/'/, "'\\''", text); return text }
function worded(text) { gsub(/[][\\:]/, "\\\\&", text); return quoted(text) }
$1 == "command" { commands = commands "  '" quoted($2) ":" worded($3) "'\n" }
$1 == "option" {
  count = split($3, names, ",")
  value = ""
  if ($4 != "") {
    choices = $4
    value = ":" worded($4) ":"
    if ($4 ~ /^(DIR|FILE)/) value = value ($4 ~ /^DIR/ ? "_files -/" : "_files")
    if (choices ~ /\{.*\}/) { gsub(/^.*\{|\}.*$/, "", choices); gsub(/,/, " ", choices); value = ":value:(" choices ")" }
    if (choices ~ /\|/) { gsub(/\|/, " ", choices); value = ":value:(" choices ")" }
  }
  for (i = 1; i <= count; ++i) lines[$2] = lines[$2] " \\\n      '" names[i] "[" worded($5) "]" value "'"
  if (!($2 in is_seen)) { is_seen[$2] = 1; order[++known] = $2 }
}
END {
  print "#compdef " name "\n# zsh completion for " name ", made of its --help.\n"
  if (commands == "") {
    print "_arguments" lines[""]
    exit
  }
  print "local -a commands\ncommands=(\n" commands ")"
  print "if (( CURRENT == 2 )); then\n  _describe command commands\n  _arguments" lines[""] "\n  return\nfi"
  print "case $words[2] in"
  for (i = 1; i <= known; ++i) if (order[i] != "") print "  " order[i] ")\n    _arguments" lines[order[i]] " \\\n      '*:file:_files' ;;"
  print "esac"
}
