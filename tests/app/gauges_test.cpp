#include "app/gauges.h"

#include <doctest/doctest.h>

#include <cmath>
#include <regex>
#include <set>
#include <sstream>

#include "app/exposition.h"
#include "app/made_up.h"
#include "base/files.h"

using namespace wanspool;
using namespace wanspool::app;

TEST_SUITE_BEGIN("app");

namespace {

// What a strict reader of Prometheus' text format (version 0.0.4) finds: each series and its value. Throws
// std::runtime_error where it finds anything else.
class Scrape {
 public:
  explicit Scrape(std::string const& text) {
    if (!text.ends_with('\n')) fail("the last line has no end");
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) read(line);
    for (auto const& [name, type] : types_)
      if (!told_.contains(name)) fail("no sample of " + name);
  }
  std::map<std::string, double> series;
  std::set<std::string> families() const { return told_; }

 private:
  [[noreturn]] static void fail(std::string const& why) { throw std::runtime_error{why}; }

  void read(std::string const& line) {
    static std::regex const help{R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+))"};
    static std::regex const type{R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge))"};
    static std::regex const sample{R"(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (\S+))"};
    std::smatch found;
    if (std::regex_match(line, found, help)) {
      if (!helps_.insert(found[1]).second) fail("a second HELP: " + line);
      family_ = found[1];
    } else if (std::regex_match(line, found, type)) {
      if (found[1] != family_) fail("TYPE of another than the HELP before it: " + line);
      if (!types_.emplace(found[1], found[2]).second) fail("a second TYPE: " + line);
    } else if (std::regex_match(line, found, sample)) {
      read_sample(line, found[1], found[3], found[4]);
    } else {
      fail("no line of the format: " + line);
    }
  }
  void read_sample(std::string const& line, std::string const& name, std::string const& labels,
                   std::string const& value) {
    if (name != family_ || !types_.contains(name)) fail("a sample outside of its family: " + line);
    if ((types_.at(name) == "counter") != name.ends_with("_total")) fail("counters end in _total: " + line);
    if (!name.starts_with("wanspool_")) fail("not ours: " + line);
    check_labels(line, labels);
    char* end = nullptr;
    auto const number = std::strtod(value.c_str(), &end);
    if (*end != '\0' || !std::isfinite(number)) fail("no number: " + line);
    if (!series.emplace(labels.empty() ? name : name + "{" + labels + "}", number).second)
      fail("told twice: " + line);
    told_.insert(name);
  }
  static void check_labels(std::string const& line, std::string rest) {
    static std::regex const one{R"re(([a-zA-Z_][a-zA-Z0-9_]*)="(([^"\\]|\\["\\n])*)"(,|$))re"};
    std::set<std::string> names;
    for (std::smatch found; !rest.empty(); rest = found.suffix()) {
      if (!std::regex_search(rest, found, one, std::regex_constants::match_continuous))
        fail("labels: " + line);
      if (!names.insert(found[1]).second || found[1].str().starts_with("__")) fail("label: " + line);
    }
  }

  std::string family_;
  std::set<std::string> helps_, told_;
  std::map<std::string, std::string> types_;
};

