#include "manifest/config_files.h"

#include <fmt/format.h>

#include <charconv>

#include "manifest/fields.h"

namespace wanspool::yaml {
namespace {

Keys const kFiles{"'files'", {"umask", "group"}};

// Why this can be no umask; "" if it can. Fewer digits than three are rather a slip, or decimal.
std::string wrong_umask(std::string const& word) {
  bool const octal =
      word.find_first_not_of("01234567") == word.npos && (word.size() == 3 || word.size() == 4);
  if (!octal || (word.size() == 4 && word.front() != '0'))
    return fmt::format("a umask is three octal digits, such as 027, not '{}'", shortened(word));
  if (word[word.size() - 3] != '0')
    return fmt::format("a umask of {} would keep the daemon from its own files; it begins with 0", word);
  return {};
}

// Why no group can be called so; "" if one can.
std::string wrong_group(std::string const& word) {
  bool const plain = word.find_first_of(": \t,/") == word.npos && word.size() <= 64 && word.front() != '-';
  return plain ? "" : fmt::format("a group is a name or an id, not '{}'", shortened(word));
}

}  // namespace

void read_files(View map, FilesConfig& files, Complaints& complaints) {
  Fields const fields{map, kFiles, complaints};
  for (auto const& [key, value] : fields.all()) {
    bool const is_umask = key.text() == "umask";
    auto const word = read_word(value, key.text(), complaints);
    if (!word) continue;
    if (auto const why = is_umask ? wrong_umask(*word) : wrong_group(*word); !why.empty()) {
      complaints.add(value, why);
      continue;
    }
    if (!is_umask) {
      files.group = *word;
      continue;
    }
    int mask = 0;
    std::from_chars(word->data(), word->data() + word->size(), mask, 8);
    files.umask = mask;
  }
}

}  // namespace wanspool::yaml
