#include "app/json_table.h"

#include <nlohmann/json.hpp>

#include "base/csv.h"
#include "base/harmless.h"

namespace wanspool::app {
namespace {

using json = nlohmann::json;

json const& member(json const& object, std::string_view key) {
  static json const nothing;
  auto const found = object.find(std::string{key});
  return found == object.end() ? nothing : *found;
}

std::string cell(json const& object, Column const& column) {
  auto const& value = member(column.in.empty() ? object : member(object, column.in), column.key);
  if (value.is_null()) return {};
  if (value.is_string()) return csv_text(harmless_lines(value.get<std::string>()));
  return csv_cell(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace

std::string csv_head(std::span<Column const> columns) {
  std::string head;
  for (auto const& each : columns) head += (head.empty() ? "" : ",") + std::string{each.name};
  return head + "\r\n";
}

std::string csv_line(std::string const& json_object, std::span<Column const> columns) {
  auto const object = json::parse(json_object);
  std::string line;
  for (auto const& each : columns) line += (&each == columns.data() ? "" : ",") + cell(object, each);
  return line + "\r\n";
}

}  // namespace wanspool::app
