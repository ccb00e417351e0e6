#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "store/store.h"

// Whose work is bought, as people call them.
namespace wanspool::app {

// A user's name; the id where the system has no such user, "(unknown)" where nobody knows who it was.
std::string user_name(std::int64_t id);

// The ledger's rows by submitter with names for ids, in the order of names.
std::vector<LedgerRow> named(std::vector<LedgerRow> rows);

// Who had a manifest's name first; each is read once.
class Owners {
 public:
  explicit Owners(Reader& reader) : reader_{reader} {}
  std::int64_t of_manifest(std::string const& manifest);
  // Of the one in whose name it is bought.
  std::int64_t of(Task const& task);

 private:
  Reader& reader_;
  std::map<std::string, std::int64_t> known_;
};

}  // namespace wanspool::app