Gauges busy_gauges() {
  Gauges gauges;
  gauges.now = test::kNow;
  gauges.started = gauges.reloaded = test::kNow - hours{1};
  gauges.currency = "CNY";
  gauges.tally.add(test::done_job().row.task);
  gauges.tally.add(test::doubtful_task());
  gauges.today = {3, Money{600'000}};
  gauges.traffic.at(Traffic::Kind::Create, Traffic::End::Throttled) = 4;
  gauges.hindrance = Hindrance::Kind::Disk;
  gauges.stops = 1;
  gauges.uncollected = 2;
  gauges.dying = 5;
  gauges.accepted = 6;
  LaneStand lane;
  lane.row.model = "wan2.6-t2i";
  lane.row.weather.kind = Weather::Kind::OutOfQuota;
  lane.outstanding = 4;
  lane.room = 6;
  gauges.lanes.push_back(lane);
  lane.row.model = "never-used";
  lane.row.weather.kind = Weather::Kind::Fair;
  lane.outstanding = 0;
  gauges.lanes.push_back(lane);
  lane.row.account = "a \"b\"\\\n";
  lane.row.model = "no-limit";
  lane.outstanding = 1;
  lane.limits.slots = 0;
  gauges.lanes.push_back(lane);
  return gauges;
}

Lookups lookups_of(Gauges const& gauges) {
  Lookups looked;
  for (auto const& each : gauges.lanes) looked.lanes[each.row.key()].row = each.row;
  auto& facts = looked.lanes[gauges.lanes.front().row.key()];
  facts.median = milliseconds{61'500};
  facts.p90 = milliseconds{90'000};
  facts.busy = 0.975;
  looked.oldest["wan2.6-t2i"] = test::kNow - minutes{10};
  looked.free_bytes = {{"out", 5e12}, {"state", 1024}};
  return looked;
}

// The names that look like metrics of ours in a text.
std::set<std::string> names_in(std::string const& file) {
  auto const text = read_file(std::string{WANSPOOL_SOURCE_DIR} + "/" + file);
  static std::regex const name{"wanspool_[a-z0-9_]+"};
  return {std::sregex_token_iterator{text.begin(), text.end(), name}, std::sregex_token_iterator{}};
}

}  // namespace

TEST_CASE("metrics are well-formed: one family each, legal names, no series twice") {
  auto const gauges = busy_gauges();
  Scrape const scrape{exposition_of(gauges, lookups_of(gauges))};
  auto const& series = scrape.series;
  CHECK(series.at("wanspool_tasks{state=\"done\"}") == 1);
  CHECK(series.at("wanspool_tasks{state=\"submitting\"}") == 1);
  CHECK(series.at("wanspool_money_spent{currency=\"CNY\"}") == doctest::Approx(0.2));
  CHECK(series.at("wanspool_money_today{currency=\"CNY\"}") == doctest::Approx(0.6));
  CHECK(series.at("wanspool_requests_total{request=\"create\",outcome=\"throttled\"}") == 4);
  CHECK(series.at("wanspool_lane_weather{account=\"main\",model=\"wan2.6-t2i\",weather=\"out_of_quota\"}") ==
        1);
  CHECK(series.at("wanspool_lane_weather{account=\"main\",model=\"wan2.6-t2i\",weather=\"fair\"}") == 0);
  CHECK(series.at("wanspool_lane_slots{account=\"main\",model=\"wan2.6-t2i\"}") == 5);
  CHECK(series.at("wanspool_lane_task_median_seconds{account=\"main\",model=\"wan2.6-t2i\"}") == 61.5);
  CHECK(series.at("wanspool_lane_utilisation_ratio{account=\"main\",model=\"wan2.6-t2i\"}") == 0.975);
  CHECK(series.at("wanspool_oldest_waiting_timestamp_seconds{model=\"wan2.6-t2i\"}") == 1'699'999'400);
  CHECK(series.at("wanspool_disk_free_bytes{folder=\"out\"}") == 5e12);
  CHECK(series.at("wanspool_expiring_pictures") == 5);
  CHECK(series.at("wanspool_hindered{reason=\"disk\"}") == 1);
  CHECK(series.at("wanspool_hindered{reason=\"paused\"}") == 0);
  CHECK(series.at("wanspool_last_turn_timestamp_seconds") == 1'700'000'000);
  CHECK(series.at(std::string{"wanspool_build_info{version=\""} + WANSPOOL_VERSION + "\"}") == 1);
  CHECK(
      series.contains("wanspool_lane_outstanding_tasks{account=\"a \\\"b\\\"\\\\\\n\",model=\"no-limit\"}"));
}

TEST_CASE("a lane that was never used and a limit that nobody knows are told of by no series") {
  auto const gauges = busy_gauges();
  auto const text = exposition_of(gauges, lookups_of(gauges));
  CHECK(text.find("never-used") == std::string::npos);
  CHECK(text.find("wanspool_lane_slots{account=\"a") == std::string::npos);
}

TEST_CASE("an empty house has well-formed metrics too") {
  CHECK(Scrape{exposition_of({}, {})}.series.at("wanspool_tasks{state=\"done\"}") == 0);
}

TEST_CASE("the manual names every metric, and neither it nor the alert rules name another") {
  auto const gauges = busy_gauges();
  auto const families = Scrape{exposition_of(gauges, lookups_of(gauges))}.families();
  CHECK(names_in("docs/metrics.md") == families);
  for (auto const& each : names_in("docs/alerts.yaml")) {
    CAPTURE(each);
    CHECK(families.contains(each));
  }
}

TEST_CASE("a strict reader finds what is wrong with a text") {
  auto const head = std::string{"# HELP wanspool_a x\n# TYPE wanspool_a gauge\n"};
  CHECK_NOTHROW(Scrape{head + "wanspool_a 1\n"});
  for (auto const* const wrong :
       {"wanspool_a 1\nwanspool_a 2\n", "wanspool_a{a=\"1\",a=\"2\"} 1\n", "wanspool_a{a=\"1\"b=\"2\"} 1\n",
        "wanspool_a{0=\"1\"} 1\n", "wanspool_a x\n", "wanspool_b 1\n", "", "wanspool_a 1",
        "wanspool_a 1\n# TYPE wanspool_a gauge\n", "wanspool_a{a=\"\n\"} 1\n", "wanspool_a NaN\n"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(Scrape{head + wrong}, std::runtime_error);
  }
}

TEST_SUITE_END();
