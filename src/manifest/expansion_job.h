#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifest/expansion.h"
#include "manifest/fields.h"

namespace wanspool::yaml {

// One job as written, while it is expanded.
struct Expansion::Written {
  View view;
  Fields fields;
  std::string id = {};
  int line = 0, column = 0;
  Matrix matrix = {};
  std::unique_ptr<Rows> rows = {};
  Scope scope = {};
  std::string row_vars = {};           // the row as JSON, its '}' missing
  std::vector<ManifestJob> held = {};  // of the row that may yet be left out
  bool holding = false;
  std::size_t skipped = 0, read = 0;         // rows
  std::optional<Complaints> first_bad = {};  // what is wrong with the first row that was skipped,
  bool all_alike = true;                     // and with all others as well
  Node const* prompt = nullptr;              // the last that was looked over
};

}  // namespace wanspool::yaml
