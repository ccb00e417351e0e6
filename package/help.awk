# Reads what `PROGRAM [COMMAND] --help` prints and says it as a table, one line an item, parts between tabs:
#   usage TEXT | about TEXT | option COMMAND NAMES VALUE WORDS | argument COMMAND NAME "" WORDS |
#   command NAME WORDS | head TITLE | text LINE
# CLI11 puts the words of an entry in column 30, or on the next line where the name reaches beyond it.
function say_entry(    at, names, value) {
  if (entry == "") return
  at = match(entry, / /)
  names = at ? substr(entry, 1, at - 1) : entry
  value = at ? substr(entry, at + 1) : ""
  sub(/ REQUIRED/, "", value)
  sub(/ *\.\.\.$/, "", value)
  sub(/:value in .*/, "", value)         # what is allowed, told a second time
  sub(/:[A-Z]+$/, "", value)             # a check's name, such as POSITIVE
  if (section == "Subcommands") print "command\t" entry "\t" words
  else if (section == "Positionals") print "argument\t" command "\t" names "\t\t" words
  else print "option\t" command "\t" names "\t" value "\t" words
  entry = ""
}
function is_list() { return section != "" && section !~ /^(Examples|First steps)$/ }

/^Usage: / { print "usage\t" substr($0, 8); in_usage = 1; next }
!in_usage { if ($0 != "") print "about\t" $0; next }
/^[A-Z][A-Za-z ]*:$/ {
  say_entry()
  section = substr($0, 1, length($0) - 1)
  print "head\t" section
  next
}
is_list() && /^  [^ ]/ {
  say_entry()
  if (length($0) > 29 && substr($0, 30, 1) == " " && substr($0, 31, 1) != " ") {
    entry = substr($0, 3, 27)
    sub(/ +$/, "", entry)
    words = substr($0, 31)
  } else {
    entry = substr($0, 3)
    words = ""
  }
  next
}
is_list() && /^                              [^ ]/ { words = words (words == "" ? "" : " ") substr($0, 31); next }
/^$/ { say_entry(); if (!is_list()) print "text\t"; next }
{ say_entry(); if (is_list()) section = ""; print "text\t" $0 }
END { say_entry() }
