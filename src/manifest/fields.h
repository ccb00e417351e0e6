#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/complaints.h"
#include "manifest/keys.h"
#include "manifest/node.h"

// Reading checked keys and values out of nodes. Each function complains where it returns nothing, unless it
// says otherwise.
namespace wanspool::yaml {

// The keys that one kind of map may have.
struct Keys {
  std::string_view where;  // "a job", for complaints
  std::vector<std::string> known;
  std::vector<std::string> later = {};  // of the format, but not of this version
};

Keys keys_of(KeyTable const& table);

struct Field {
  View key, value;
};

// The keys of one map, looked up by name.
class Fields {
 public:
  Fields() = default;
  // Complains of a value that is not a map and of keys that are not known.
  Fields(View map, Keys const& keys, Complaints& complaints);

  // Where there is none, the one whose key has most likely been meant, and been complained of: what it holds
  // is not missing as well.
  Field const* find(std::string_view name) const;
  // Those of known keys.
  std::vector<Field> const& all() const { return fields_; }

 private:
  struct Meant {
    std::string name;
    Field field;
  };
  std::vector<Field> fields_;
  std::vector<Meant> meant_;
};

// The value of a key, unchecked; nothing if `map` is none or has no such key.
std::optional<View> member(View map, std::string_view name);

// Complains of a key that is not of `keys`; false then.
bool check_key(View key, Keys const& keys, Complaints& complaints);

// The known key that an unknown one was most likely meant to be; "" if there is none.
std::string meant_key(View key, Keys const& keys);

// "; did you mean 'size'?" where one of `names` is near, else "".
std::string did_you_mean(std::string_view word, std::vector<std::string> const& names);

// "a list", "the text 'abc'", for "… wants X, not Y".
std::string spoken(View value);

// These two do not complain: what a scalar without quotes is by YAML 1.2's core schema.
std::optional<std::int64_t> plain_integer(View value);
std::optional<bool> plain_boolean(View value);

// `what` begins the complaint: "n" in "n wants a whole number from 1 to 4, not …".
std::optional<std::int64_t> read_integer(View value, std::string_view what, std::int64_t low,
                                         std::int64_t high, Complaints& complaints);
std::optional<bool> read_boolean(View value, std::string_view what, Complaints& complaints);

// A short text that is a name or an address: a scalar, spelled as written, trimmed; not empty, no
// placeholder.
std::optional<std::string> read_word(View value, std::string_view what, Complaints& complaints);

// A text for the model: as read_word, and complains where YAML has cut it at ' #'. May be empty.
std::optional<std::string> read_prose(View value, std::string_view what, Complaints& complaints);

// A text at 40 characters at most, on one line.
std::string shortened(std::string const& text);

// The value of a scalar with '$${' as '${'; complains of any other '${', for it stands where nothing is
// filled in.
std::optional<std::string> without_placeholders(View value, Complaints& complaints);

// Complains where YAML has cut a text at ' #' that is no comment by its looks ("style #1"); false then.
bool is_uncut(View value, std::string_view what, Complaints& complaints);

// What follows a scalar without quotes on its line, if it is a comment: "# …"; else "".
std::string_view comment_after(View value, Text const& text);

}  // namespace wanspool::yaml
