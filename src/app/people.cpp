#include "app/people.h"

#include <pwd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "engine/paths.h"

namespace wanspool::app {
namespace {

constexpr std::size_t kLineMost = 1u << 20;  // of the user database

}  // namespace

std::string user_name(std::int64_t id) {
  if (id == kUnknownSubmitter) return "(unknown)";
  passwd user{};
  passwd* found = nullptr;
  std::vector<char> text(4096);
  while (::getpwuid_r(static_cast<uid_t>(id), &user, text.data(), text.size(), &found) == ERANGE &&
         text.size() < kLineMost)
    text.resize(text.size() * 4);
  return found != nullptr ? user.pw_name : std::to_string(id);
}

std::vector<LedgerRow> named(std::vector<LedgerRow> rows) {
  for (auto& each : rows) {
    std::int64_t id = 0;
    auto const* const end = each.key.data() + each.key.size();
    if (std::from_chars(each.key.data(), end, id).ptr == end) each.key = user_name(id);
  }
  std::sort(rows.begin(), rows.end(), [](auto const& a, auto const& b) { return a.key < b.key; });
  return rows;
}

std::int64_t Owners::of_manifest(std::string const& manifest) {
  auto const [known, is_new] = known_.try_emplace(manifest, kUnknownSubmitter);
  if (is_new) known->second = reader_.owner_of(manifest).value_or(kUnknownSubmitter);
  return known->second;
}

std::int64_t Owners::of(Task const& task) {
  return of_manifest(manifest_of(task.name));
}

}  // namespace wanspool::app
