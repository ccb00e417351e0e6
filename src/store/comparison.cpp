#include "store/comparison.h"

#include "store/dropping.h"
#include "store/jobs.h"

namespace wanspool {

Judgement SqliteComparison::judge(NewJob const& job) {
  sqlite::Transaction const transaction{db_, sqlite::Transaction::Kind::Read};
  auto known = find_known(db_, manifest_, job.name);
  if (known && !known->live) known.reset();
  if (!known) return {Judgement::Kind::New, buys_new(job.fingerprint), State::Queued, false};
  named_.insert(known->id);
  Judgement judgement{kind_of(*known, job), false, known->state, known->retired};
  if (judgement.kind == Judgement::Kind::Changed) judgement.buys = buys_new(job.fingerprint);
  if (judgement.kind == Judgement::Kind::Again) judgement.buys = buys_again(known->task);
  return judgement;
}

void SqliteComparison::gone(std::function<bool(JobRow const&)> const& take) const {
  list_jobs(db_, manifest_, [&](std::int64_t id, JobRow const& row) {
    return row.retired || named_.contains(id) || take(row);
  });
}

// What is arriving with another drop may go again, and is bought by whoever becomes live first.
bool SqliteComparison::buys_new(std::string const& fingerprint) {
  auto const purchase = find_purchase(db_, fingerprint);
  if (purchase && purchase->live) return purchase->worth_again && buys_again(purchase->task);
  return new_.insert(std::hash<std::string>{}(fingerprint)).second;
}

}  // namespace wanspool
