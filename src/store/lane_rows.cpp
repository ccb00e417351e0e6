#include <fmt/format.h>

#include "store/fields.h"
#include "store/rows.h"

// What is remembered of lanes, and the sums of their tasks.
namespace wanspool {
namespace {

using sqlite::Db;

static_assert(static_cast<int>(Weather::Kind::Account) == 5);

template <typename L, typename Field>
void each_lane_field(L& lane, Field&& field) {
  field("account", lane.account);
  field("model", lane.model);
  field("kind", lane.weather.kind);
  field("until", lane.weather.until);
  field("since", lane.weather.since);
  field("misses", lane.weather.misses);
  field("reason", lane.weather.reason);
  field("slots", lane.memory.slots);
  field("surplus", lane.memory.surplus);
  field("most", lane.memory.most);
  field("refusals", lane.memory.refusals);
  field("below", lane.memory.below);
  field("again", lane.memory.again);
  field("creates", lane.memory.creates);
}

template <typename T, typename Field>
void each_tally_field(T& tally, Field&& field) {
  for (int state = 0; state < kStates; ++state)
    field(name_of(static_cast<State>(state)), tally.tasks[static_cast<std::size_t>(state)]);
  field("pictures", tally.pictures);
  field("reserved", tally.reserved);
  field("spent", tally.spent);
  field("uncertain", tally.uncertain);
}

auto lane_fields() {
  return [](auto const& field) { each_lane_field(static_cast<LaneRow const&>(LaneRow{}), field); };
}
auto tally_fields() {
  return [](auto const& field) { each_tally_field(static_cast<Tally const&>(Tally{}), field); };
}

void read_service(Db& db, LaneRow& lane) {
  auto rows =
      db.query("SELECT mode, lately FROM services WHERE account = ? AND model = ?", lane.account, lane.model);
  while (rows.next()) {
    auto const mode = rows.take<std::string>();
    lane.service[mode] = ServiceTimes::read(rows.take<std::string>());
  }
}

}  // namespace

std::vector<LaneRow> read_lanes(Db& db) {
  static auto const sql = "SELECT " + list(lane_fields(), "@") + " FROM lanes ORDER BY account, model";
  std::vector<LaneRow> lanes;
  auto rows = db.query(sql);
  while (rows.next()) each_lane_field(lanes.emplace_back(), taking(rows));
  for (auto& lane : lanes) read_service(db, lane);
  return lanes;
}

void write_lane(Db& db, LaneRow const& lane) {
  static auto const sql = fmt::format("INSERT OR REPLACE INTO lanes ({}) VALUES ({})",
                                      list(lane_fields(), "@"), list(lane_fields(), "?"));
  auto rows = db.query(sql);
  each_lane_field(lane, putting(rows));
  rows.next();
  for (auto const& [mode, times] : lane.service)
    db.run("INSERT OR REPLACE INTO services (account, model, mode, lately) VALUES (?, ?, ?, ?)", lane.account,
           lane.model, mode, times.str());
}

Tally read_tally(Db& db) {
  static auto const sql = "SELECT " + list(tally_fields(), "sum(@)") + " FROM tallies";
  Tally tally;
  auto rows = db.query(sql);
  if (rows.next()) each_tally_field(tally, taking(rows));
  return tally;
}

std::map<LaneKey, Tally> read_tallies(Db& db) {
  static auto const sql = "SELECT account, model, " + list(tally_fields(), "@") + " FROM tallies";
  std::map<LaneKey, Tally> tallies;
  auto rows = db.query(sql);
  while (rows.next()) {
    LaneKey lane;
    rows.take(lane.account);
    rows.take(lane.model);
    each_tally_field(tallies[lane], taking(rows));
  }
  return tallies;
}

void write_tally(Db& db, LaneKey const& lane, Tally const& change) {
  static auto const sql = fmt::format(
      "INSERT INTO tallies (account, model, {}) VALUES (?, ?, {}) ON CONFLICT (model, account) DO UPDATE SET "
      "{}",
      list(tally_fields(), "@"), list(tally_fields(), "?"), list(tally_fields(), "@ = @ + excluded.@"));
  auto rows = db.query(sql, lane.account, lane.model);
  each_tally_field(change, putting(rows));
  rows.next();
}

}  // namespace wanspool
