# Makes a manual page of a table of help.awk. Variables: name, version, date, all (the other pages' names).
BEGIN { FS = "\t" }
function roff(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  if (text ~ /^[.']/) text = "\\\\&" text
  return text
}
function fill(is_filled) {
  if (is_filled == filled) return
  print is_filled ? ".fi" : ".nf"
  filled = is_filled
}
function heading(title) { fill(1); print ".SH " toupper(title); is_new = 0 }
function pair(left, right) { print ".TP"; print ".B " roff(left); print right == "" ? "\\&" : roff(right) }

BEGIN { filled = 1; print ".TH " toupper(roff(name)) " 1 \"" date "\" \"wanspool " version "\" \"User Commands\"" }
$1 == "about" {
  about = $2
  short = about
  if (length(short) > 70) sub(/[:.] .*/, "", short)
  sub(/\.$/, "", short)
  print ".SH NAME"
  print roff(name) " \\- " roff(short)
}
$1 == "usage" {
  print ".SH SYNOPSIS"
  print ".B " roff($2)
  if (about != short) { print ".SH DESCRIPTION"; print roff(about) }
}
$1 == "head" { heading($2 == "Subcommands" ? "Commands" : $2 == "Positionals" ? "Arguments" : $2); in_examples = $2 ~ /Examples|First steps/ }
$1 == "option" { gsub(/,/, ", ", $3); pair($4 == "" ? $3 : $3 " " $4, $5) }
$1 == "argument" { pair($3, $5) }
$1 == "command" { pair($2, $3) }
$1 == "text" && $2 == "" { is_new = 1 }
$1 == "text" && $2 != "" {
  if (in_examples && $2 !~ /^ /) { heading("Notes"); in_examples = 0 }
  if (is_new) print ".PP"
  is_new = 0
  fill($2 !~ /   *[^ ]/)                # columns stay columns
  print roff($2)
}
END {
  fill(1)
  count = split(all, names, " ")
  print ".SH SEE ALSO"
  line = ""
  for (i = 1; i <= count; ++i) if (names[i] != name) line = line (line == "" ? "" : ", ") "\\fB" roff(names[i]) "\\fR(1)"
  print line
}
