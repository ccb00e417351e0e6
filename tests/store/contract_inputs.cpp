#include <doctest/doctest.h>

#include "store/contract.h"
#include "store/support.h"

namespace wanspool {
namespace {

// A job that is made from pictures of others.
NewJob made_from(std::string const& name, std::vector<NewJob> const& sources) {
  auto follower = job(name);
  follower.inputs = kJobInput;
  for (auto const& each : sources) follower.sources.push_back({each.name, each.fingerprint});
  return follower;
}

void end(Store& store, std::string const& name, State state, std::vector<NewRefill> refills = {}) {
  auto task = store.wanted(name)->task;
  task.state = state;
  if (state == State::Done) task.pictures = {{1, "", at(9), "image-1.png", "sha", 5, 6, 7, 0, ""}};
  store.commit({{task}, {}, {}, std::move(refills)});
}

std::vector<std::string> queued_names(Store& store) {
  std::vector<std::string> names;
  for (auto const& each : all_queued(store)) names.push_back(each.name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

void contract_of_inputs(OpenStore const& open) {
  auto store = open();

  SUBCASE("a job waits for those that it is made from, and for theirs") {
    auto const a = job("a"), b = job("b");
    auto const c = made_from("c", {a, b}), d = made_from("d", {c});
    take_in(*store, "m", {d, c, b, a});
    CHECK(queued_names(*store) == Names{"m/b", "m/a"});
    end(*store, "m/a", State::Done);
    CHECK(queued_names(*store) == Names{"m/b"});
    end(*store, "m/b", State::Done);
    CHECK(queued_names(*store) == Names{"m/c"});
    end(*store, "m/c", State::Failed);
    CHECK(queued_names(*store) == Names{"m/d"});
  }
  SUBCASE("it waits as long as nobody can tell what became of its source") {
    auto const a = job("a");
    take_in(*store, "m", {a, made_from("b", {a})});
    for (auto const state : {State::Submitting, State::Running, State::Downloading, State::Held}) {
      end(*store, "m/a", state);
      CHECK(queued_names(*store).empty());
    }
    end(*store, "m/a", State::Canceled);
    CHECK(queued_names(*store) == Names{"m/b"});
  }
  SUBCASE("it waits for the refills of its source as well") {
    auto const a = job("a");
    take_in(*store, "m", {a, made_from("b", {a})});
    auto const root = store->wanted("m/a")->task.id;
    end(*store, "m/a", State::Done, {{root, 1, 2, "refill", "{}"}});
    auto refill = store->refills_of(root).at(0);
    CHECK(queued_names(*store) == Names{"m/a"});
    refill.state = State::Done;
    store->commit({{refill}, {}});
    CHECK(queued_names(*store) == Names{"m/b"});
    CHECK(store->purchase(a.fingerprint).size() == 2);
  }
  SUBCASE("another take waits as the first one did") {
    auto const a = job("a");
    take_in(*store, "m", {a, made_from("b", {a})});
    end(*store, "m/b", State::Failed);
    store->apply({"c", at(1), {{"m/b", 2, "another", "{}"}}, {}});
    CHECK(queued_names(*store) == Names{"m/a"});
    CHECK(store->wanted("m/b")->task.inputs == kJobInput);
    end(*store, "m/a", State::Done);
    CHECK(queued_names(*store) == Names{"m/b"});
  }
  SUBCASE("what was bought for a request is told by the job and the request") {
    auto const a = job("a");
    take_in(*store, "m", {a});
    CHECK(store->bought_for("m", "a", a.fingerprint) == a.fingerprint);
    CHECK(store->bought_for("m", "a", "other").empty());
    CHECK(store->bought_for("m", "b", a.fingerprint).empty());
    end(*store, "m/a", State::Done);
    store->apply({"c", at(1), {{"m/a", 2, "another", "{}"}}, {}});
    CHECK(store->bought_for("m", "a", a.fingerprint) == "another");
  }
  SUBCASE("an upload is known for its model and account until it dies or is forgotten") {
    Upload const first{"acc", "wan", "sha", "oss://1", at(0)};
    Batch batch;
    batch.uploads = {first};
    store->commit(batch);
    store = nullptr;
    store = open();
    CHECK(store->upload("acc", "wan", "sha") == first);
    CHECK_FALSE(store->upload("other", "wan", "sha").has_value());
    CHECK_FALSE(store->upload("acc", "qwen", "sha").has_value());
    CHECK_FALSE(store->upload("acc", "wan", "shb").has_value());
    batch.uploads = {{"acc", "wan", "shb", "oss://2", at(48 * 3600 + 1)}};
    store->commit(batch);
    CHECK_FALSE(store->upload("acc", "wan", "sha").has_value());
    batch.uploads = {{"acc", "wan", "shb", "", at(48 * 3600 + 2)}};
    store->commit(batch);
    CHECK_FALSE(store->upload("acc", "wan", "shb").has_value());
  }
  SUBCASE("what one account has uploaded is neither found for another nor forgotten with the other's") {
    Batch batch;
    batch.uploads = {{"", "wan", "sha", "oss://1", at(0)}};
    store->commit(batch);
    CHECK(store->upload("", "wan", "sha")->address == "oss://1");
    CHECK_FALSE(store->upload("acc", "wan", "sha"));
    batch.uploads = {{"acc", "wan", "sha", "oss://2", at(1)}};
    store->commit(batch);
    CHECK(store->upload("", "wan", "sha")->address == "oss://1");
    CHECK(store->upload("acc", "wan", "sha")->address == "oss://2");
    batch.uploads = {{"", "wan", "sha", "", at(2)}};
    store->commit(batch);
    CHECK_FALSE(store->upload("", "wan", "sha"));
    CHECK(store->upload("acc", "wan", "sha")->address == "oss://2");
  }
  SUBCASE("the file of an address is its newest") {
    Batch batch;
    batch.fetched = {{"http://a", "1.png", at(0)}, {"http://a", "2.png", at(1)}};
    store->commit(batch);
    CHECK(store->fetched("http://a") == Fetched{"http://a", "2.png", at(1)});
    CHECK_FALSE(store->fetched("http://b").has_value());
  }
  SUBCASE("'fetch' is a term like the others: it holds at once") {
    auto web = job("a");
    web.inputs = kWebInput;
    take_in(*store, "m", {web});
    CHECK_FALSE(all_queued(*store).at(0).brings_inputs());
    auto row = manifest("m", "again");
    row.terms.fetch = FetchInputs::Always;
    auto const id = store->begin_manifest(row);
    store->add_jobs(id, std::vector{web});
    store->publish_manifest(id, at(1));
    CHECK(all_queued(*store).at(0).brings_inputs());
  }
}

}  // namespace wanspool
