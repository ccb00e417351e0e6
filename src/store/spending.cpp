#include "store/spending.h"

#include <fmt/format.h>

#include <stdexcept>

#include "store/drop.h"
#include "store/jobs.h"

namespace wanspool {
namespace {

using sqlite::Db;

// As in queue-6.sql.
enum Scope { kManifest = 0, kDay = 1 };
static_assert(static_cast<int>(Stop::Scope::Manifest) == 0 && static_cast<int>(Stop::Scope::Failures) == 3);

// As core's counted() has it, of a row of tasks.
constexpr char const* kPictures =
    "CASE WHEN t.price > 0 THEN (t.reserved + t.spent + t.uncertain + t.price - 1) / t.price"
    " WHEN t.state IN (1, 2, 3, 8) THEN t.wanted WHEN t.state IN (4, 5, 6) THEN t.image_count ELSE 0 END";

// A cap of all accounts together, where a stop has an account's name; no name is written so.
constexpr char const* kAllAccounts = "*";
// A cap that is no person's, where a stop has a user id.
constexpr std::int64_t kNobody = -2;

void write_row(Db& db, Scope scope, std::string const& key, LaneKey const& lane, Amounts const& change) {
  if (change == Amounts{}) return;
  db.run(
      "INSERT INTO spending (scope, key, account, model, pictures, reserved, spent, uncertain)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET pictures = pictures + excluded.pictures,"
      " reserved = reserved + excluded.reserved, spent = spent + excluded.spent,"
      " uncertain = uncertain + excluded.uncertain",
      scope, key, lane.account, lane.model, change.pictures, change.reserved, change.spent, change.uncertain);
}

std::map<std::int64_t, Counted> read_submitters(Db& db, std::string const& first, std::string const& last) {
  std::map<std::int64_t, Counted> people;
  auto rows = db.query(
      "SELECT submitter, pictures, reserved + spent + uncertain FROM submitters WHERE day BETWEEN ? AND ?",
      first, last);
  while (rows.next()) {
    auto& counted = people[rows.take<std::int64_t>()];
    counted.pictures += rows.take<std::int64_t>();
    counted.cost += rows.take<Money>();
  }
  return people;
}

std::map<LaneKey, Counted> read_days(Db& db, std::string const& first, std::string const& last) {
  std::map<LaneKey, Counted> lanes;
  auto rows = db.query(
      "SELECT account, model, pictures, reserved + spent + uncertain FROM spending"
      " WHERE scope = 1 AND key BETWEEN ? AND ?",
      first, last);
  while (rows.next()) {
    LaneKey lane;
    rows.take(lane.account);
    rows.take(lane.model);
    auto& counted = lanes[lane];
    counted.pictures += rows.take<std::int64_t>();
    counted.cost += rows.take<Money>();
  }
  return lanes;
}

[[noreturn]] void refuse(std::string const& whose, Budget const& cap, Counted const& counted) {
  throw std::logic_error{fmt::format(
      "{} would be exceeded: {} pictures for {} were to count against {} for {}", whose, counted.pictures,
      decimal(counted.cost), cap.pictures ? std::to_string(*cap.pictures) : std::string{"any"},
      cap.cost ? decimal(*cap.cost) : std::string{"any price"})};
}

// What is exceeded by what nobody here has ordered is no reservation's fault if that adds nothing to it.
void check_cap(std::string const& whose, Budget const& cap, Counted const& counted, Counted const& reserved) {
  bool const pictures = cap.pictures && reserved.pictures > 0 && counted.pictures > *cap.pictures;
  bool const cost = cap.cost && reserved.cost > Money{} && counted.cost > *cap.cost;
  if (pictures || cost) refuse(whose, cap, counted);
}

void check_periods(Purse::Periods const& caps, std::optional<std::string> const& account,
                   std::string const& model, Spent const& spent, Reservations const& reserved) {
  auto whose = model.empty() ? std::string{} : " for " + model;
  if (account) whose += " under the account " + account_name(*account);
  auto const need = sum_of(reserved.lanes, model, account);
  check_cap("the cap of a day" + whose, caps.day, sum_of(spent.day, model, account), need);
  check_cap("the cap of a month" + whose, caps.month, sum_of(spent.month, model, account), need);
}

void check_purse(Purse const& purse, std::optional<std::string> const& account, Spent const& spent,
                 Reservations const& reserved) {
  check_periods(purse.all, account, {}, spent, reserved);
  for (auto const& [model, caps] : purse.models) check_periods(caps, account, model, spent, reserved);
}

void check_submitters(Purse::Periods const& caps, Spent const& spent, Reservations const& reserved) {
  for (auto const& [submitter, need] : reserved.submitters) {
    auto const whose = fmt::format(" for the user with id {}", submitter);
    check_cap("the cap of a day" + whose, caps.day, sum_of(spent.day_by, submitter), need);
    check_cap("the cap of a month" + whose, caps.month, sum_of(spent.month_by, submitter), need);
  }
}

// As core's name_of() has it.
std::string lane_name(std::string_view account, std::string_view model) {
  return fmt::format("iif({0} = '', '', {0} || '/') || {1}", account, model);
}

// Two selections of key and sums, the kept and the counted ones; what has a row on one side alone is zero on
// the other.
void compare(Db& db, std::vector<std::string>& found, char const* of, std::string const& kept,
             std::string const& counted) {
  auto const sql = fmt::format(
      "WITH kept AS ({0}), counted AS ({1}) SELECT k, sum(a), sum(b), sum(c), sum(d), sum(e), sum(f), sum(g),"
      " sum(h) FROM (SELECT k, a, b, c, d, 0 AS e, 0 AS f, 0 AS g, 0 AS h FROM kept"
      " UNION ALL SELECT k, 0, 0, 0, 0, a, b, c, d FROM counted) GROUP BY k"
      " HAVING (sum(a), sum(b), sum(c), sum(d)) <> (sum(e), sum(f), sum(g), sum(h)) ORDER BY k",
      kept, counted);
  auto rows = db.query(sql);
  while (rows.next()) {
    auto words = fmt::format("the sums of {} {} differ from {}", of, rows.take<std::string>(),
                             std::string_view{of} == "manifest" ? "its tasks" : "the ledger");
    std::int64_t sums[8];
    for (auto& each : sums) rows.take(each);
    constexpr char const* kNames[] = {"pictures", "reserved", "spent", "uncertain"};
    for (int i = 0; i < 4; ++i) {
      if (sums[i] == sums[i + 4]) continue;
      auto const told = [&](std::int64_t value) {
        return i == 0 ? std::to_string(value) : decimal(Money{value});
      };
      words += fmt::format("; {}: {} kept, {} counted", kNames[i], told(sums[i]), told(sums[i + 4]));
    }
    found.push_back(std::move(words));
  }
}

}  // namespace

Books read_books(Db& db, std::int64_t task) {
  Books books;
  auto rows = db.query(
      "SELECT ifnull((SELECT manifest FROM jobs WHERE id = t.owner), ''), t.account, t.model, t.day,"
      " t.submitter, t.orphan, t.parent = 0 AND t.orphan = 0 FROM tasks t WHERE t.id = ?",
      task);
  if (!rows.next()) throw std::logic_error{fmt::format("the queue has no task {}", task)};
  rows.take(books.manifest);
  rows.take(books.lane.account);
  rows.take(books.lane.model);
  rows.take(books.day);
  rows.take(books.submitter);
  rows.take(books.is_orphan);
  rows.take(books.is_job);
  return books;
}

Amounts::Amounts(Task const& task)
    : pictures{counted(task).pictures},
      reserved{task.reserved},
      spent{task.spent},
      uncertain{task.uncertain} {}

Amounts& Amounts::operator+=(Amounts const& other) {
  pictures += other.pictures;
  reserved += other.reserved;
  spent += other.spent;
  uncertain += other.uncertain;
  return *this;
}

Amounts& Amounts::operator-=(Amounts const& other) {
  pictures -= other.pictures;
  reserved -= other.reserved;
  spent -= other.spent;
  uncertain -= other.uncertain;
  return *this;
}

void Spending::add_to_day(std::string const& day, LaneKey const& lane, Amounts const& change) {
  days_[{day, lane}] += change;
}

void Spending::add_to_manifest(std::string const& manifest, Amounts const& change) {
  if (!manifest.empty()) manifests_[manifest] += change;
}

void Spending::add_to_submitter(std::string const& day, std::int64_t submitter, Amounts const& change) {
  submitters_[{day, submitter}] += change;
}

void Spending::add_outcome(std::string const& manifest, State state, int number) {
  if (manifest.empty()) return;
  if (state == State::Done) outcomes_[manifest].first += number;
  if (state == State::Failed) outcomes_[manifest].second += number;
}

void Spending::write() {
  for (auto const& [where, change] : std::exchange(days_, {}))
    write_row(db_, kDay, where.first, where.second, change);
  for (auto const& [manifest, change] : std::exchange(manifests_, {}))
    write_row(db_, kManifest, manifest, {}, change);
  for (auto const& [where, change] : std::exchange(submitters_, {}))
    if (change != Amounts{})
      db_.run(
          "INSERT INTO submitters (day, submitter, pictures, reserved, spent, uncertain)"
          " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET pictures = pictures + excluded.pictures,"
          " reserved = reserved + excluded.reserved, spent = spent + excluded.spent,"
          " uncertain = uncertain + excluded.uncertain",
          where.first, where.second, change.pictures, change.reserved, change.spent, change.uncertain);
  // What is bought again after a failure takes what was forgiven with it.
  for (auto const& [manifest, change] : std::exchange(outcomes_, {}))
    if (change.first != 0 || change.second != 0)
      db_.run(
          "INSERT INTO outcomes (manifest, done, failed) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
          " done = done + excluded.done, failed = failed + excluded.failed,"
          " forgiven = min(forgiven, failed + excluded.failed)",
          manifest, change.first, change.second);
}

Standing read_standing(Db& db, std::string const& manifest) {
  Standing standing;
  standing.submitter = read_owner(db, manifest).value_or(kUnknownSubmitter);
  if (auto const newest = newest_drop(db, manifest); newest != 0) {
    auto const drop = find_drop(db, newest);
    standing.manifest = manifest;
    standing.budget = drop->terms.budget;
    standing.max_failures = drop->terms.max_failures;
  }
  {
    auto rows = db.query(
        "SELECT pictures, reserved + spent + uncertain FROM spending WHERE scope = 0 AND key = ?", manifest);
    if (rows.next()) {
      rows.take(standing.counted.pictures);
      rows.take(standing.counted.cost);
    }
  }
  auto rows = db.query("SELECT done, failed, forgiven FROM outcomes WHERE manifest = ?", manifest);
  if (!rows.next()) return standing;
  rows.take(standing.outcomes.done);
  rows.take(standing.outcomes.failed);
  rows.take(standing.outcomes.forgiven);
  return standing;
}

Spent read_spent_on(Db& db, std::string const& day) {
  auto const month = day.substr(0, 7);
  Spent spent;
  spent.day = read_days(db, day, day);
  spent.month = read_days(db, month + "-01", month + "-31");
  spent.day_by = read_submitters(db, day, day);
  spent.month_by = read_submitters(db, month + "-01", month + "-31");
  return spent;
}

void Reservations::add(Task const& task, Books const& books) {
  auto const need = needed(task);
  if (!books.manifest.empty()) manifests[books.manifest] += need;
  lanes[books.lane] += need;
  submitters[books.submitter] += need;
}

void check_caps(Db& db, Caps const& caps, std::string const& day, Reservations const& reserved) {
  for (auto const& [manifest, need] : reserved.manifests) {
    auto const standing = read_standing(db, manifest);
    check_cap("the budget of " + manifest, standing.budget, standing.counted, need);
  }
  if (caps.empty() || reserved.lanes.empty()) return;
  auto const spent = read_spent_on(db, day);
  check_submitters(caps.submitter, spent, reserved);
  check_purse(caps, {}, spent, reserved);
  for (auto const& [account, purse] : caps.accounts) check_purse(purse, account, spent, reserved);
}

void forgive(Db& db, std::string const& manifest) {
  db.run("UPDATE outcomes SET forgiven = failed WHERE manifest = ?", manifest);
  forget_stops(db, manifest);
}

void forget_stops(Db& db, std::string const& manifest) {
  db.run("DELETE FROM stops WHERE manifest = ?", manifest);
}

void write_stops(Db& db, std::vector<Stop> const& stops) {
  db.run("DELETE FROM stops");
  for (auto const& stop : stops)
    db.run("INSERT INTO stops VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", stop.scope, stop.manifest,
           stop.account.value_or(kAllAccounts), stop.model, stop.submitter.value_or(kNobody),
           stop.cap.pictures.value_or(-1), stop.cap.cost.value_or(Money{-1}), stop.counted.pictures,
           stop.counted.cost, stop.failed, stop.finished, stop.most.amount, stop.most.percent, stop.until);
}

std::vector<Stop> read_stops(Db& db) {
  std::vector<Stop> stops;
  auto rows = db.query(
      "SELECT scope, manifest, account, model, submitter, cap_pictures, cap_cost, pictures, cost, failed,"
      " finished, most, percent, until FROM stops ORDER BY scope, manifest, account, model, submitter");
  while (rows.next()) {
    auto& stop = stops.emplace_back();
    rows.take(stop.scope);
    rows.take(stop.manifest);
    if (auto account = rows.take<std::string>(); account != kAllAccounts) stop.account = std::move(account);
    rows.take(stop.model);
    if (auto const whose = rows.take<std::int64_t>(); whose != kNobody) stop.submitter = whose;
    if (auto const pictures = rows.take<std::int64_t>(); pictures >= 0) stop.cap.pictures = pictures;
    if (auto const cost = rows.take<Money>(); cost >= Money{}) stop.cap.cost = cost;
    rows.take(stop.counted.pictures);
    rows.take(stop.counted.cost);
    rows.take(stop.failed);
    rows.take(stop.finished);
    rows.take(stop.most.amount);
    rows.take(stop.most.percent);
    rows.take(stop.until);
  }
  return stops;
}

std::vector<std::string> audit_spending(Db& db) {
  std::vector<std::string> found;
  constexpr char const* kSums =
      "sum(pictures) AS a, sum(reserved) AS b, sum(spent) AS c, sum(uncertain) AS d";
  compare(
      db, found, "day",
      fmt::format("SELECT key || ' of ' || {} AS k, {} FROM spending s WHERE scope = 1 GROUP BY 1",
                  lane_name("s.account", "s.model"), kSums),
      fmt::format(
          "SELECT l.day || ' of ' || {} AS k, sum(l.pictures) AS a, sum(l.reserved) AS b,"
          " sum(l.spent) AS c, sum(l.uncertain) AS d FROM ledger l JOIN tasks t ON t.id = l.task GROUP BY 1",
          lane_name("l.account", "t.model")));
  compare(db, found, "manifest",
          fmt::format("SELECT key AS k, {} FROM spending WHERE scope = 0 GROUP BY 1", kSums),
          fmt::format("SELECT j.manifest AS k, sum({}) AS a, sum(t.reserved) AS b, sum(t.spent) AS c,"
                      " sum(t.uncertain) AS d FROM tasks t JOIN jobs j ON j.id = t.owner GROUP BY 1",
                      kPictures));
  compare(db, found, "user",
          fmt::format("SELECT submitter || ' on ' || day AS k, {} FROM submitters GROUP BY 1", kSums),
          "SELECT l.submitter || ' on ' || l.day AS k, sum(l.pictures) AS a, sum(l.reserved) AS b,"
          " sum(l.spent) AS c, sum(l.uncertain) AS d FROM ledger l JOIN tasks t ON t.id = l.task"
          " WHERE t.orphan = 0 GROUP BY 1");
  auto const pictures = fmt::format(
      "SELECT t.id, ifnull(l.pictures, 0), {0} FROM tasks t LEFT JOIN"
      " (SELECT task, sum(pictures) AS pictures FROM ledger GROUP BY task) l ON l.task = t.id"
      " WHERE ifnull(l.pictures, 0) <> {0} ORDER BY t.id",
      kPictures);
  {
    auto rows = db.query(pictures);
    while (rows.next()) {
      auto const task = rows.take<std::int64_t>();
      auto const entered = rows.take<std::int64_t>();
      found.push_back(fmt::format("the ledger differs from task {}; pictures {} there, {} here", task,
                                  entered, rows.take<std::int64_t>()));
    }
  }
  auto rows = db.query(
      "SELECT k, sum(a), sum(b), sum(c), sum(d) FROM (SELECT manifest AS k, done AS a, failed AS b, 0 AS c,"
      " 0 AS d FROM outcomes UNION ALL SELECT j.manifest, 0, 0, t.state = 5, t.state = 6 FROM tasks t"
      " JOIN jobs j ON j.id = t.owner WHERE t.state IN (5, 6) AND t.parent = 0)"
      " GROUP BY k HAVING (sum(a), sum(b)) <> (sum(c), sum(d)) ORDER BY k");
  while (rows.next()) {
    auto words = "manifest " + rows.take<std::string>() + " has other numbers of jobs that are over;";
    auto const done = rows.take<std::int64_t>(), failed = rows.take<std::int64_t>();
    auto const done_here = rows.take<std::int64_t>();
    found.push_back(words + fmt::format(" done: {} kept, {} counted; failed: {} kept, {} counted", done,
                                        done_here, failed, rows.take<std::int64_t>()));
  }
  return found;
}

}  // namespace wanspool
