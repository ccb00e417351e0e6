#include "engine/inbox_report.h"

#include <nlohmann/json.hpp>
#include <system_error>

#include "base/disk.h"
#include "base/files.h"

namespace wanspool {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t kEntriesMost = 1000;

std::string dumped(ordered_json const& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

std::string text_of(InboxReport const& report) {
  if (report.empty()) return {};
  auto entries = ordered_json::array();
  for (auto const& each : report.entries) {
    if (entries.size() == kEntriesMost) break;
    entries.push_back({{"name", each.name}, {"why", each.why}});
  }
  return dumped({{"schema", 1}, {"trouble", report.trouble}, {"entries", std::move(entries)}}) + "\n";
}

InboxReport read_report(std::filesystem::path const& file) try {
  InboxReport report;
  auto const told = nlohmann::json::parse(read_file(file));
  report.trouble = told.at("trouble");
  for (auto const& each : told.at("entries")) report.entries.push_back({each.at("name"), each.at("why")});
  return report;
} catch (std::exception const&) {
  return {};
}

std::string reported_name(std::string const& name) {
  return nlohmann::json::parse(dumped(name)).get<std::string>();
}

void write_report(std::filesystem::path const& file, std::string const& text) {
  if (text.empty()) return disk::remove(file);
  auto const part = std::filesystem::path{file.string() + ".part"};
  auto fd = disk::create(part, 0666);
  disk::write(fd.get(), text, part);
  fd.reset();
  disk::rename(part, file);
}

}  // namespace wanspool
