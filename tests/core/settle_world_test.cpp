#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/settle.h"

using namespace wanspool;
using What = Verdict::What;
using Stand = Doubt::Stand;

TEST_SUITE_BEGIN("core");

namespace {

constexpr Instant kStart{milliseconds{1'700'000'000'000}};

struct Kind {
  bool apart = false;    // a second between the windows of a model
  bool others = false;   // somebody else creates with our key
  bool partial = false;  // the list ends somewhere, and some creates are still in flight
};

// A true history of an account, of which settle() sees what a spool sees.
class World {
 public:
  World(std::uint64_t seed, Kind kind) : random_{seed}, kind_{kind} {
    skew_ = milliseconds{pick(-7'200'000, 7'200'000)};
    int const creates = pick(1, 25);
    for (int i = 0; i < creates; ++i) live();
    prove();
    hide();
    std::shuffle(rows.begin(), rows.end(), random_);
  }

  std::vector<Doubt> doubts;
  std::vector<ListRow> rows;
  std::vector<KnownTask> known;
  std::map<std::int64_t, std::string> bought;  // of each doubt its task; none: it was never accepted
  std::set<std::string> made_by_others;
  Instant read_at;

  Verdicts settled() const { return settle(doubts, rows, known, Policy{}, read_at); }
  Doubt const& doubt(std::int64_t task) const { return doubts[static_cast<std::size_t>(task - 1)]; }

 private:
  int pick(int low, int high) { return std::uniform_int_distribution{low, high}(random_); }
  bool chance(int percent) { return pick(1, 100) <= percent; }
  milliseconds span(int most) { return milliseconds{pick(0, most)}; }

  void live() {
    now_ += span(kind_.apart ? 2000 : 700);
    if (chance(25)) list("theirs", now_);
    if (kind_.others && chance(15)) made_by_others.insert(list("ours", now_).task_id);
    chance(50) ? buy() : lose();
  }
  // A create of ours that is answered.
  void buy() {
    auto const sent = now_;
    auto const created = sent + span(200);
    now_ = created + span(200);
    known.push_back({list("ours", created).task_id, sent, now_, false});
  }
  // One that is not; its window may be long, and others go on beside it.
  void lose() {
    Doubt doubt;
    doubt.task = static_cast<std::int64_t>(doubts.size()) + 1;
    doubt.model = chance(80) ? "wan" : "other";
    doubt.sent = now_;
    doubt.until = now_ + span(3000);
    doubt.stand = chance(15) ? Stand::Held : Stand::Ripe;
    if (chance(60)) accept(doubt);
    if (kind_.apart) now_ = doubt.until + seconds{1};
    doubts.push_back(doubt);
  }
  void accept(Doubt& doubt) {
    auto& row = list("ours", doubt.sent + span(static_cast<int>((doubt.until - doubt.sent).count())));
    row.model = doubt.model;
    if (chance(15)) doubt.request_id = row.request_id;
    if (chance(10)) row.request_id.clear();
    if (doubt.stand == Stand::Held && chance(50)) known.push_back({row.task_id, {}, {}, true});
    bought[doubt.task] = row.task_id;
  }
  ListRow& list(std::string const& key, Instant created) {
    auto const id = std::to_string(rows.size());
    rows.push_back({"task-" + id, "request-" + id, "wan", "SUCCEEDED", key, "account", created + skew_});
    return rows.back();
  }
  void prove() {
    for (auto const& doubt : doubts) now_ = std::max(now_, doubt.until);
    buy();
    read_at = now_ + seconds{61};
  }
  void hide() {
    if (!kind_.partial) return;
    auto const end = kStart + span(static_cast<int>((now_ - kStart).count()));
    for (auto& doubt : doubts)
      if (doubt.sent > end && chance(50)) doubt.stand = Stand::Young;
    if (chance(30)) read_at += minutes{20};  // patience is over
    std::erase_if(rows, [&](ListRow const& row) { return row.created > end + skew_; });
  }

