#include <doctest/doctest.h>
#include <sqlite3.h>

#include <random>
#include <stdexcept>
#include <utility>

#include "store/support.h"

TEST_SUITE_BEGIN("store");

using namespace wanspool;

namespace {

constexpr Money kPrice{200'000};  // of a picture of job(), which wants two

Task sent(Task task) {
  task.state = State::Submitting;
  task.reserved = task.price * task.wanted;
  return task;
}

Task over(Task task, int charged) {
  task.state = State::Done;
  task.reserved = {};
  task.spent = task.price * charged;
  task.image_count = charged;
  return task;
}

Task lost(Task task) {
  task.state = State::Failed;
  task.uncertain = task.reserved;
  task.reserved = {};
  return task;
}

Task refused(Task task) {
  task.state = State::Queued;
  task.reserved = {};
  return task;
}

std::vector<Task> commit(Store& store, Task const& task, std::string const& day, Caps const& caps = {}) {
  Batch batch{{task}, {}};
  batch.at = at(0);
  batch.day = day;
  batch.caps = caps;
  return store.commit(batch);
}

Counted today(Store& store, std::string const& day, std::string const& model = {}) {
  return sum_of(store.spent_on(day).day, model);
}

Counted month(Store& store, std::string const& day) {
  return sum_of(store.spent_on(day).month);
}

// Takes jobs in with terms.
Taken take_in_with(Store& store, std::string const& name, std::string const& claim, Terms const& terms,
                   std::vector<NewJob> const& jobs) {
  auto row = manifest(name, claim);
  row.terms = terms;
  auto const id = store.begin_manifest(row);
  CHECK(store.add_jobs(id, jobs).empty());
  return store.publish_manifest(id, at(0));
}

Terms within(Budget const& budget) {
  Terms terms;
  terms.budget = budget;
  return terms;
}

constexpr std::int64_t kAnna = 3001, kBen = 3002;

void take_in_of(Store& store, std::int64_t owner, std::string const& name, std::vector<NewJob> const& jobs,
                std::string const& claim = {}) {
  auto row = manifest(name, name + claim);
  row.owner = owner;
  auto const id = store.begin_manifest(row);
  CHECK(store.add_jobs(id, jobs).empty());
  store.publish_manifest(id, at(0));
}

Counted of_day(Store& store, std::string const& day, std::int64_t submitter) {
  return sum_of(store.spent_on(day).day_by, submitter);
}

struct Place {
  TempFolder folder;
  std::filesystem::path file = folder / "wanspool.db";
  std::unique_ptr<Store> store = open_store(file);

  std::vector<std::string> findings() const {
    std::vector<std::string> found;
    for (auto const& each : open_reader(file)->audit()) found.push_back(each.what);
    return found;
  }
};

}  // namespace

TEST_CASE("what a purchase counts stays on the day on which it was reserved") {
  Place const place;
  auto& store = *place.store;
  take_in(store, "cats", {job("a"), job("b")});
  auto const task = all_queued(store)[0];
  commit(store, sent(task), "2026-11-30");
  CHECK(today(store, "2026-11-30") == Counted{2, kPrice * 2});
  CHECK(store.standing("cats").counted == Counted{2, kPrice * 2});
  commit(store, over(sent(task), 1), "2026-12-01");
  CHECK(today(store, "2026-11-30") == Counted{1, kPrice});
  CHECK(today(store, "2026-12-01") == Counted{});
  CHECK(month(store, "2026-11-01") == Counted{1, kPrice});
  CHECK(month(store, "2026-12-01") == Counted{});
  CHECK(store.standing("cats").counted == Counted{1, kPrice});
  CHECK(place.findings().empty());
}

TEST_CASE("a purchase that is sent again counts on its new day, and what it may have cost on the old one") {
  Place const place;
  auto& store = *place.store;
  take_in(store, "cats", {job("a")});
  auto task = sent(all_queued(store)[0]);
  commit(store, task, "2026-11-23");
  task = refused(task);
  task.uncertain = kPrice * 2;
  commit(store, task, "2026-11-24");
  CHECK(today(store, "2026-11-23") == Counted{2, kPrice * 2});
  CHECK(today(store, "2026-11-24") == Counted{});
  task = sent(task);
  commit(store, task, "2026-11-25");
  CHECK(today(store, "2026-11-23") == Counted{2, kPrice * 2});
  CHECK(today(store, "2026-11-25") == Counted{2, kPrice * 2});
  CHECK(store.standing("cats").counted == Counted{4, kPrice * 4});
  commit(store, refused(task), "2026-11-26");
  CHECK(today(store, "2026-11-25") == Counted{});
  CHECK(place.findings().empty());
}

TEST_CASE("a day counts by model, and a month its days") {
  Place const place;
  auto& store = *place.store;
  auto other = job("b");
  other.model = "wan2.6-t2i";
  take_in(store, "cats", {job("a"), other});
  commit(store, sent(store.wanted("cats/a")->task), "2026-11-01");
  commit(store, sent(store.wanted("cats/b")->task), "2026-11-30");
  CHECK(today(store, "2026-11-01", "wan2.6-image").pictures == 2);
  CHECK(today(store, "2026-11-01", "wan2.6-t2i").pictures == 0);
  CHECK(today(store, "2026-11-30", "wan2.6-t2i").pictures == 2);
  CHECK(month(store, "2026-11-15").pictures == 4);
  CHECK(month(store, "2026-10-31").pictures == 0);
}

TEST_CASE("an orphan counts for its day and for no manifest, and then for whoever adopts it") {
  Place const place;
  auto& store = *place.store;
  take_in(store, "cats", {job("a")});
  auto held = sent(all_queued(store)[0]);
  held.state = State::Held;
  commit(store, held, "2026-11-23");
  Batch batch;
  batch.day = "2026-11-24";
  batch.orphans = {{{"O", "", "wan2.6-image", "", "", "", at(1)}, at(1), kPrice, 1, {held.id}}};
  auto const orphan = store.commit(batch)[0];
  CHECK(today(store, "2026-11-24") == Counted{1, kPrice});
  CHECK(store.standing("cats").counted == Counted{2, kPrice * 2});
  CHECK(place.findings().empty());
  store.apply({"c", at(9), {}, {{"cats/a", "O", "", at(1)}}});
  CHECK(today(store, "2026-11-23") == Counted{});
  CHECK(today(store, "2026-11-24") == Counted{1, kPrice});
  CHECK(store.standing("cats").counted == Counted{1, kPrice});
  CHECK(place.findings().empty());
}

TEST_CASE("an orphan of another price and model counts as its heir's") {
  Place const place;
  auto& store = *place.store;
  take_in(store, "cats", {job("a")});
  auto held = sent(all_queued(store)[0]);
  held.state = State::Held;
  commit(store, held, "2026-11-23");
  Batch batch;
  batch.day = "2026-11-24";
  batch.orphans = {{{"O", "", "wan2.6-t2i", "", "", "", at(1)}, at(1), Money{100'000}, 4, {held.id}}};
  store.commit(batch);
  CHECK(today(store, "2026-11-24", "wan2.6-t2i") == Counted{4, Money{400'000}});
  store.apply({"c", at(9), {}, {{"cats/a", "O", "", at(1)}}});
  CHECK(today(store, "2026-11-24", "wan2.6-t2i") == Counted{});
  CHECK(today(store, "2026-11-24", "wan2.6-image") == Counted{2, Money{400'000}});
  CHECK(place.findings().empty());
}

TEST_CASE("what is reserved within a budget is written, and one picture more is not") {
  Place const place;
  auto& store = *place.store;
  take_in_with(store, "cats", "1", within({4, {}}), jobs(3));
  auto const queued = all_queued(store);
  commit(store, sent(queued[0]), "2026-11-23");
  commit(store, sent(queued[1]), "2026-11-23");
  CHECK_THROWS_AS(commit(store, sent(queued[2]), "2026-11-23"), std::logic_error);
  CHECK(all_queued(store).size() == 1);
  CHECK(store.standing("cats").counted.pictures == 4);
  take_in_with(store, "cats", "2", within({6, {}}), jobs(3));
  commit(store, sent(queued[2]), "2026-11-23");
  CHECK(store.standing("cats").counted.pictures == 6);
}

TEST_CASE("what is given back in the same transaction makes no room in it") {
  Place const place;
  auto& store = *place.store;
  take_in_with(store, "cats", "1", within({2, {}}), jobs(2));
  auto const queued = all_queued(store);
  commit(store, sent(queued[0]), "2026-11-23");
  Batch both{{refused(sent(queued[0])), sent(queued[1])}, {}};
  CHECK_THROWS_AS(store.commit(both), std::logic_error);
  commit(store, refused(sent(queued[0])), "2026-11-23");
  commit(store, sent(queued[1]), "2026-11-23");
}

TEST_CASE("a batch's caps of day, month and model are kept, each to its last amount") {
  Place const place;
  auto& store = *place.store;
  take_in(store, "cats", jobs(3));
  auto const queued = all_queued(store);
  commit(store, sent(queued[0]), "2026-11-23");
  auto const fits = [&](Caps const& caps, std::string const& day) {
    try {
      commit(store, sent(queued[1]), day, caps);
    } catch (std::logic_error const&) {
      return false;
    }
    commit(store, refused(sent(queued[1])), day);
    return true;
  };
  Caps caps;
  SUBCASE("day") {
    caps.all.day = {{}, kPrice * 4};
    CHECK(fits(caps, "2026-11-23"));
    caps.all.day.cost = kPrice * 4 + Money{-1};
    CHECK_FALSE(fits(caps, "2026-11-23"));
    CHECK(fits(caps, "2026-11-24"));
  }
  SUBCASE("month") {
    caps.all.month = {3, {}};
    CHECK_FALSE(fits(caps, "2026-11-24"));
    CHECK(fits(caps, "2026-12-01"));
  }
  SUBCASE("submitter") {
    caps.submitter.day = {3, {}};
    CHECK_FALSE(fits(caps, "2026-11-23"));
    CHECK(fits(caps, "2026-11-24"));
    caps.submitter = {{}, {{}, kPrice * 4}};
    CHECK(fits(caps, "2026-11-24"));
    caps.submitter.month.cost = kPrice * 4 + Money{-1};
    CHECK_FALSE(fits(caps, "2026-11-24"));
    CHECK(fits(caps, "2026-12-01"));
  }
  SUBCASE("model") {
    caps.models["wan2.6-image"].day = {3, {}};
    CHECK_FALSE(fits(caps, "2026-11-23"));
    caps.models = {{"wan2.6-t2i", {{1, {}}, {}}}};
    CHECK(fits(caps, "2026-11-23"));
  }
  CHECK(place.findings().empty());
}

TEST_CASE("what exceeds a cap without being ordered is written all the same") {
  Place const place;
  auto& store = *place.store;
  take_in_with(store, "cats", "1", within({2, {}}), {job("a")});
  auto const task = all_queued(store)[0];
  commit(store, sent(task), "2026-11-23");
  commit(store, over(sent(task), 5), "2026-11-23");
  CHECK(store.standing("cats").counted.pictures == 5);
}

TEST_CASE("jobs that are over are counted, refills are not, and what is bought again is not over") {
  Place const place;
  auto& store = *place.store;
  take_in(store, "cats", jobs(3));
  auto const queued = all_queued(store);
  auto failed = sent(queued[0]);
  commit(store, failed, "2026-11-23");
  failed.state = State::Failed;
  failed.reserved = {};
  commit(store, failed, "2026-11-23");
  commit(store, over(sent(queued[1]), 2), "2026-11-23");
  Batch refill;
  refill.refills = {{queued[1].id, 1, 3, "refill", "{}"}};
  auto const made = store.commit(refill)[0];
  commit(store, lost(sent(made)), "2026-11-23");
  CHECK(store.standing("cats").outcomes == Outcomes{1, 1, 0});
  store.apply({"r", at(1), {}, {}, {}, {"cats"}});
  CHECK(store.standing("cats").outcomes == Outcomes{1, 1, 1});
  auto const again = store.begin_manifest(manifest("cats", "again"));
  store.add_jobs(again, jobs(3));
  store.publish_manifest(again, at(2));
  CHECK(store.standing("cats").outcomes == Outcomes{1, 0, 0});
  CHECK(place.findings().empty());
}

TEST_CASE("a manifest that nobody has dropped has no name and no terms") {
  Place const place;
  CHECK(place.store->standing("nobody") == Standing{});
}

TEST_CASE("a command that forgives has its effect once") {
  Place const place;
  auto& store = *place.store;
  take_in(store, "cats", jobs(2));
  auto const queued = all_queued(store);
  commit(store, lost(sent(queued[0])), "2026-11-23");
  store.apply({"r", at(1), {}, {}, {}, {"cats"}});
  commit(store, lost(sent(queued[1])), "2026-11-23");
  store.apply({"r", at(2), {}, {}, {}, {"cats"}});
  CHECK(store.standing("cats").outcomes == Outcomes{0, 2, 1});
}

TEST_CASE("a purchase that another manifest takes over takes what it has cost with it") {
  Place const place;
  auto& store = *place.store;
  take_in(store, "cats", {job("a")});
  take_in(store, "dogs", {job("rex", 1, "a")});
  commit(store, lost(sent(all_queued(store)[0])), "2026-11-23");
  CHECK(store.standing("cats").counted.pictures == 2);
  auto const gone = store.begin_manifest(manifest("cats", "gone"));
  store.add_jobs(gone, std::vector<NewJob>{job("other")});
  store.publish_manifest(gone, at(5));
  CHECK(store.standing("cats").counted.pictures + store.standing("dogs").counted.pictures == 2);
  CHECK(store.standing("cats").outcomes.failed + store.standing("dogs").outcomes.failed == 1);
  CHECK(place.findings().empty());
}

TEST_CASE("what has no room is left out of the queue, unless it is overdue") {
  Place const place;
  auto& store = *place.store;
  auto small = job("small");
  small.wanted = 1;
  Terms hurried;
  hurried.deadline = at(100);
  take_in_with(store, "cats", "1", hurried, {job("a"), small});
  take_in(store, "dogs", {job("rex")});
  auto const names = [&](Rooms const& rooms) {
    std::string all;
    for (auto const& each : store.queued("wan2.6-image", 10, {}, rooms)) all += each.name + " ";
    return all;
  };
  CHECK(names({}) == "cats/a cats/small dogs/rex ");
  CHECK(names({{1, {}}, {}, {}}) == "cats/small ");
  CHECK(names({{{}, kPrice}, {}, {}}) == "cats/small ");
  CHECK(names({{}, {{"cats", {1, {}}}}, {}}) == "cats/small dogs/rex ");
  CHECK(names({{}, {{"cats", {{}, Money{}}}, {"dogs", {2, {}}}}, {}}) == "dogs/rex ");
  CHECK(names({{0, {}}, {}, at(99)}) == "");
  CHECK(names({{0, {}}, {}, at(100)}) == "cats/a cats/small ");
  CHECK(names({}) == "cats/a cats/small dogs/rex ");
  CHECK(store.next_deadline(at(0)) == at(100));
  CHECK(store.next_deadline(at(100)) == Instant{});
}

TEST_CASE("what stops is told as it was written last") {
  Place const place;
  auto& store = *place.store;
  CHECK(store.stops().empty());
  Stop budget;
  budget.manifest = "fruit";
  budget.cap = {{}, Money{40'000'000}};
  budget.counted = {200, Money{40'000'000}};
  Stop day;
  day.scope = Stop::Scope::Day;
  day.model = "wan2.6-image";
  day.cap = {5, {}};
  day.until = at(7);
  Stop anna;
  anna.scope = Stop::Scope::Day;
  anna.submitter = kAnna;
  anna.cap = {5, {}};
  Stop failures;
  failures.scope = Stop::Scope::Failures;
  failures.manifest = "nuts";
  failures.failed = 3;
  failures.finished = 60;
  failures.most = {2, true};
  Batch batch;
  batch.stops = {budget, anna, day, failures};
  store.commit(batch);
  store.commit({{}, {}, {}, {}, {}, {{"a", "b"}}});
  CHECK(store.stops() == std::vector{budget, anna, day, failures});
  CHECK(open_reader(place.file)->stops() == store.stops());
  batch.stops = std::vector<Stop>{};
  store.commit(batch);
  CHECK(store.stops().empty());
}

namespace {

bool holds(Budget const& cap, Counted const& counted) {
  return (!cap.pictures || counted.pictures <= *cap.pictures) && (!cap.cost || counted.cost <= *cap.cost);
}

void check_purse(Purse const& purse, Spent const& spent, std::optional<std::string> const& account) {
  CHECK(holds(purse.all.day, sum_of(spent.day, {}, account)));
  CHECK(holds(purse.all.month, sum_of(spent.month, {}, account)));
  for (auto const& [model, caps] : purse.models) {
    CHECK(holds(caps.day, sum_of(spent.day, model, account)));
    CHECK(holds(caps.month, sum_of(spent.month, model, account)));
  }
}

// Some of these stop most of what is tried, and each leaves something to the others.
Caps tight_caps() {
  Caps caps;
  caps.all.month = {18, {}};
  caps.submitter = {{6, {}}, {{}, kPrice * 11}};
  caps.models["wan2.6-t2i"].day = {6, {}};
  caps.accounts[""].all.day = {{}, kPrice * 7};
  caps.accounts["studio"].all.day = {5, {}};
  caps.accounts["studio"].models["wan2.6-image"].month = {8, {}};
  caps.accounts["lab"].models["wan2.6-t2i"].month = {{}, kPrice * 3};
  return caps;
}

}  // namespace

TEST_CASE("whatever is committed in whatever order, caps of all, of each account and of each person hold") {
  auto const caps = tight_caps();
  std::string const accounts[] = {"", "studio", "lab"};
  std::string const days[] = {"2026-11-29", "2026-11-30", "2026-12-01"};
  int bought = 0, refusals = 0;
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    Place const place;
    auto& store = *place.store;
    std::mt19937 dice{seed};
    auto others = jobs(16);
    for (std::size_t i = 0; i < others.size(); ++i) {
      others[i].wanted = 1 + static_cast<int>(i) % 3;
      if (i % 2 == 0) others[i].model = "wan2.6-t2i";
    }
    std::vector<NewJob> const annas{others.begin(), others.begin() + 9},
        bens{others.begin() + 9, others.end()};
    take_in_of(store, kAnna, "cats", annas);
    take_in_of(store, kBen, "dogs", bens);
    std::vector<Task> tasks;
    for (auto const& each : annas) tasks.push_back(store.wanted("cats/" + each.name)->task);
    for (auto const& each : bens) tasks.push_back(store.wanted("dogs/" + each.name)->task);
    for (int step = 0; step < 100; ++step) {
      auto& task = tasks[dice() % tasks.size()];
      auto const& day = days[dice() % 3];
      auto after = task;
      if (task.state == State::Queued) {
        after = sent(task);
        after.account = accounts[dice() % 3];
        // The store is the last to look, and sees what whoever plans has seen.
        auto const stop =
            what_stops(after, caps, store.standing(task.name.substr(0, 4)), store.spent_on(day));
        try {
          commit(store, after, day, caps);
          CHECK_FALSE(stop);
          ++bought;
        } catch (std::logic_error const&) {
          CHECK(stop);
          ++refusals;
          continue;
        }
      } else if (task.state == State::Submitting) {
        auto const fate = dice() % 4;
        if (fate == 0) {
          after = over(task, 1);
        } else {
          after = refused(task);
          // It may have been paid for, and is bought again.
          if (fate == 1) after.uncertain += task.reserved;
        }
        commit(store, after, day, caps);
      }
      task = after;
      for (auto const& each : days) {
        auto const spent = store.spent_on(each);
        check_purse(caps, spent, {});
        for (auto const person : {kAnna, kBen}) {
          CHECK(holds(caps.submitter.day, sum_of(spent.day_by, person)));
          CHECK(holds(caps.submitter.month, sum_of(spent.month_by, person)));
        }
        for (auto const& [account, purse] : caps.accounts) check_purse(purse, spent, account);
      }
    }
    for (auto const& finding : place.findings()) CHECK(finding == "");
  }
  CHECK(bought > 100);
  CHECK(refusals > 100);
}

TEST_CASE("after any history the sums are those of the tasks and of the ledger") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Place const place;
    auto& store = *place.store;
    std::mt19937 dice{seed};
    auto free = job("free");
    free.price = {};
    auto several = jobs(8);
    several.push_back(free);
    take_in(store, "cats", several);
    take_in_of(store, kAnna, "dogs", {job("x", 1, "1"), job("y", 2, "2"), job("z")});
    auto tasks = all_queued(store);
    for (int step = 0; step < 60; ++step) {
      auto& task = tasks[dice() % tasks.size()];
      auto const day = "2026-11-" + std::to_string(20 + dice() % 9);
      if (task.state == State::Queued) {
        task = sent(task);
        task.account = dice() % 2 == 0 ? "" : "studio";
      } else if (task.state == State::Submitting)
        task = dice() % 3 == 0 ? refused(task) : dice() % 2 == 0 ? over(task, dice() % 3) : lost(task);
      else
        task.uncertain = std::exchange(task.spent, {});
      commit(store, task, day);
    }
    for (auto const& finding : place.findings()) CHECK(finding == "");
  }
}

TEST_CASE("a purchase counts for the owner of the name that it is bought in, and not for who shares it") {
  Place const place;
  auto& store = *place.store;
  take_in_of(store, kAnna, "cats", {job("a")});
  take_in_of(store, kBen, "dogs", {job("rex", 1, "a"), job("bello")});
  commit(store, sent(store.wanted("dogs/rex")->task), "2026-11-23");
  CHECK(of_day(store, "2026-11-23", kAnna) == Counted{2, kPrice * 2});
  CHECK(of_day(store, "2026-11-23", kBen) == Counted{});
  commit(store, sent(store.wanted("dogs/bello")->task), "2026-11-24");
  CHECK(of_day(store, "2026-11-24", kBen) == Counted{2, kPrice * 2});
  CHECK(sum_of(store.spent_on("2026-11-24").month_by, kAnna) == Counted{2, kPrice * 2});
  auto const rows = open_reader(place.file)->ledger(LedgerBy::Submitter);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].key == "3001");
  CHECK(rows[0].reserved == kPrice * 2);
  CHECK(rows[1].key == "3002");
  CHECK(place.findings().empty());
}

TEST_CASE("what was charged in a person's name stays there when somebody else takes the purchase over") {
  Place const place;
  auto& store = *place.store;
  take_in_of(store, kAnna, "cats", {job("a")});
  take_in_of(store, kBen, "dogs", {job("rex", 1, "a")});
  auto task = sent(store.wanted("cats/a")->task);
  commit(store, task, "2026-11-23");
  task = refused(task);
  task.uncertain = kPrice * 2;
  commit(store, task, "2026-11-23");
  take_in_of(store, kAnna, "cats", {job("other")}, "2");
  CHECK(store.wanted("dogs/rex")->task.name == "dogs/rex");
  CHECK(of_day(store, "2026-11-23", kAnna) == Counted{2, kPrice * 2});
  CHECK(of_day(store, "2026-11-23", kBen) == Counted{});
  commit(store, sent(store.wanted("dogs/rex")->task), "2026-11-23");
  CHECK(of_day(store, "2026-11-23", kAnna) == Counted{2, kPrice * 2});
  CHECK(of_day(store, "2026-11-23", kBen) == Counted{2, kPrice * 2});
  CHECK(place.findings().empty());
}

TEST_CASE("an orphan counts for no person, and then for whoever adopts it, on its own day") {
  Place const place;
  auto& store = *place.store;
  take_in_of(store, kAnna, "cats", {job("a")});
  auto held = sent(all_queued(store)[0]);
  held.state = State::Held;
  commit(store, held, "2026-11-23");
  Batch batch;
  batch.day = "2026-11-24";
  batch.orphans = {{{"O", "", "wan2.6-image", "", "", "", at(1)}, at(1), kPrice, 1, {held.id}}};
  store.commit(batch);
  CHECK(store.spent_on("2026-11-24").day_by.empty());
  auto const rows = open_reader(place.file)->ledger(LedgerBy::Submitter);
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].key == "orphans");
  CHECK(rows[1].reserved == kPrice);
  store.apply({"c", at(9), {}, {{"cats/a", "O", "", at(1)}}});
  CHECK(of_day(store, "2026-11-23", kAnna) == Counted{});
  CHECK(of_day(store, "2026-11-24", kAnna) == Counted{1, kPrice});
  CHECK(place.findings().empty());
}

TEST_CASE("what has no room under its owner's cap is left out of the queue, and others' jobs are not") {
  Place const place;
  auto& store = *place.store;
  auto small = job("small");
  small.wanted = 1;
  take_in_of(store, kAnna, "cats", {job("a"), small});
  take_in_of(store, kBen, "dogs", {job("rex")});
  take_in(store, "birds", {job("tit")});
  auto const names = [&](std::map<std::int64_t, Budget> const& rooms) {
    std::string all;
    Rooms its;
    its.submitters = rooms;
    for (auto const& each : store.queued("wan2.6-image", 10, {}, its)) all += each.name + " ";
    return all;
  };
  CHECK(names({}) == "cats/a cats/small dogs/rex birds/tit ");
  CHECK(names({{kAnna, {0, {}}}}) == "dogs/rex birds/tit ");
  CHECK(names({{kAnna, {1, {}}}, {kBen, {{}, kPrice}}}) == "cats/small birds/tit ");
  CHECK(names({{kUnknownSubmitter, {0, {}}}}) == "cats/a cats/small dogs/rex ");
}
