#include "store/sqlite_store.h"

namespace wanspool {

std::vector<Task> SqliteStore::held(Instant) {
  return {};
}
std::vector<KnownTask> SqliteStore::known(Instant) {
  return {};
}
std::vector<Task> SqliteStore::refills_of(std::int64_t) {
  return {};
}
std::vector<Undelivered> SqliteStore::undelivered(std::size_t) {
  return {};
}
std::optional<Wanted> SqliteStore::wanted(std::string const&) {
  return {};
}
std::optional<Task> SqliteStore::orphan(std::string const&) {
  return {};
}
std::vector<Task> SqliteStore::apply(Effects const&) {
  return {};
}
bool SqliteStore::has_had_effect(std::string const&) {
  return false;
}
std::optional<Task> SqliteStore::unfinished(std::string const&) {
  return {};
}

}  // namespace wanspool