  std::mt19937_64 random_;
  Kind kind_;
  milliseconds skew_{0};
  Instant now_ = kStart;
};

// "" or what is wrong whatever the world is.
std::string wrong_anywhere(World const& world, Verdicts const& verdicts) {
  std::set<std::string> taken;
  for (auto const& task : world.known)
    if (!task.orphan) taken.insert(task.task_id);
  for (auto const& it : verdicts.each) {
    auto const& doubt = world.doubt(it.task);
    if (doubt.stand != Stand::Ripe) return "a verdict that nobody asked for";
    if (it.why.empty()) return "a verdict without a reason";
    if (it.what == What::NeverAccepted && world.bought.contains(it.task))
      return "a task would be bought twice";
    if (it.what != What::Adopt) continue;
    if (!taken.insert(it.row.task_id).second) return "two have task " + it.row.task_id;
    if (it.row.api_key_id != "ours") return "adopted a task of another key";
    if (it.accepted < doubt.sent || it.accepted > doubt.until) return "accepted outside of its window";
  }
  return {};
}

// Where nobody else has our key.
std::string wrong_alone(World const& world, Verdicts const& verdicts) {
  if (!verdicts.strangers.empty()) return "a stranger where there is none";
  for (auto const& it : verdicts.each) {
    auto const bought = world.bought.find(it.task);
    if (it.what == What::Adopt && (bought == world.bought.end() || bought->second != it.row.task_id))
      return "adopted what is another's";
  }
  return {};
}

// Where nobody else has our key and the list is whole.
std::string wrong_whole(World const& world, Verdicts const& verdicts) {
  for (auto const& it : verdicts.each) {
    auto const bought = world.bought.find(it.task);
    if (it.what != What::Undecidable || bought == world.bought.end()) continue;
    auto const is_it = [&](ListRow const& row) { return row.task_id == bought->second; };
    if (std::none_of(it.candidates.begin(), it.candidates.end(), is_it))
      return "its task is not among the candidates";
  }
  return {};
}

std::string wrong_apart(World const& world, Verdicts const& verdicts) {
  for (auto const& it : verdicts.each) {
    auto const truth = world.bought.contains(it.task) ? What::Adopt : What::NeverAccepted;
    if (it.what != truth) return "not the truth: " + it.why;
  }
  return {};
}

std::string wrong_shared(World const& world, Verdicts const& verdicts) {
  for (auto const& row : verdicts.strangers)
    if (!world.made_by_others.contains(row.task_id)) return "one of ours is called a stranger";
  if (verdicts.strangers.empty()) return {};
  for (auto const& it : verdicts.each)
    if (it.what == What::Adopt && world.doubt(it.task).request_id != it.row.request_id)
      return "adopted by its window alone although the key is shared";
  return {};
}

using Judge = std::string (*)(World const&, Verdicts const&);

// How often each verdict came, so that a world in which nothing happens is noticed.
std::map<What, int> every_seed(Kind kind, std::vector<Judge> const& judges) {
  std::map<What, int> count;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    World const world{seed, kind};
    auto const verdicts = world.settled();
    for (auto const judge : judges)
      if (auto const wrong = judge(world, verdicts); !wrong.empty()) FAIL("seed " << seed << ": " << wrong);
    for (auto const& each : verdicts.each) ++count[each.what];
  }
  return count;
}

}  // namespace

TEST_CASE("with windows a second apart and a key of our own every verdict is the truth") {
  auto count = every_seed({.apart = true}, {wrong_anywhere, wrong_alone, wrong_apart});
  CHECK(count[What::Adopt] > 3000);
  CHECK(count[What::NeverAccepted] > 3000);
}

TEST_CASE("with a key of our own nothing is bought twice and nothing is adopted that is another's") {
  auto count = every_seed({}, {wrong_anywhere, wrong_alone, wrong_whole});
  for (auto const what : {What::Adopt, What::NeverAccepted, What::Undecidable}) CHECK(count[what] > 1000);
}

TEST_CASE("a list that ends too early buys nothing twice and gives nobody another's task") {
  auto count = every_seed({.partial = true}, {wrong_anywhere, wrong_alone});
  for (auto const what : {What::Adopt, What::NeverAccepted, What::Undecidable, What::Wait})
    CHECK(count[what] > 500);
}

TEST_CASE("on a shared key nothing is bought twice, and what is seen to be shared is not adopted from") {
  auto count = every_seed({.others = true}, {wrong_anywhere, wrong_shared});
  for (auto const what : {What::Adopt, What::NeverAccepted, What::Undecidable}) CHECK(count[what] > 1000);
}

TEST_CASE("the order of the list's rows changes no verdict") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    World world{seed, {.others = seed % 2 == 0, .partial = seed % 3 == 0}};
    auto const before = world.settled();
    std::reverse(world.rows.begin(), world.rows.end());
    auto const after = world.settled();
    REQUIRE(before.each.size() == after.each.size());
    for (std::size_t i = 0; i < before.each.size(); ++i) {
      CAPTURE(seed);
      REQUIRE(before.each[i].what == after.each[i].what);
      REQUIRE(before.each[i].row == after.each[i].row);
    }
  }
}
