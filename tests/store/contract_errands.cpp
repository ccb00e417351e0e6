#include <doctest/doctest.h>

#include "store/contract.h"
#include "store/support.h"

namespace wanspool {
namespace {

using Verb = Errand::Verb;
using Words = std::vector<std::string>;

Task in_state(Store& store, std::string const& name, State state) {
  auto task = store.wanted(name)->task;
  task.state = state;
  task.reserved = task.spent = {};
  if (state == State::Submitting || state == State::Submitted || state == State::Running ||
      state == State::Held)
    task.reserved = task.price * task.wanted;
  if (state == State::Submitted || state == State::Running || state == State::Downloading)
    task.task_id = "id-" + name;
  if (state == State::Done || state == State::Downloading) task.spent = task.price * task.wanted;
  store.commit({{task}, {}});
  return store.wanted(name)->task;
}

ErrandLog run(Store& store, Errand const& errand, std::size_t rows = 100) {
  ErrandLog log;
  for (int pieces = 0; !log.done; ++pieces) {
    REQUIRE(pieces < 10'000);
    store.run_errand(errand, log, rows, at(50));
  }
  return log;
}

Errand errand(Verb verb, Words words) {
  static int ids = 0;
  return {"errand-" + std::to_string(++ids), verb, std::move(words)};
}

State state_of(Store& store, std::string const& name) {
  auto const slash = name.find('/');
  return store.job(name.substr(0, slash), name.substr(slash + 1))->task.state;
}

Wish wish_of(Store& store, std::string const& name) {
  auto const slash = name.find('/');
  return store.job(name.substr(0, slash), name.substr(slash + 1))->wish;
}

Words names_of(std::vector<Task> const& tasks) {
  Words names;
  for (auto const& each : tasks) names.push_back(each.name);
  return names;
}

void cancels(OpenStore const& open) {
  auto store = open();
  take_in(*store, "cats", {job("a", 1), job("b", 2), job("c", 3)});

  SUBCASE("what waits is stopped at once, and again is nothing") {
    auto const log = run(*store, errand(Verb::Cancel, {"cats/a"}));
    CHECK(log.changed == 1);
    CHECK(state_of(*store, "cats/a") == State::Canceled);
    CHECK(names_of(all_queued(*store)) == Words{"cats/b", "cats/c"});
    CHECK(store->tally()[State::Canceled] == 1);
    auto const again = run(*store, errand(Verb::Cancel, {"cats/a"}));
    CHECK(again.changed == 0);
    CHECK(again.over == 1);
  }
  SUBCASE("an id is remembered with the last piece, and does nothing by itself twice") {
    auto const wish = errand(Verb::Cancel, {"cats"});
    ErrandLog log;
    store->run_errand(wish, log, 1, at(50));
    CHECK_FALSE(store->has_had_effect(wish.id));
    CHECK_FALSE(log.done);
    CHECK(run(*store, wish, 1).changed < 3);  // begun anew after a stop
    CHECK(store->has_had_effect(wish.id));
    CHECK(store->tally()[State::Canceled] == 3);
  }
  SUBCASE("what was sent is counted with its cost and wished away, but stays what it is") {
    in_state(*store, "cats/a", State::Submitting);
    in_state(*store, "cats/b", State::Submitted);
    in_state(*store, "cats/c", State::Running);
    CHECK(store->canceled().empty());
    auto const log = run(*store, errand(Verb::Cancel, {"cats"}));
    CHECK(log.changed == 0);
    CHECK(log.unanswered == 1);
    CHECK(log.asked == 1);
    CHECK(log.drawn == 1);
    CHECK(log.asked_cost == Money{400'000});
    CHECK(log.under_way);
    CHECK(store->canceled().size() == 3);
    CHECK(state_of(*store, "cats/b") == State::Submitted);
    CHECK(store->tally().reserved == Money{1'200'000});
  }
  SUBCASE("what comes anyway is done, and wished for again") {
    auto task = in_state(*store, "cats/a", State::Running);
    run(*store, errand(Verb::Cancel, {"cats/a"}));
    task.state = State::Done;
    task.spent = task.reserved;
    task.reserved = {};
    store->commit({{task}, {}});
    CHECK(state_of(*store, "cats/a") == State::Done);
    CHECK(wish_of(*store, "cats/a") == Wish::Wanted);
  }
  SUBCASE("what is paid, over or in a person's hands is left alone") {
    in_state(*store, "cats/a", State::Done);
    in_state(*store, "cats/b", State::Failed);
    in_state(*store, "cats/c", State::Held);
    auto const log = run(*store, errand(Verb::Cancel, {"**"}));
    CHECK(log.paid == 1);
    CHECK(log.over == 1);
    CHECK(log.held == 1);
    CHECK(log.changed == 0);
    CHECK(state_of(*store, "cats/c") == State::Held);
  }
  SUBCASE("one job's cancel stops nobody else's") {
    take_in(*store, "dogs", {job("rex", 1, "a")});
    auto const log = run(*store, errand(Verb::Cancel, {"cats/a"}));
    CHECK(log.changed == 1);
    CHECK(log.shared == 1);
    CHECK(state_of(*store, "cats/a") == State::Canceled);
    CHECK(state_of(*store, "dogs/rex") == State::Queued);
    CHECK(all_queued(*store).size() == 3);
    CHECK(store->wanted("dogs/rex")->task.name == "dogs/rex");  // it is bought in its name from now on
    SUBCASE("and the last one's ends the purchase") {
      CHECK(run(*store, errand(Verb::Cancel, {"dogs"})).shared == 0);
      CHECK(state_of(*store, "dogs/rex") == State::Canceled);
      CHECK(all_queued(*store).size() == 2);
    }
    SUBCASE("whoever is canceled gets no copy, until it is retried") {
      in_state(*store, "dogs/rex", State::Done);
      CHECK(state_of(*store, "cats/a") == State::Canceled);
      CHECK(store->undelivered(9).empty());
      CHECK(run(*store, errand(Verb::Retry, {"cats/a"})).changed == 1);
      CHECK(store->undelivered(9).size() == 1);
      CHECK(store->tally()[State::Queued] == 2);
    }
    SUBCASE("dropped again it is wanted again") {
      take_in(*store, "cats", {job("a", 1), job("b", 2), job("c", 3)});
      CHECK(state_of(*store, "cats/a") == State::Queued);
      CHECK(run(*store, errand(Verb::Cancel, {"dogs"})).shared == 1);
      CHECK(all_queued(*store).size() == 3);
    }
  }
  SUBCASE("what was sent for two is canceled when nobody wants it any more") {
    take_in(*store, "dogs", {job("rex", 1, "a")});
    in_state(*store, "cats/a", State::Submitted);
    run(*store, errand(Verb::Cancel, {"cats/a"}));
    CHECK(store->canceled().empty());
    run(*store, errand(Verb::Cancel, {"dogs/rex"}));
    CHECK(store->canceled().size() == 1);
    take_in(*store, "birds", {job("tit", 1, "a")});
    CHECK(store->canceled().empty());
  }
  SUBCASE("a retired job's purchase that is on its way finishes") {
    in_state(*store, "cats/a", State::Submitted);
    take_in(*store, "cats", {job("b", 1)});
    CHECK(run(*store, errand(Verb::Cancel, {"cats/a"})).over == 1);
    CHECK(store->canceled().empty());
  }
}

void retries(OpenStore const& open) {
  auto store = open();
  take_in(*store, "cats", {job("a", 1), job("b", 2), job("c", 3)});

  SUBCASE("what failed or was canceled and cost nothing is queued again, whatever its reason") {
    auto failed = in_state(*store, "cats/a", State::Failed);
    failed.error.code = "DataInspectionFailed";
    store->commit({{failed}, {}});
    run(*store, errand(Verb::Cancel, {"cats/b"}));
    auto const log = run(*store, errand(Verb::Retry, {"cats"}));
    CHECK(log.changed == 2);
    CHECK(log.over == 1);
    CHECK(all_queued(*store).size() == 3);
    CHECK(wish_of(*store, "cats/b") == Wish::Wanted);
    CHECK(store->wanted("cats/a")->task.error == Trouble{});
  }
  SUBCASE("what was paid for, or may be, and not delivered is refused") {
    for (auto const* name : {"cats/a", "cats/b"}) {
      auto task = in_state(*store, name, State::Failed);
      (name[5] == 'a' ? task.spent : task.uncertain) = Money{1};
      store->commit({{task}, {}});
    }
    auto const log = run(*store, errand(Verb::Retry, {"cats"}));
    CHECK(log.lost == 2);
    CHECK(log.examples == Words{"cats/a", "cats/b"});
    CHECK(log.changed == 0);
  }
  SUBCASE("what is done, held or under way is not paid for again") {
    in_state(*store, "cats/a", State::Done);
    in_state(*store, "cats/b", State::Held);
    in_state(*store, "cats/c", State::Running);
    auto const log = run(*store, errand(Verb::Retry, {"cats"}));
    CHECK(log.paid == 1);
    CHECK(log.held == 1);
    CHECK(log.over == 1);
    CHECK(all_queued(*store).empty());
  }
  SUBCASE("failed ones alone, and all of the spool's without words") {
    in_state(*store, "cats/a", State::Failed);
    run(*store, errand(Verb::Cancel, {"cats/b"}));
    auto wish = errand(Verb::Retry, {"cats"});
    wish.failed = true;
    SUBCASE("of some") {
      CHECK(run(*store, wish).changed == 1);
    }
    SUBCASE("of all, in pieces") {
      in_state(*store, "cats/c", State::Failed);
      wish.words.clear();
      CHECK(run(*store, wish, 1).changed == 2);
    }
    CHECK(state_of(*store, "cats/b") == State::Canceled);
  }
  SUBCASE("a wish to cancel what was sent is taken back") {
    in_state(*store, "cats/a", State::Submitted);
    run(*store, errand(Verb::Cancel, {"cats/a"}));
    CHECK(store->canceled().size() == 1);
    auto const log = run(*store, errand(Verb::Retry, {"cats/a"}));
    CHECK(log.changed == 1);
    CHECK(log.under_way);
    CHECK(store->canceled().empty());
  }
}

void pauses(OpenStore const& open) {
  auto store = open();
  take_in(*store, "cats", {job("a", 1), job("b", 2)});

  SUBCASE("what is paused is not in line, and is again when it is resumed") {
    CHECK(run(*store, errand(Verb::Pause, {"cats/a"})).changed == 1);
    CHECK(names_of(all_queued(*store)) == Words{"cats/b"});
    CHECK(store->tally()[State::Queued] == 2);
    CHECK(wish_of(*store, "cats/a") == Wish::Paused);
    CHECK(run(*store, errand(Verb::Pause, {"cats/a"})).over == 1);
    CHECK(run(*store, errand(Verb::Resume, {"cats"})).changed == 1);
    CHECK(all_queued(*store).size() == 2);
  }
  SUBCASE("dropping the manifest again does not resume it, not even with another request") {
    run(*store, errand(Verb::Pause, {"cats"}));
    take_in(*store, "cats", {job("a", 1), job("b", 2, "another"), job("new", 3)});
    CHECK(names_of(all_queued(*store)) == Words{"cats/new"});
    CHECK(run(*store, errand(Verb::Resume, {"cats"})).changed == 2);
    CHECK(all_queued(*store).size() == 3);
  }
  SUBCASE("a purchase is paused when all that want it are") {
    take_in(*store, "dogs", {job("rex", 1, "a")});
    CHECK(run(*store, errand(Verb::Pause, {"cats/a"})).shared == 1);
    CHECK(all_queued(*store).size() == 2);
    run(*store, errand(Verb::Pause, {"dogs"}));
    CHECK(all_queued(*store).size() == 1);
    SUBCASE("and one that comes resumes it") {
      take_in(*store, "birds", {job("tit", 1, "a")});
      CHECK(all_queued(*store).size() == 2);
      run(*store, errand(Verb::Cancel, {"birds"}));
      CHECK(all_queued(*store).size() == 1);
    }
  }
  SUBCASE("what is on its way goes on, and waits when it comes back unbought") {
    auto task = in_state(*store, "cats/a", State::Submitting);
    CHECK(run(*store, errand(Verb::Pause, {"cats/a"})).asked == 1);
    task.state = State::Queued;
    task.reserved = {};
    store->commit({{task}, {}});
    CHECK(names_of(all_queued(*store)) == Words{"cats/b"});
  }
  SUBCASE("a refill of a paused job waits too") {
    auto task = in_state(*store, "cats/a", State::Downloading);
    run(*store, errand(Verb::Pause, {"cats/a"}));
    store->commit({.tasks = {}, .lanes = {}, .refills = {{task.id, 1, 2, "refill", "{}"}}});
    CHECK(names_of(all_queued(*store)) == Words{"cats/b"});
    run(*store, errand(Verb::Resume, {"cats/a"}));
    CHECK(all_queued(*store).size() == 2);
  }
}

void words(OpenStore const& open) {
  auto store = open();
  take_in(*store, "cats", {job("hero", 1), job("hero-2", 2), job("hero/1", 3), job("hero/x/1", 4)});
  take_in(*store, "cats-2", {job("hero", 1, "other")});
  auto const stopped = [&](Words given) {
    std::vector<std::string> names;
    run(*store, errand(Verb::Cancel, std::move(given)), 2);
    for (auto const* manifest : {"cats", "cats-2"})
      store->jobs(manifest, [&](JobRow const& row) {
        if (row.task.state == State::Canceled) names.push_back(row.manifest + "/" + row.job);
        return true;
      });
    return names;
  };

  SUBCASE("a name means its job and all below it") {
    CHECK(stopped({"cats/hero"}) == Words{"cats/hero", "cats/hero/1", "cats/hero/x/1"});
  }
  SUBCASE("a manifest means its jobs and no other's") {
    CHECK(stopped({"cats"}).size() == 4);
  }
  SUBCASE("a star is within a part, two go across") {
    CHECK(stopped({"cats/hero/*"}) == Words{"cats/hero/1"});
    CHECK(stopped({"cats/hero/**"}) == Words{"cats/hero/1", "cats/hero/x/1"});
  }
  SUBCASE("a star may stand in the manifest's part") {
    CHECK(stopped({"cats*/hero"}) == Words{"cats/hero", "cats-2/hero"});
  }
  SUBCASE("all of them") {
    CHECK(stopped({"**"}).size() == 5);
  }
  SUBCASE("a word that means nothing is told of, and the others count") {
    auto const log = run(*store, errand(Verb::Cancel, {"nobody", "cats-2", "cats/her", "x*"}));
    CHECK(log.strange == Words{"nobody", "cats/her", "x*"});
    CHECK(log.changed == 1);
  }
}

}  // namespace

void contract_of_errands(OpenStore const& open) {
  SUBCASE("cancel") {
    cancels(open);
  }
  SUBCASE("retry") {
    retries(open);
  }
  SUBCASE("pause and resume") {
    pauses(open);
  }
  SUBCASE("words") {
    words(open);
  }
  SUBCASE("priority goes for what waits, until its manifest says otherwise") {
    auto store = open();
    take_in(*store, "cats", {job("a", 1), job("b", 2)});
    auto wish = errand(Verb::Priority, {"cats/b"});
    wish.priority = Priority::High;
    CHECK(run(*store, wish).changed == 1);
    CHECK(names_of(all_queued(*store)) == Words{"cats/b", "cats/a"});
    auto low = manifest("cats", "low");
    low.terms.priority = Priority::Low;
    auto const id = store->begin_manifest(low);
    store->add_jobs(id, std::vector{job("a", 1), job("b", 2)});
    store->publish_manifest(id, at(9));
    CHECK(names_of(all_queued(*store)) == Words{"cats/a", "cats/b"});
  }
}

}  // namespace wanspool
