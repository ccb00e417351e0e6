#pragma once

#include <span>
#include <string>
#include <string_view>

// Objects of --json as lines of a table (RFC 4180).
namespace wanspool::app {

struct Column {
  std::string_view name;
  std::string_view in;   // the object that holds it; "": the one of the line
  std::string_view key;  // there
};

// The line of names.
std::string csv_head(std::span<Column const> columns);
// Words cannot steer a terminal. What is not there and null are empty cells; what is no word or number is
// JSON text.
std::string csv_line(std::string const& json_object, std::span<Column const> columns);

}  // namespace wanspool::app
