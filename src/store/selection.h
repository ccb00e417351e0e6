#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/records.h"
#include "store/sqlite.h"

// Which jobs words mean, found by their names in pieces, however many there are.
namespace wanspool {

// A job of a live manifest, and of its purchase what commands ask for.
struct Selected {
  std::int64_t job = 0, task = 0;
  std::string manifest, name;
  Wish wish = Wish::Wanted;
  bool retired = false;
  bool owns = false;  // it is bought in its name
  State state = State::Queued;
  Money reserved, spent, uncertain;
  Instant deadline;
  std::string error_code;
};

// The next ones, after looking at no more than about `rows` jobs; the log's place moves on and its word's end
// is noted. None may be left of this piece and some of the next: `log.word` says when all words are through.
std::vector<Selected> select_jobs(sqlite::Db& db, std::vector<std::string> const& words, ErrandLog& log,
                                  std::size_t rows);
// The same of the jobs whose purchase has failed, by its id; `log.done` at the end.
std::vector<Selected> select_failed(sqlite::Db& db, ErrandLog& log, std::size_t rows);

bool means_some(sqlite::Db& db, std::string const& word);

}  // namespace wanspool
