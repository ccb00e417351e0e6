#pragma once

#include <string_view>
#include <vector>

// The keys of a manifest: one table for the reader, for the schema that editors use, and for the tests that
// hold the two against each other.
namespace wanspool::yaml {

// What stands behind a key, as far as a schema can say it.
enum class Shape {
  Version,  // 1
  Name,     // a text that becomes part of a name; a number is spelled as written
  Text,     // a text
  Prompt,   // a text, or { file: PATH }
  Word,     // one of `words`
  Boolean,
  Count,       // a whole number from 1
  Deadline,    // "10h", or a date and time with its zone
  Share,       // a whole number, or "2%"
  Money,       // "40 CNY"
  Budget,      // a map of budget_keys()
  Fragments,   // a map of names to texts
  Defaults,    // a map of default_keys()
  Jobs,        // a list of maps of job_keys()
  Overrides,   // a map of patterns to maps of override_keys()
  Images,      // a list of texts, or a text that is one placeholder
  Model,       // a name out of the model table
  Parameters,  // a map, by the model table
  Request,     // the API's own body
  Rows,        // FILE, a map of rows_keys(), or a list of maps
  Columns,     // a column, or a list of columns
  Matrix,      // axes: a map of names to lists of scalars, to maps of labels, with include and exclude
};

struct KeyRow {
  std::string_view name;
  Shape shape;
  std::string_view says;          // for an editor's tooltip
  std::string_view example;       // a value in YAML's flow style that the schema must take
  std::string_view usually = {};  // the default, in the same style; "": there is none
  bool required = false;
  std::vector<std::string_view> words = {};
};

struct KeyTable {
  std::string_view where;  // "a job", for complaints
  std::vector<KeyRow> rows;
};

KeyTable const& manifest_keys();
KeyTable const& job_keys();
KeyTable const& default_keys();
KeyTable const& override_keys();
KeyTable const& budget_keys();
KeyTable const& rows_keys();  // of rows: { file: … }

}  // namespace wanspool::yaml
