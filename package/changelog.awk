# Makes a Debian changelog of CHANGELOG.md. Variables: version and revision of the package, date for what is not
# released yet. Headings are "## Unreleased" or "## 0.1.0 (2026-11-28)".
function close_entry() { if (is_open) printf "\n -- %s  %s\n\n", maintainer, when }
function fold(first, rest, text,    count, words, line, i) {
  count = split(text, words, /[ \t]+/)
  line = first
  for (i = 1; i <= count; ++i) {
    if (words[i] == "") continue
    if (length(line) + length(words[i]) > 78) { sub(/ +$/, "", line); print line; line = rest }
    line = line words[i] " "
  }
  sub(/ +$/, "", line)
  print line
}
function say_item() { if (item != "") fold("  * ", "    ", item); item = "" }
# "2026-11-28" as Debian writes it; what awk lacks of a calendar is Zeller's congruence.
function rfc2822(day,    part, y, m, k) {
  split(day, part, "-")
  y = part[1]; m = part[2] + 0
  if (m < 3) { y -= 1; m += 12 }
  k = (part[3] + int(13 * (m + 1) / 5) + y + int(y / 4) - int(y / 100) + int(y / 400)) % 7
  split("Sat Sun Mon Tue Wed Thu Fri", days, " ")
  split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", months, " ")
  return days[k + 1] ", " part[3] " " months[part[2] + 0] " " part[1] " 00:00:00 +0000"
}
/^## / {
  say_item()
  close_entry()
  is_open = 1
  of = $2 == "Unreleased" ? version : $2
  when = rfc2822($2 == "Unreleased" ? date : substr($3, 2, 10))
  printf "wanspool (%s-%s) bookworm; urgency=medium\n\n", of, of == version ? revision : 1
  next
}
/^- / { say_item(); item = substr($0, 3); next }
/^  / { item = item " " $0; next }
END { say_item(); close_entry() }
