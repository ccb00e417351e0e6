#include "engine/chains.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/sha256.h"
#include "engine/expand.h"

// Jobs that are made from other jobs' pictures get their fingerprints from theirs.
TEST_SUITE_BEGIN("engine");

using namespace wanspool;

namespace {

NewJob plain(std::string const& name) {
  NewJob row;
  row.name = name;
  row.fingerprint = sha256_hex(name);
  row.body = "{}";
  return row;
}

NewJob made_from(std::string const& name, std::vector<std::string> const& sources) {
  NewJob row;
  row.name = name;
  row.body = R"({"input":{"messages":[{"content":[{"text":")" + name + R"("})";
  for (auto const& each : sources) {
    row.body += R"(,{"image":"job:)" + each + R"(#2"})";
    row.sources.push_back({each, {}});
  }
  row.body += R"(],"role":"user"}]},"model":"m","parameters":{}})";
  return row;
}

// The rows in the order in which they are handed on.
std::vector<NewJob> through(std::vector<NewJob> const& rows, Chains::BoughtFor const& bought_for = {}) {
  std::vector<std::uint64_t> sources;
  for (auto const& row : rows)
    for (auto const& each : row.sources) sources.push_back(std::hash<std::string>{}(each.job));
  std::sort(sources.begin(), sources.end());
  sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
  Chains chains{sources, bought_for};
  std::vector<NewJob> out;
  for (auto const& row : rows) chains.add(row, [&](NewJob&& each) { out.push_back(std::move(each)); });
  CHECK(chains.complete());
  return out;
}

std::string names(std::vector<NewJob> const& rows) {
  std::string text;
  for (auto const& row : rows) text += row.name + " ";
  return text;
}

NewJob const& find(std::vector<NewJob> const& rows, std::string const& name) {
  return *std::find_if(rows.begin(), rows.end(), [&](auto const& row) { return row.name == name; });
}

}  // namespace

TEST_CASE("rows come in their order, and what is made from a later one right after that") {
  CHECK(names(through({plain("a"), made_from("b", {"a"}), plain("c")})) == "a b c ");
  CHECK(names(through({made_from("b", {"a"}), plain("x"), plain("a"), plain("c")})) == "x a b c ");
  CHECK(names(through({made_from("c", {"b"}), made_from("b", {"a"}), plain("a")})) == "a b c ");
  CHECK(names(through({made_from("c", {"a", "b"}), plain("a"), plain("b")})) == "a b c ");
  CHECK(names(through({made_from("c", {"a", "a"}), plain("a")})) == "a c ");
}

TEST_CASE("its body names its source by what that is") {
  auto const rows = through({plain("a"), made_from("b", {"a"})});
  auto const a = sha256_hex("a");
  CHECK(find(rows, "b").body.find("\"job:" + a + "#2\"") != std::string::npos);
  CHECK(find(rows, "b").sources.at(0).fingerprint == a);
}

TEST_CASE("its fingerprint follows from its source's, through all of a chain, and from nothing else") {
  std::vector<NewJob> const rows{plain("a"), made_from("b", {"a"}), made_from("c", {"b"})};
  auto const one = through(rows), again = through({rows[2], rows[1], rows[0]});
  CHECK(find(one, "c").fingerprint == find(again, "c").fingerprint);
  auto changed = rows;
  changed[0].fingerprint = sha256_hex("another");
  auto const other = through(changed);
  CHECK(find(one, "b").fingerprint != find(other, "b").fingerprint);
  CHECK(find(one, "c").fingerprint != find(other, "c").fingerprint);
}

TEST_CASE("a source that was bought anew changes what is made from it") {
  std::vector<NewJob> const rows{plain("a"), made_from("b", {"a"}), made_from("c", {"b"})};
  auto const bought_for = [](std::string const& job, std::string const& asked) {
    return job == "a" && asked == sha256_hex("a") ? sha256_hex("second take") : std::string{};
  };
  auto const rebought = through(rows, bought_for);
  CHECK(find(rebought, "b").sources.at(0).fingerprint == sha256_hex("second take"));
  CHECK(find(rebought, "c").fingerprint != find(through(rows), "c").fingerprint);
}

TEST_CASE("a seed is given to it as to any other job, and a second take is another one") {
  auto second = made_from("b", {"a"});
  second.take = 2;
  auto const first = find(through({plain("a"), made_from("b", {"a"})}), "b");
  auto const other = find(through({plain("a"), second}), "b");
  CHECK(first.body.find("\"seed\":") != std::string::npos);
  CHECK(other.base == first.fingerprint);
  CHECK(other.fingerprint == take_fingerprint(first.fingerprint, 2));
  CHECK(other.body != first.body);
}

TEST_CASE("of what must wait for its source no more is kept than fits into memory") {
  auto const source = std::hash<std::string>{}("a");
  Chains chains{{source}, {}};
  auto const add = [&](int count) {
    for (int i = 0; i < count; ++i) chains.add(made_from("b" + std::to_string(i), {"a"}), [](NewJob&&) {});
  };
  add(10'000);
  CHECK_THROWS_AS(add(1), Chains::Overfull);
}
